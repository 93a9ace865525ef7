"""For each rule a file that keeps it and one that breaks it; of the version that is named first."""

from __future__ import annotations

from tests.support.vcf_rules import COLUMNS, FORMAT, INFO, SVTYPE, file

ROW = "MT\t73\t.\tA\tG\t50\tPASS\t."
ALT = '##ALT=<ID=DEL,Description="d">\n'
PAIR = tuple[bytes, bytes]


def of(*rows: str, minor: int = 2, meta: str = "", columns: str = COLUMNS) -> bytes:
    """A file of VCF 4.``minor`` with those rows and header lines."""
    return file(*rows, meta=meta, columns=columns, version=f"##fileformat=VCFv4.{minor}\n")


def with_meta(good: str, bad: str, minor: int = 2) -> PAIR:
    """Files that differ in a header line."""
    return of(ROW, meta=f"{good}\n", minor=minor), of(ROW, meta=f"{bad}\n", minor=minor)


def column(number: int, good: str, bad: str, minor: int = 2, meta: str = "") -> PAIR:
    """Files that differ in a column of their record, from 0."""
    fields = ROW.split("\t")
    return tuple(  # type: ignore[return-value]
        of("\t".join([*fields[:number], value, *fields[number + 1 :]]), minor=minor, meta=meta)
        for value in (good, bad)
    )


def info(good: str, bad: str, minor: int = 2, meta: str = "", alt: str = "G") -> PAIR:
    """Files that differ in INFO."""
    row = ROW.replace("\tG\t", f"\t{alt}\t").removesuffix(".")
    return of(row + good, minor=minor, meta=meta), of(row + bad, minor=minor, meta=meta)


def sample(good: str, bad: str, minor: int = 2, meta: str = "", alt: str = "G") -> PAIR:
    """Files that differ in FORMAT and the sample, which are given as ``GT:DP 0/1:7``."""
    row = ROW.replace("\tG\t", f"\t{alt}\t")
    names = f"{COLUMNS}\tFORMAT\ts"
    return tuple(  # type: ignore[return-value]
        of("\t".join([row, *text.split(" ")]), minor=minor, meta=meta, columns=names)
        for text in (good, bad)
    )


GOOD = of(ROW)
X = INFO.format("X", 1, "Integer")
FLIPPED = '##INFO=<ID=X,Type=Integer,Number=1,Description="d">'
SPACED = "##META=<ID=T U"
A = FORMAT.format("AD", "R", "Integer")
LOCAL = FORMAT.format("LAA", ".", "Integer") + FORMAT.format("LAD", "LR", "Integer")
SETS = FORMAT.format("PS", 1, "Integer") + FORMAT.format("PSL", "P", "String")
SV = "".join(
    INFO.format(*field)
    for field in (
        ("SVLEN", "A", "Integer"), ("SVCLAIM", "A", "String"), ("CIPOS", ".", "Integer"),
        ("RN", "A", "Integer"), ("RUS", ".", "String"), ("MEINFO", ".", "String"),
        ("END", 1, "Integer"),
    )
)  # fmt: skip
FILTERED = FORMAT.format("FT", 1, "String")
LETTER = info("S=é", "", 3, INFO.format("S", 1, "String"))[0]
DELETION = "SVLEN=9;SVCLAIM=D"
REPEAT = '##ALT=<ID=CNV:TR,Description="d">\n'

