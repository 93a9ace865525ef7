"""Further files that keep or break a rule: one pair for each thing that the rule asks."""

from __future__ import annotations

from tests.support.rule_examples import (
    ALT,
    DELETION,
    FILTERED,
    LOCAL,
    PAIR,
    REPEAT,
    ROW,
    SETS,
    SV,
    A,
    column,
    info,
    of,
    sample,
    with_meta,
)
from tests.support.vcf_rules import FORMAT, INFO

NUMBERS = INFO.format("F", ".", "Float")
META = "##META=<ID=T,Type={0},Number=.{1}>"
LENGTH = INFO.format("SVLEN", ".", "Integer")
END = INFO.format("END", 1, "Integer")
UNITS = "SVLEN=9;RUS=CAG;"
REPEATS = SV + REPEAT + "".join(
    INFO.format(key, ".", type)
    for key, type in (
        ("RUL", "Integer"), ("RUC", "Float"), ("RUB", "Integer"), ("CIRUC", "Float"),
    )
)  # fmt: skip
NAMED = '##ALT=<ID={0},Description="d">'
LIKELY = FORMAT.format("PL", "G", "Integer") + FORMAT.format("GP", "G", "Float")
MODIFIED = FORMAT.format("M5mC", "M", "Float") + FORMAT.format("ADM5mC", "M", "Integer")


def field(key: str, good: tuple[object, ...], bad: tuple[object, ...], minor: int = 2) -> PAIR:
    """Files that differ in the definition of a field of INFO or FORMAT: ID, Number and Type."""
    line = (INFO if key == "INFO" else FORMAT).strip()
    return with_meta(line.format(*good), line.format(*bad), minor)


def chromosome(good: str, bad: str, minor: int) -> PAIR:
    """Files that differ in the name of a contig that the header defines, if it can be."""
    rows = (ROW, ROW.replace("MT\t73\t.\tA", f"{good}\t5\t.\tN"))
    return of(ROW, meta=f"##contig=<ID={good}>\n", minor=minor), of(
        *(row.replace(f"{good}\t", f"{bad}\t", 1) for row in rows), minor=minor
    )


def on_contig(position: int) -> bytes:
    """A file with a record there on a contig of 99 bases that the bundle does not have."""
    last = ROW.replace("MT\t73\t.\tA", f"2\t{position}\t.\tN")
    return of(ROW, last, meta="##contig=<ID=2,length=99>\n")


