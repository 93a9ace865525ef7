"""Rules of the header: the first line, the meta-information lines, the line of column names."""

from annotator.rules.rule import ALL, FROM_3, UNTIL_2, Rule, Verdict

_HARMLESS = "the header is used as it can be read; the line comes back as it was"
_SHAPE = "the columns of the records cannot be known without it"

FIRST_LINE = Rule(
    "first-line",
    ALL,
    "The first line is `##fileformat=VCFv4.x`.",
    Verdict.REFUSED,
    "what begins otherwise is another kind of file",
)
VERSION = Rule(
    "version",
    ALL,
    "`##fileformat` names a version, `VCFv4.1` to `VCFv4.5`.",
    Verdict.NOTED,
    "the file is read as VCF 4.2",
)
FILEFORMAT_ONCE = Rule(
    "fileformat-once", ALL, "There is one line `##fileformat`.", Verdict.NOTED, _HARMLESS
)
META_LINE = Rule(
    "meta-line",
    ALL,
    "A meta-information line is `##key=value`, and the value is not empty.",
    Verdict.NOTED,
    "the line is kept; without `=` as `##GAS_unreadable=…`, as no program reads it otherwise",
)
COLUMN_LINE = Rule(
    "column-line",
    ALL,
    "A line `#CHROM …` follows the meta-information lines.",
    Verdict.REFUSED,
    _SHAPE,
)
COLUMN_NAMES = Rule(
    "column-names",
    ALL,
    "The line `#CHROM` names CHROM POS ID REF ALT QUAL FILTER INFO in this order, between tabs,"
    " and FORMAT after them if there are samples.",
    Verdict.REFUSED,
    _SHAPE,
)
FORMAT_WITHOUT_SAMPLES = Rule(
    "format-without-samples",
    ALL,
    "The column FORMAT is followed by samples.",
    Verdict.NOTED,
    "many programs write it, and nothing is lost",
)
SAMPLE_NAMES = Rule(
    "sample-names",
    ALL,
    "Every sample has a name, and no two have the same.",
    Verdict.REFUSED,
    "whose a genotype is could not be told",
)
BRACKETS = Rule(
    "brackets",
    ALL,
    "The value of INFO, FORMAT, FILTER, ALT, contig, META, SAMPLE and PEDIGREE is in `<…>`; a `<`"
    " of other lines is closed.",
    Verdict.NOTED,
    _HARMLESS,
)
ATTRIBUTES = Rule(
    "attributes",
    ALL,
    "Between the brackets are `key=value`, each key once, none empty, with commas between them.",
    Verdict.NOTED,
    _HARMLESS,
)
REQUIRED = Rule(
    "required",
    ALL,
    "INFO and FORMAT have ID, Number, Type and Description; FILTER and ALT have ID, and before 4.4"
    " Description; contig, META and SAMPLE have ID, and PEDIGREE from 4.3 on.",
    Verdict.NOTED,
    _HARMLESS,
)
QUOTED = Rule(
    "quoted",
    ALL,
    "Description, Source and Version are in double quotes, ID and Number are not.",
    Verdict.NOTED,
    _HARMLESS,
)
ATTRIBUTE_ORDER = Rule(
    "attribute-order",
    ALL,
    "ID, Number, Type and Description of INFO, FORMAT, FILTER and ALT stand in this order.",
    Verdict.NOTED,
    _HARMLESS,
)
ALT_ATTRIBUTES = Rule(
    "alt-attributes", ALL, "ALT has neither Number nor Type.", Verdict.NOTED, _HARMLESS
)
NAME_ID = Rule(
    "name-id", ALL, "The ID of META, SAMPLE and PEDIGREE has no space.", Verdict.NOTED, _HARMLESS
)
STRUCTURED_ID = Rule(
    "structured-id",
    FROM_3,
    "Every line of the form `##key=<…>` has an ID.",
    Verdict.NOTED,
    _HARMLESS,
)
DEFINED_ONCE = Rule(
    "defined-once",
    ALL,
    "An ID is defined once among the lines of one kind (of contig, SAMPLE, META and others:"
    " from 4.3 on).",
    Verdict.NOTED,
    "the last definition counts",
)
FIELD_ID = Rule(
    "field-id",
    ALL,
    "The ID of INFO and FORMAT is `[A-Za-z_][0-9A-Za-z_.]*`, or of INFO `1000G`.",
    Verdict.NOTED,
    _HARMLESS,
)
FIELD_NUMBER = Rule(
    "field-number",
    ALL,
    "Number is a whole number, A, G, R (from 4.2 on) or a dot; for FORMAT also P (from 4.4 on), LA,"
    " LR, LG and M (4.5).",
    Verdict.NOTED,
    "the number of values is not checked",
)
FIELD_TYPE = Rule(
    "field-type",
    ALL,
    "Type is Integer, Float, Character, String or, for INFO, Flag, without quotes.",
    Verdict.NOTED,
    "the values are read as text",
)
FLAG_NUMBER = Rule(
    "flag-number", ALL, "Nothing but a Flag has the Number 0.", Verdict.NOTED, _HARMLESS
)
RESERVED_FIELD = Rule(
    "reserved-field",
    ALL,
    "A reserved key of INFO or FORMAT has the Number and Type of the specification's tables (in"
    " 4.5 also those of base modifications, as M5mC).",
    Verdict.NOTED,
    "the values are checked against the header's own definition",
)
FILTER_ID = Rule(
    "filter-id",
    ALL,
    "The ID of a filter is not 0 nor a dot, and has no space, comma or semicolon.",
    Verdict.NOTED,
    _HARMLESS,
)
ALT_ID = Rule(
    "alt-id",
    ALL,
    "The ID of ALT begins with DEL, INS, DUP, INV, CNV or BND, with subtypes after colons, or it is"
    " an IUPAC code, `*` or NON_REF; from 4.3 on it may be any name without a colon, and from 4.4"
    " on BND has no subtypes. It has no space, comma or angle bracket.",
    Verdict.NOTED,
    _HARMLESS,
)
CONTIG_ID = Rule(
    "contig-id",
    ALL,
    "The name of a contig has no space, quotes and angle brackets; from 4.3 on it is one of SAM's"
    " (no comma nor bracket, and no `*` or `=` at the beginning), and not as a symbolic allele.",
    Verdict.NOTED,
    "the records keep the name",
)
CONTIG_LENGTH = Rule(
    "contig-length",
    ALL,
    "The length of a contig is a whole number.",
    Verdict.NOTED,
    "the length is not compared with the reference",
)
CONTIG_MD5 = Rule(
    "contig-md5", ALL, "The md5 of a contig is of 32 hexadecimal digits.", Verdict.NOTED, _HARMLESS
)
ASSEMBLY = Rule(
    "assembly",
    ALL,
    "`##assembly` is an address, whose host is not a number alone.",
    Verdict.NOTED,
    _HARMLESS,
)
PEDIGREE_DB = Rule(
    "pedigree-db",
    ALL,
    "`##pedigreeDB` is an address, in `<…>` before 4.3.",
    Verdict.NOTED,
    _HARMLESS,
)
META_VALUES = Rule(
    "meta-values",
    FROM_3,
    "META has Type String or another type of INFO, a Number, and Values of that Type as a list"
    " `[…]` (which may be left out of numbers).",
    Verdict.NOTED,
    _HARMLESS,
)
SAMPLE_GENOMES = Rule(
    "sample-genomes",
    UNTIL_2,
    "SAMPLE has Genomes, Mixture and Description, with as many parts each, and none of the first"
    " two is empty or in quotes.",
    Verdict.NOTED,
    _HARMLESS,
)
PEDIGREE_NAMES = Rule(
    "pedigree-names",
    ALL,
    "PEDIGREE names at least two genomes, without spaces and colons; from 4.3 on the first is its"
    " ID.",
    Verdict.NOTED,
    _HARMLESS,
)
UNKNOWN_ATTRIBUTES = Rule(
    "unquoted-attribute",
    FROM_3,
    "Optional attributes of INFO, FORMAT and FILTER are in double quotes.",
    Verdict.LEFT,
    "most programs write them without, and nothing depends on it",
)
HEADER_RULES = (
    FIRST_LINE, VERSION, FILEFORMAT_ONCE, META_LINE, COLUMN_LINE, COLUMN_NAMES,
    FORMAT_WITHOUT_SAMPLES, SAMPLE_NAMES, BRACKETS, ATTRIBUTES, REQUIRED, QUOTED, ATTRIBUTE_ORDER,
    ALT_ATTRIBUTES, NAME_ID, STRUCTURED_ID, DEFINED_ONCE, FIELD_ID, FIELD_NUMBER, FIELD_TYPE,
    FLAG_NUMBER, RESERVED_FIELD, FILTER_ID, ALT_ID, CONTIG_ID, CONTIG_LENGTH, CONTIG_MD5,
    ASSEMBLY, PEDIGREE_DB, META_VALUES, SAMPLE_GENOMES, PEDIGREE_NAMES, UNKNOWN_ATTRIBUTES,
)  # fmt: skip