HEADER: dict[str, PAIR] = {
    "first-line": (GOOD, GOOD.replace(b"##fileformat=VCFv4.2\n", b"")),
    "version": (GOOD, GOOD.replace(b"VCFv4.2", b"VCFv7.1")),
    "fileformat-once": with_meta("##source=x", "##fileformat=VCFv4.2"),
    "meta-line": with_meta("##source=x", "##source="),
    "column-line": (GOOD, GOOD.replace(COLUMNS.encode() + b"\n", b"")),
    "column-names": (GOOD, GOOD.replace(b"REF\tALT", b"ALT\tREF")),
    "format-without-samples": (GOOD, of(ROW + "\tGT", columns=f"{COLUMNS}\tFORMAT")),
    "sample-names": (
        of(f"{ROW}\tGT\t0/1\t0/1", columns=f"{COLUMNS}\tFORMAT\ts\tt"),
        of(f"{ROW}\tGT\t0/1\t0/1", columns=f"{COLUMNS}\tFORMAT\ts\ts"),
    ),
    "brackets": with_meta("##contig=<ID=2>", "##contig=ID=2"),
    "attributes": with_meta("##contig=<ID=2,length=9>", "##contig=<ID=2,length=9,>"),
    "required": with_meta('##FILTER=<ID=q,Description="d">', "##FILTER=<ID=q>"),
    "quoted": with_meta('##FILTER=<ID=q,Description="d">', "##FILTER=<ID=q,Description=d>"),
    "attribute-order": with_meta(X.strip(), FLIPPED),
    "alt-attributes": with_meta(ALT.strip(), ALT.strip().replace(",", ",Number=1,")),
    "name-id": with_meta(
        "##META=<ID=T,Type=Integer,Number=1>", f"{SPACED},Type=Integer,Number=1>", 3
    ),
    "structured-id": with_meta("##tool=<ID=x,run=1>", "##tool=<run=1>", 3),
    "defined-once": with_meta("##contig=<ID=2>", "##contig=<ID=2>\n##contig=<ID=2>", 3),
    "field-id": with_meta(X.strip(), X.strip().replace("ID=X", "ID=9X")),
    "field-number": with_meta(
        INFO.format("X", "R", "Integer").strip(), INFO.format("X", "LA", "Integer").strip()
    ),
    "field-type": with_meta(X.strip(), X.strip().replace("Integer", "Int")),
    "flag-number": with_meta(
        INFO.format("X", 1, "String").strip(), INFO.format("X", 0, "String").strip()
    ),
    "reserved-field": with_meta(
        INFO.format("AF", "A", "Float").strip(), INFO.format("AF", "A", "String").strip()
    ),
    "filter-id": with_meta('##FILTER=<ID=q,Description="d">', '##FILTER=<ID=0,Description="d">'),
    "alt-id": with_meta('##ALT=<ID=DEL:ME,Description="d">', '##ALT=<ID=GONE,Description="d">'),
    "contig-id": with_meta("##contig=<ID=HLA-A*01:01>", "##contig=<ID=*1>", 3),
    "contig-length": with_meta("##contig=<ID=2,length=9>", "##contig=<ID=2,length=9kb>"),
    "contig-md5": with_meta(f"##contig=<ID=2,md5={'0a' * 16}>", f"##contig=<ID=2,md5={'0g' * 16}>"),
    "assembly": with_meta("##assembly=https://example.org/a.fa", "##assembly=a.fa"),
    "pedigree-db": with_meta(
        "##pedigreeDB=<https://example.org/p>", "##pedigreeDB=https://example.org/p"
    ),
    "meta-values": with_meta(
        "##META=<ID=T,Type=String,Number=.,Values=[a, b]>",
        "##META=<ID=T,Type=String,Number=.,Values=a>",
        3,
    ),
    "sample-genomes": with_meta(
        '##SAMPLE=<ID=s,Genomes=a;b,Mixture=.3;.7,Description="a;b">',
        '##SAMPLE=<ID=s,Genomes=a;b,Mixture=".3;.7",Description="a;b">',
    ),
    "pedigree-names": with_meta("##PEDIGREE=<ID=c,Father=f>", "##PEDIGREE=<ID=c>", 3),
    "unquoted-attribute": with_meta(
        '##INFO=<ID=X,Number=1,Type=Integer,Description="d",Tool="t">',
        '##INFO=<ID=X,Number=1,Type=Integer,Description="d",Tool=t>',
        3,
    ),
}

