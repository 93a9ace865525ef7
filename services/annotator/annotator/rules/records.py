"""Rules of the eight fixed columns."""

from annotator.rules.rule import ALL, FROM_3, Rule, Verdict

_KEPT = "the record comes back as it was"
_NOT_JUDGED = "the record is kept and not annotated; the others are annotated"

COLUMNS = Rule(
    "columns",
    ALL,
    "Every record has as many columns as the line `#CHROM`, between tabs.",
    Verdict.REFUSED,
    "which column is which could not be told",
)
EMPTY_COLUMN = Rule(
    "empty-column",
    ALL,
    "No column is empty; what is missing is a dot.",
    Verdict.REFUSED,
    "no program would read the result",
)
HEADER_LINE_BELOW = Rule(
    "header-line-below",
    ALL,
    "Header lines are above the records.",
    Verdict.REFUSED,
    "two files may have been joined, whose columns differ",
)
NUL = Rule("nul", ALL, "There is no NUL byte.", Verdict.REFUSED, "the file is damaged")
EMPTY_LINE = Rule(
    "empty-line",
    ALL,
    "There is no empty line before a record.",
    Verdict.NOTED,
    "empty lines are removed",
)
CHROM_NAME = Rule(
    "chrom-name",
    ALL,
    "CHROM is no dot, has no space, and no colon before 4.3; from 4.3 on it is written as the name"
    " of a contig is; `<…>` around it is closed.",
    Verdict.NOTED,
    _KEPT,
)
CHROM_BLOCK = Rule(
    "order",
    ALL,
    "The records of a contig are together, and their positions do not go down.",
    Verdict.NOTED,
    "the records are sorted",
)
POS_NUMBER = Rule(
    "pos-number",
    ALL,
    "POS is a whole number, of ten digits at most.",
    Verdict.REFUSED,
    "the record could neither be sorted nor indexed",
)
POS_SIZE = Rule(
    "pos-size",
    ALL,
    "POS is at most 2,147,483,647, an Integer of 32 bits.",
    Verdict.NOTED,
    "the record comes back as it was, but no BCF and no index can hold it",
)
POS_ON_CONTIG = Rule(
    "pos-on-contig",
    ALL,
    "POS is at most one base behind the end of its contig.",
    Verdict.NOTED,
    _NOT_JUDGED,
)
ID_SYNTAX = Rule(
    "id-syntax",
    ALL,
    "ID is a dot, or different names without spaces, with semicolons between them.",
    Verdict.NOTED,
    _KEPT,
)
ID_UNIQUE = Rule(
    "id-unique", ALL, "No identifier is in more than one record.", Verdict.NOTED, _KEPT
)
REF_BASES = Rule(
    "ref-bases", ALL, "REF is of the bases A, C, G, T and N.", Verdict.NOTED, _NOT_JUDGED
)
ALT_ALLELES = Rule(
    "alt-alleles",
    ALL,
    "ALT is a dot, or alleles with commas between them: bases, `*`, `<…>` or a breakend.",
    Verdict.NOTED,
    "the record is kept and not annotated; alleles beside an IUPAC code are, and other records",
)
ALT_SYMBOL = Rule(
    "alt-symbol",
    ALL,
    "A symbolic allele is of the names that `##ALT` may define, or the header defines it.",
    Verdict.NOTED,
    _KEPT,
)
ALT_TWICE = Rule(
    "alt-twice", ALL, "No allele is twice in ALT, and none is REF.", Verdict.NOTED, _KEPT
)
RECORD_TWICE = Rule(
    "record-twice",
    ALL,
    "No record is there twice, unless it has a symbolic allele: two may differ in INFO alone.",
    Verdict.NOTED,
    "each of them is annotated",
)
ALLELE_AGAIN = Rule(
    "allele-again",
    ALL,
    "No allele of bases is in two records, however its REF and ALT are written.",
    Verdict.NOTED,
    "each of them is annotated",
)
QUAL_NUMBER = Rule(
    "qual-number", ALL, "QUAL is a dot or a number that is not negative.", Verdict.NOTED, _KEPT
)
FILTER_SYNTAX = Rule(
    "filter-syntax",
    ALL,
    "FILTER is a dot, PASS alone, or different names without spaces, and none of them is 0.",
    Verdict.NOTED,
    _KEPT,
)
FILTER_DEFINED = Rule(
    "filter-defined",
    ALL,
    "The header defines every filter.",
    Verdict.NOTED,
    "a definition is added",
)
ALT_DEFINED = Rule(
    "alt-defined",
    ALL,
    "The header defines every symbolic allele.",
    Verdict.LEFT,
    "the specification recommends it; what `<DEL>` means is known without",
)
PERCENT = Rule(
    "percent",
    FROM_3,
    "In INFO and in samples `%` begins one of the codes of the specification, as `%3B`.",
    Verdict.NOTED,
    _KEPT,
)
CONTROL = Rule(
    "control-characters",
    FROM_3,
    "Header and records have no control characters, nor carriage returns within a line.",
    Verdict.NOTED,
    _KEPT,
)
UTF8 = Rule(
    "utf-8",
    FROM_3,
    "The text is UTF-8.",
    Verdict.NOTED,
    "the record comes back as it was; header lines in Latin-1 are made UTF-8",
)
END_OF_LINE = Rule(
    "last-line-end", FROM_3, "The last line has an end.", Verdict.NOTED, "an end is added"
)
RECORD_RULES = (
    COLUMNS, EMPTY_COLUMN, HEADER_LINE_BELOW, NUL, EMPTY_LINE, CHROM_NAME, CHROM_BLOCK, POS_NUMBER,
    POS_SIZE, POS_ON_CONTIG, ID_SYNTAX, ID_UNIQUE, REF_BASES, ALT_ALLELES, ALT_SYMBOL, ALT_TWICE,
    RECORD_TWICE, ALLELE_AGAIN, QUAL_NUMBER, FILTER_SYNTAX, FILTER_DEFINED, ALT_DEFINED, PERCENT,
    CONTROL, UTF8, END_OF_LINE,
)  # fmt: skip