KINDS: dict[str, tuple[str, PAIR]] = {
    "a host of digits": (
        "assembly", with_meta("##assembly=ftp://127.0.0.1:80/a.fa", "##assembly=ftp://80:80/a.fa")
    ),
    "the name of a genome with a colon": (
        "pedigree-names", with_meta("##PEDIGREE=<A=a.b,B=c>", "##PEDIGREE=<A=a:b,B=c>")
    ),
    "an ID of SAMPLE with a space": (
        "name-id", with_meta("##SAMPLE=<ID=a_b>", "##SAMPLE=<ID=a b>", 3)
    ),
    "Type before ID of ALT": (
        "attribute-order", with_meta(ALT.strip(), '##ALT=<Description="d",ID=DEL>')
    ),
    "subtypes of a type of one's own": (
        "alt-symbol", column(4, "<OWN>", "<OWN:SUB>", 3)
    ),
    "a breakend as a symbol": ("alt-id", with_meta(NAMED.format("OWN"), NAMED.format("BND:X"), 4)),
    "a space in the name of an allele": (
        "alt-id", with_meta(NAMED.format("OWN"), NAMED.format("O N"), 3)
    ),
    "BQ as a whole number": (
        "reserved-field", field("INFO", ("BQ", 1, "Float"), ("BQ", 1, "Integer"))
    ),
    "EC as text": (
        "reserved-field", field("FORMAT", ("EC", "A", "Integer"), ("EC", "A", "String"))
    ),
    "a negative END": ("info-end", info("END=73", "END=-73", 2, END)),
    "a Flag of 2": ("info-flag", info("DB=1", "DB=2", 2, INFO.format("DB", 0, "Flag"))),
    "a repeat without its unit": (
        "info-repeat", info(f"{UNITS}RUL=3", "SVLEN=9", 4, REPEATS, "<CNV:TR>")
    ),
    "an allele again among several": (
        "allele-again",
        (of(ROW, ROW.replace("\tG\t", "\tC,T\t")), of(ROW, ROW.replace("\tG\t", "\tC,G\t"))),
    ),
    "ID in quotes": (
        "quoted", with_meta('##FILTER=<ID=q,Description="d">', '##FILTER=<ID="q",Description="d">')
    ),
    "Number in quotes": ("quoted", field("INFO", ("X", 1, "String"), ("X", '"1"', "String"))),
    "1000G in FORMAT": ("field-id", field("FORMAT", ("X", 1, "String"), ("1000G", 1, "String"))),
    "MQ of text": ("reserved-field", field("INFO", ("MQ", 1, "Integer"), ("MQ", 1, "String"))),
    "GQ of text": ("reserved-field", field("FORMAT", ("GQ", 1, "Float"), ("GQ", 1, "String"))),
    "a modified base of one value": (
        "reserved-field", field("FORMAT", ("M5mC", "M", "Float"), ("M5mC", 1, "Float"), 5)
    ),
    "reads of a modified base": (
        "reserved-field", field("FORMAT", ("DPM1C", "M", "Integer"), ("DPM1C", "M", "Float"), 5)
    ),
    "a dot as a filter": (
        "filter-id", with_meta('##FILTER=<ID=q,Description="d">', '##FILTER=<ID=.,Description="d">')
    ),
    "a tab in a filter": (
        "filter-id",
        with_meta('##FILTER=<ID=q,Description="d">', '##FILTER=<ID=q\tr,Description="d">'),
    ),
    "a contig named as a subtype": (
        "contig-id", with_meta("##contig=<ID=DEL:1>", "##contig=<ID=DEL:ME>", 3)
    ),
    "an address not opened": (
        "pedigree-db", with_meta("##pedigreeDB=http://a.b/c", "##pedigreeDB=http://a.b/c>", 3)
    ),
    "a genome without a name": (
        "sample-genomes",
        with_meta(
            '##SAMPLE=<ID=s,Genomes=a;b,Mixture=.3;.7,Description="a;b">',
            '##SAMPLE=<ID=s,Genomes=a;;b,Mixture=.3;.3;.4,Description="a;b;c">',
        ),
    ),
    "META of words without Values": (
        "meta-values", with_meta(META.format("Integer", ""), META.format("String", ""), 3)
    ),
    "META with an empty value": (
        "meta-values",
        with_meta(META.format("String", ",Values=[a]"), META.format("String", ",Values=[a,]"), 3),
    ),
    "META of numbers": (
        "meta-values",
        with_meta(META.format("Integer", ",Values=[1]"), META.format("Integer", ",Values=[a]"), 3),
    ),
    "a control character in the header": (
        "control-characters", with_meta("##source=a", "##source=a\x02", 3)
    ),
    "a carriage return within a record": (
        "control-characters", info("S=ab", "S=a\rb", 3, INFO.format("S", 1, "String"))
    ),
    "a carriage return within INFO": (
        "info-space", info("S=ab", "S=a\rb", 2, INFO.format("S", 1, "String"))
    ),
    "CHROM missing": ("chrom-name", chromosome("c", ".", 2)),
    "CHROM named as a symbol": ("chrom-name", chromosome("c", "DUP:TANDEM", 3)),
    "brackets of a mate not closed": ("alt-alleles", column(4, "A[<c>:9[", "A[<c:9[")),
    "brackets of a mate not opened": ("alt-alleles", column(4, "]<c>:9]A", "]c>:9]A")),
    "a symbol in lower case": ("alt-symbol", column(4, "<*>", "<del>")),
    "QUAL without digits behind its point": ("qual-number", column(5, "50.0", "50.", 3)),
    "a Float without digits behind its point": ("info-type", info("F=1.0,.", "F=1.,.", 3, NUMBERS)),
    "a Character of two": (
        "info-type", info("C=é", "C=éé", 3, INFO.format("C", 1, "Character"))
    ),
    "a negative number in a list": (
        "info-counts", info("AC=1,0", "AC=1,-1", 2, INFO.format("AC", "A", "Integer"), "G,C")
    ),
    "a negative quality": (
        "info-counts", info("MQ=1e-3", "MQ=-1e-3", 3, INFO.format("MQ", 1, "Float"))
    ),
    "SVCLAIM of abundance for an insertion": (
        "info-svclaim", info("SVLEN=9;SVCLAIM=J", "SVLEN=9;SVCLAIM=D", 4, SV, "<INS>")
    ),
    "SVCLAIM of adjacency for a copy number": (
        "info-svclaim", info("SVLEN=9;SVCLAIM=.", "SVLEN=9;SVCLAIM=J", 4, SV, "<CNV>")
    ),
    "SVCLAIM missing for a deletion": (
        "info-svclaim", info(DELETION, "SVLEN=9;SVCLAIM=.", 4, SV + ALT, "<DEL>")
    ),
    "SVCLAIM of a breakend": ("info-svclaim", info("SVCLAIM=J", "SVCLAIM=DJ", 4, SV, "A[MT:900[")),
    "SVLEN missing for one of two": (
        "info-svlen", info("SVLEN=9,9;SVCLAIM=D,D", "SVLEN=9,.;SVCLAIM=D,D", 4, SV, "<DEL>,<DUP>")
    ),
    "END beyond REF": ("info-end-computed", info("END=73", "END=74", 4, END, "G,C")),
    "END beyond a site without alternate": (
        "info-end-computed", info("END=73", "END=74", 5, END, ".")
    ),
    "POS beyond a contig of the header": ("pos-on-contig", (on_contig(100), on_contig(101))),
    "an interval behind POS, before 4.4": (
        "info-interval", info("CIPOS=0,2", "CIPOS=1,2", 2, INFO.format("CIPOS", 2, "Integer"))
    ),
    "a record again in lower case": (
        "record-twice",
        (of(ROW, ROW.replace("\tG\t", "\tc\t")), of(ROW, ROW.replace("\tG\t", "\tg\t"))),
    ),
    "SVLEN of bases": (
        "info-svlen-sign", info("SVLEN=2", "SVLEN=-2", 2, LENGTH, "GTT")
    ),
    "SVLEN of one of two": (
        "info-svlen-sign", info("SVLEN=-9,9", "SVLEN=-9,-9", 2, LENGTH, "<DEL>,<DUP>")
    ),
    "END short of the longest": (
        "info-end-computed",
        info("SVLEN=9,3;SVCLAIM=D,D;END=82", "SVLEN=9,3;SVCLAIM=D,D;END=76", 5, SV, "<DEL>,<DUP>"),
    ),
    "RUL of another length": (
        "info-repeat", info(f"{UNITS}RUL=3", f"{UNITS}RUL=2", 4, REPEATS, "<CNV:TR>")
    ),
    "RUB without RUC": (
        "info-repeat", info(f"{UNITS}RUC=2;RUB=3,4", f"{UNITS}RUB=3,4", 4, REPEATS, "<CNV:TR>")
    ),
    "RUB of another count": (
        "info-repeat", info(f"{UNITS}RUC=2;RUB=3,4", f"{UNITS}RUC=2;RUB=3", 4, REPEATS, "<CNV:TR>")
    ),
    "an interval around nothing": (
        "info-interval",
        info(f"{UNITS}CIRUC=-.5,.", f"{UNITS}CIRUC=.5,1", 4, REPEATS, "<CNV:TR>"),
    ),
    "1000G as a key of FORMAT": (
        "format-key", sample("GT:DP 0/1:7", "GT:1000G 0/1:7", 3)
    ),
    "values without keys": ("sample-values", sample(". .", ". 0/1")),
    "no number of reads": ("sample-empty", sample("GT:LAA 0/0:", "GT:DP 0/0:", 5, LOCAL)),
    "a filter twice": (
        "format-filter", sample("GT:FT 0/1:PASS", "GT:FT 0/1:q1;q1", 3, FILTERED)
    ),
    "negative reads": ("format-range", sample("GT:AD 0/1:5,6", "GT:AD 0/1:5,-6", 3, A)),
    "a negative likelihood": (
        "format-range", sample("GT:PL 0/1:9,0,9", "GT:PL 0/1:9,-1,9", 2, LIKELY)
    ),
    "more than all bases modified": (
        "format-range", sample("GT:M5mC 0/1:.5", "GT:M5mC 0/1:1.5", 5, MODIFIED)
    ),
    "negative reads of modified bases": (
        "format-range", sample("GT:ADM5mC 0/1:1", "GT:ADM5mC 0/1:-1", 5, MODIFIED)
    ),
    "a probability of more than 1": (
        "format-range", sample("GT:GP 0/1:0,1,0", "GT:GP 0/1:0,2,0", 3, LIKELY)
    ),
    "a set of an allele without a mark": (
        "psl-phased", sample("GT:PSL 0|1:a,b", "GT:PSL 0/1:a,.", 4, SETS)
    ),
}  # fmt: skip
KEPT: dict[str, PAIR] = {
    "GP as a phred quality, before 4.3": sample(
        "GT:GP 0/1:20,0.1,30", "GT:GP 0/1:0,99,99", 2, LIKELY
    ),
    "a point without digits behind it, before 4.3": info("F=1.,2", "F=50.", 2, NUMBERS),
    "a colon in a contig of the header, before 4.3": with_meta(
        "##contig=<ID=HLA-A*01:01>", "##contig=<ID=a:b>"
    ),
    "a Flag of 0 or 1": info("DB=0", "DB=1", 2, INFO.format("DB", 0, "Flag")),
    "a Flag with another Number": with_meta(
        INFO.format("X", "A", "Flag").strip(), INFO.format("X", 1, "Flag").strip(), 3
    ),
    "END beyond REF, before 4.4": info("END=74", "END=99", 3, END),
    "mixtures that are no numbers": with_meta(
        '##SAMPLE=<ID=s,Genomes=a;b,Mixture=N1;N2,Description="a;b">',
        '##SAMPLE=<ID=s,Genomes=a;b,Mixture=.3;x,Description="a;b">',
    ),
    "a contig defined twice, before 4.3": with_meta(
        "##contig=<ID=2>", "##contig=<ID=2>\n##contig=<ID=2,length=9>"
    ),
    "alleles of one's own, from 4.3 on": column(4, "<UNK>", "<a!\"#$%&'()*+-./;=?@[\\]^_`{|}~>", 3),
    "names of alleles of one's own": with_meta(NAMED.format("own"), NAMED.format('a"#$%'), 3),
    "no Description, from 4.4 on": with_meta("##ALT=<ID=INS>", "##FILTER=<ID=q>", 4),
    "records that differ in INFO alone": (
        of(*[ROW.replace("\tG\t", "\t<INS>\t")] * 2), of(*[ROW.replace("\tG\t", "\t<CNV>\t")] * 2)
    ),
    "empty lines at the end": (of(ROW, ""), of(ROW, "", "")),
    "an insertion with END": info("SVLEN=9;END=82", "SVLEN=9;END=73", 5, SV, "<INS>"),
    "a deletion without SVLEN": info("END=82;SVCLAIM=D", "END=90;SVCLAIM=J", 5, SV, "<DEL>"),
    "a reference block with END": info("END=90", "END=73", 5, END, "<*>"),
    "a phase with the first mark left out": sample(
        "GT:PSL 1|0|0:a,.,b", "GT:PSL 1/0|0:.,.,b", 4, SETS
    ),
    "letters beyond ASCII": info("S=é中", "S=%25", 3, INFO.format("S", 1, "String")),
    "keys as those of base modifications, before 4.5": with_meta(
        FORMAT.format("M5mC", 1, "String").strip(), FORMAT.format("DPM1C", 1, "Float").strip(), 4
    ),
    "symbolic alleles without definition": column(4, "<*>,<NON_REF>,<R>", "<INS:ME:LINE1>"),
}  # fmt: skip
"""Files that keep all rules, though they may seem not to."""