RECORDS: dict[str, PAIR] = {
    "columns": (GOOD, of(ROW + "\tx")),
    "empty-column": column(2, ".", ""),
    "header-line-below": (GOOD, of(ROW, "##source=late")),
    "nul": (GOOD, of(ROW + "\x00")),
    "empty-line": (GOOD, of(ROW, "", ROW.replace("73\t.\tA", "74\t.\tN"))),
    "chrom-name": (GOOD, of(ROW.replace("MT", "2:b"), meta="##contig=<ID=2:b>\n")),
    "order": (
        of(ROW, ROW.replace("73\t.\tA", "74\t.\tN")), of(ROW, ROW.replace("73\t.\tA", "72\t.\tN"))
    ),
    "pos-number": column(1, "73", "7.3"),
    "pos-size": (
        of(ROW, meta="##contig=<ID=2>\n"), of(ROW.replace("MT\t73", "2\t3000000000"))
    ),
    "pos-on-contig": (
        of(ROW, ROW.replace("73", "263")), of(ROW, ROW.replace("73\t.\tA", "16571\t.\tN"))
    ),
    "id-syntax": column(2, "rs1;rs2", "rs1;rs1"),
    "id-unique": (
        of(ROW.replace("73\t.", "73\trs1"), ROW.replace("73\t.", "263\trs2")),
        of(ROW.replace("73\t.", "73\trs1"), ROW.replace("73\t.", "263\trs3;rs1")),
    ),
    "ref-bases": column(3, "N", "A1"),
    "alt-alleles": column(4, "G,*", "G,<DEL"),
    "alt-symbol": column(4, "<CNV:OWN>", "<OWN>"),
    "alt-twice": column(4, "G,C", "G,C,g"),
    "record-twice": (of(ROW, ROW.replace("\tG", "\tC")), of(ROW, ROW)),
    "allele-again": (
        of("MT\t73\t.\tAN\tGN\t.\t.\t.", "MT\t74\t.\tN\tC\t.\t.\t."),
        of("MT\t72\t.\tNA\tNG\t.\t.\t.", ROW),
    ),
    "qual-number": column(5, "1.5e3", "high"),
    "filter-syntax": column(
        6, "q1", "PASS;q1", meta='##FILTER=<ID=q1,Description="d">\n'
    ),
    "filter-defined": column(6, "PASS", "q1"),
    "alt-defined": (
        of(ROW.replace("\tG\t50\tPASS\t.", "\t<DEL>\t50\tPASS\tEND=90"), meta=ALT
           + INFO.format("END", 1, "Integer")),
        of(ROW.replace("\tG\t50\tPASS\t.", "\t<DEL>\t50\tPASS\tEND=90"), meta=INFO.format(
            "END", 1, "Integer")),
    ),
    "percent": info("S=a%3Bb", "S=50%", 3, INFO.format("S", 1, "String")),
    "control-characters": info("S=ab", "S=a\x01b", 3, INFO.format("S", 1, "String")),
    "utf-8": (LETTER, LETTER.decode().encode("latin-1")),
    "last-line-end": (of(ROW, minor=3), of(ROW, minor=3)[:-1]),
}  # fmt: skip

VALUES: dict[str, PAIR] = {
    "info-syntax": info("DP=7", "DP=7;"),
    "info-key": info("DP=7", "DP=7;1X=2"),
    "info-twice": info("DP=7", "DP=7;DP=8"),
    "info-defined": info("DP=7", "NEW=7"),
    "info-space": info("S=a_b", "S=a b", 2, INFO.format("S", 1, "String")),
    "info-equals": info("S=a", "S=a=b", 2, INFO.format("S", 1, "String")),
    "info-flag": info("DB", "DB=yes", 2, INFO.format("DB", 0, "Flag")),
    "info-type": info("DP=7", "DP=abc"),
    "info-number": info("Y=1,2,3", "Y=1,2,3,4", 2, INFO.format("Y", "G", "Integer")),
    "info-end": info("END=73", "END=72", 2, INFO.format("END", 1, "Integer")),
    "info-frequency": info("AF=1e-3", "AF=1.5", 2, INFO.format("AF", "A", "Float")),
    "info-cigar": info("CIGAR=1M", "CIGAR=1Q", 2, INFO.format("CIGAR", "A", "String")),
    "info-counts": info("DP=0", "DP=-1"),
    "info-svtype": info("SVTYPE=BND", "SVTYPE=TRA", 2, INFO.format("SVTYPE", 1, "String")),
    "info-svtype-alt": info("SVTYPE=DEL", "SVTYPE=DUP", 2, SVTYPE + ALT, "<DEL>"),
    "info-interval": info("CIPOS=-1,1", "CIPOS=1,2", 4, SV),
    "info-mobile": info("MEINFO=a,1,9,+", "MEINFO=a,1,9", 4, SV),
    "info-end-computed": info(f"{DELETION};END=82", f"{DELETION};END=83", 5, SV + ALT, "<DEL>"),
    "info-svclaim": info(DELETION, "SVLEN=9", 4, SV + ALT, "<DEL>"),
    "info-svlen": info(DELETION, "SVCLAIM=D", 4, SV + ALT, "<DEL>"),
    "info-svlen-sign": info(
        "SVLEN=-9", "SVLEN=9", 3, INFO.format("SVLEN", ".", "Integer") + ALT, "<DEL>"
    ),
    "info-repeat": info(
        "SVLEN=9;RN=2;RUS=CAG,TG", "SVLEN=9;RN=2;RUS=CAG", 4, SV + REPEAT, "<CNV:TR>"
    ),
    "format-filter": sample("GT:FT 0/1:q1;q2", "GT:FT 0/1:PASS;q1", 2, FILTERED),
    "format-key": sample("GT:DP 0/1:7", "GT:D,P 0/1:7"),
    "format-twice": sample("GT:DP 0/1:7", "GT:DP:DP 0/1:7:7"),
    "format-defined": sample("GT:DP 0/1:7", "GT:NEW 0/1:7"),
    "gt-first": sample("GT:DP 0/1:7", "DP:GT 7:0/1"),
    "laa-first": sample("GT:LAA:LAD 0/1:1:5,6", "GT:LAD:LAA 0/1:5,6:1", 5, LOCAL),
    "sample-values": sample("GT:DP 0/1:7", "GT:DP 0/1:7:8"),
    "sample-empty": sample("GT:DP 0/1:7", "GT:DP 0/1:"),
    "gt-syntax": sample("GT 0/1", "GT 0//1"),
    "gt-prefix": sample("GT 0/1", "GT /0/1"),
    "gt-allele": sample("GT 0/1", "GT 0/2"),
    "format-type": sample("GT:DP 0/1:7", "GT:DP 0/1:many"),
    "format-number": sample("GT:AD 0/1:5,6", "GT:AD 0/1:5,6,7", 2, A),
    "format-range": sample("GT:DP 0/1:0", "GT:DP 0/1:-1"),
    "laa-values": sample("GT:LAA 0/1:1", "GT:LAA 0/1:2", 5, LOCAL),
    "ps-and-psl": sample("GT:PS 0|1:7", "GT:PS:PSL 0|1:7:a,b", 4, SETS),
    "psl-phased": sample("GT:PSL |0/1:a,.", "GT:PSL |0/1:a,b", 4, SETS),
    "base-modifications": sample(
        "GT:M5mC 0/1:0.5", "GT:M5mC 0/1:0.5,0.5,0.5", 5, FORMAT.format("M5mC", "M", "Float")
    ),
}
EXAMPLES = HEADER | RECORDS | VALUES
