"""Files that each keep or break one rule of VCF 4.1 to 4.5; written for these tests."""

from __future__ import annotations

INFO = '##INFO=<ID={0},Number={1},Type={2},Description="d">\n'
FORMAT = '##FORMAT=<ID={0},Number={1},Type={2},Description="d">\n'
SVTYPE = INFO.format("SVTYPE", 1, "String")
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
CONTIG = "##contig=<ID=MT,length=16569>\n"
GENOTYPES = FORMAT.format("GT", 1, "String") + FORMAT.format("DP", 1, "Integer")
ROW = "MT\t73\t.\tA\tG\t50\tPASS\tDP=7"
SAMPLED = ROW + "\tGT:DP\t{0}"


def file(
    *rows: str,
    meta: str = "",
    columns: str = COLUMNS,
    version: str = "##fileformat=VCFv4.2\n",
    end: str = "\n",
) -> bytes:
    """A file with those rows; ``meta`` are header lines, an empty ``end`` cuts the last newline."""
    header = f"{version}{CONTIG}{INFO.format('DP', 1, 'Integer')}{GENOTYPES}{meta}{columns}\n"
    return (header + "".join(f"{row}\n" for row in rows)).encode()[: None if end else -1]


def sampled(sample: str, *, keys: str = "GT:DP", meta: str = "", names: str = "s") -> bytes:
    """A file with one record that has the sample column ``sample``."""
    row = f"{ROW}\t{keys}\t{sample}"
    return file(row, meta=meta, columns=f"{COLUMNS}\tFORMAT\t{names}")


def row(number: int, value: str) -> bytes:
    """A file with one record whose 0-based column ``number`` is ``value``."""
    fields = ROW.split("\t")
    fields[number] = value
    return file("\t".join(fields))


VALID: dict[str, bytes] = {
    **{
        f"version 4.{minor}": file(ROW, version=f"##fileformat=VCFv4.{minor}\n")
        for minor in range(1, 6)
    },
    "no records": file(),
    "no newline at the end": file(ROW, end=""),
    "missing values": row(7, "DP=."),
    "QUAL with an exponent": row(5, "1.5e+03"),
    "QUAL missing": row(5, "."),
    "two filters": file(
        ROW.replace("PASS", "q10;s50"),
        meta='##FILTER=<ID=q10,Description="a">\n##FILTER=<ID=s50,Description="b">\n',
    ),
    "ids": row(2, "rs1;rs2"),
    "star allele": row(4, "G,*"),
    "symbolic": file(
        ROW.replace("\tG\t", "\t<DEL>\t"), meta='##ALT=<ID=DEL,Description="Deletion">\n'
    ),
    "breakend": row(4, "A[MT:900["),
    "SVTYPE of the kind of ALT": file(
        ROW.replace("\tG\t", "\t<DUP:TANDEM>,<DEL>\t").replace("DP=7", "SVTYPE=CNV;END=16569"),
        ROW.replace("\tG\t", "\t<DUP>\t").replace("DP=7", "SVTYPE=INS;END=90"),
        ROW.replace("\tG\t", "\tA[MT:900[\t").replace("DP=7", "SVTYPE=BND"),
        ROW.replace("\tG\t", "\tG,<DEL>\t").replace("DP=7", "SVTYPE=DEL;END=90"),
        meta=SVTYPE + INFO.format("END", 1, "Integer"),
    ),
    "single breakend": row(4, "A."),
    "a contig of the assembly file in ALT": row(4, "A<ctg1>"),
    "two symbolic alleles of one kind": row(4, "<DUP>,<DUP>"),
    "ids, alleles and filters with a percent sign": file(
        ROW.replace("73\t.", "73\t50%").replace("PASS", "50%"),
        meta='##FILTER=<ID=50%,Description="d">\n',
        version="##fileformat=VCFv4.3\n",
    ),
    "lists of missing values": sampled(
        "0/1:.,.", keys="GT:HQ", meta=FORMAT.format("HQ", 2, "Integer")
    ),
    "genotype likelihoods of a haploid sample": sampled(
        "0:1,2", keys="GT:PL", meta=FORMAT.format("PL", "G", "Integer")
    ),
    "genotype likelihoods of a triploid sample": sampled(
        "0/0/1:1,2,3,4", keys="GT:PL", meta=FORMAT.format("PL", "G", "Integer")
    ),
    "genotype likelihoods without a genotype": sampled(
        ".:1,2,3", keys="GT:PL", meta=FORMAT.format("PL", "G", "Integer")
    ),
    "no alternate": row(4, "."),
    "lower case": row(3, "a"),
    "haploid": sampled("1:7"),
    "missing genotype": sampled("./.:."),
    "trailing values left off": sampled("0/1"),
    "phased": sampled("1|0:3"),
    "escaped quotes": file(
        ROW, meta='##INFO=<ID=Q,Number=1,Type=String,Description="say \\"q\\"">\n'
    ),
    "unstructured meta": file(ROW, meta="##source=me\n##reference=file:///r.fa\n"),
    "contigs": file(ROW, meta="##contig=<ID=2,length=16569,assembly=b38>\n"),
    "Number R and G": file(
        ROW + ";X=1,2;Y=1,2,3", meta=INFO.format("X", "R", "Float") + INFO.format("Y", "G", "Float")
    ),
    "an empty list of a sample, from 4.5 on": file(
        f"{ROW}\tGT:LAA\t0/0:",
        meta=FORMAT.format("LAA", ".", "Integer"),
        version="##fileformat=VCFv4.5\n",
        columns=f"{COLUMNS}\tFORMAT\ts",
    ),
    "negative floats": file(ROW + ";Z=-1.5e-3,nan", meta=INFO.format("Z", ".", "Float")),
}

_BROKEN_META = {
    "INFO without angle brackets": "##INFO=ID=X\n",
    "INFO without ID": '##INFO=<Number=1,Type=Integer,Description="d">\n',
    "INFO without Number": '##INFO=<ID=X,Type=Integer,Description="d">\n',
    "INFO without Type": '##INFO=<ID=X,Number=1,Description="d">\n',
    "INFO without Description": "##INFO=<ID=X,Number=1,Type=Integer>\n",
    "INFO Number": INFO.format("X", "Z", "Integer"),
    "INFO Number negative": INFO.format("X", "-1", "Integer"),
    "INFO Type": INFO.format("X", 1, "Double"),
    "INFO Description without quotes": "##INFO=<ID=X,Number=1,Type=Integer,Description=d>\n",
    "INFO ID": INFO.format("9X", 1, "Integer"),
    "INFO twice": INFO.format("X", 1, "Integer") * 2,
    "INFO attribute twice": '##INFO=<ID=X,ID=X,Number=1,Type=Integer,Description="d">\n',
    "INFO empty attribute": '##INFO=<ID=,Number=1,Type=Integer,Description="d">\n',
    "INFO is not closed": '##INFO=<ID=X,Number=1,Type=Integer,Description="d"\n',
    "Integer with Number 0": INFO.format("X", 0, "Integer"),
    "reserved INFO with another Type": INFO.format("AF", "A", "String"),
    "reserved INFO with another Number": INFO.format("END", 2, "Integer"),
    "FORMAT Flag": FORMAT.format("X", 0, "Flag"),
    "FORMAT without Type": '##FORMAT=<ID=X,Number=1,Description="d">\n',
    "FORMAT Number": FORMAT.format("X", "z", "Integer"),
    "FORMAT twice": FORMAT.format("X", 1, "Integer") * 2,
    "reserved FORMAT with another Type": FORMAT.format("PS", 1, "String"),
    "FILTER without Description": "##FILTER=<ID=q>\n",
    "FILTER without ID": '##FILTER=<Description="d">\n',
    "FILTER 0": '##FILTER=<ID=0,Description="d">\n',
    "FILTER without brackets": '##FILTER=ID=q,Description="d"\n',
    "ALT without ID": '##ALT=<Description="d">\n',
    "ALT without Description": "##ALT=<ID=DEL>\n",
    "ALT with brackets in its ID": '##ALT=<ID=<DEL>,Description="d">\n',
    "contig without ID": "##contig=<length=10>\n",
    "contig without brackets": "##contig=ID=2\n",
    "contig with a space": "##contig=<ID=a b,length=10>\n",
    "contig length": "##contig=<ID=2,length=ten>\n",
    "assembly": "##assembly=nowhere\n",
    "pedigreeDB": "##pedigreeDB=nowhere\n",
    "SAMPLE without ID": '##SAMPLE=<Genomes="a">\n',
    "no key": "##=x\n",
    "no value": "##source=\n",
    "no equals sign": "##source\n",
    "fileformat twice": "##fileformat=VCFv4.2\n",
}

INVALID: dict[str, bytes] = {
    **{f"header: {name}": file(ROW, meta=meta) for name, meta in _BROKEN_META.items()},
    "no fileformat": file(ROW, version=""),
    "unknown version": file(ROW, version="##fileformat=VCFv7.1\n"),
    "version without number": file(ROW, version="##fileformat=VCF\n"),
    "columns in another order": file(ROW, columns=COLUMNS.replace("REF\tALT", "ALT\tREF")),
    "columns left off": file(ROW, columns=COLUMNS.replace("\tFILTER", "")),
    "FORMAT misspelt": file(SAMPLED.format("0/1:7"), columns=f"{COLUMNS}\tFMT\ts"),
    "FORMAT without samples": file(f"{ROW}\tGT", columns=f"{COLUMNS}\tFORMAT"),
    "two samples of one name": sampled("0/1:7\t0/1:7", names="s\ts"),
    "a sample without a name": sampled("0/1:7\t0/1:7", names="s\t"),
    "no column line": file(ROW).replace(COLUMNS.encode() + b"\n", b""),
    "a column too many": file(f"{ROW}\tx"),
    "a column too few": file(ROW.rsplit("\t", 1)[0]),
    "spaces for tabs": file(ROW.replace("\t", " ")),
    "empty CHROM": row(0, ""),
    "POS text": row(1, "x"),
    "POS negative": row(1, "-5"),
    "POS decimal": row(1, "73.0"),
    "POS missing": row(1, "."),
    "ID empty": row(2, ""),
    "ID with a space": row(2, "rs1 rs2"),
    "REF missing": row(3, "."),
    "REF with digits": row(3, "A1"),
    "REF empty": row(3, ""),
    "ALT with digits": row(4, "1"),
    "ALT empty": row(4, ""),
    "ALT with an empty allele": row(4, "G,"),
    "ALT symbol not closed": row(4, "<DEL"),
    "ALT breakend not closed": row(4, "A[MT:900"),
    "ALT missing beside a base": row(4, "G,."),
    "QUAL text": row(5, "high"),
    "QUAL empty": row(5, ""),
    "QUAL negative": row(5, "-10"),
    "FILTER 0 in a record": row(6, "0"),
    "FILTER twice": row(6, "q1;q1"),
    "FILTER PASS and more": row(6, "PASS;q1"),
    "FILTER with a space": row(6, "q 1"),
    "FILTER not defined": row(6, "nowhere"),
    "INFO empty": row(7, ""),
    "END beyond the contig": file(
        ROW.replace("DP=7", "END=16570"), meta=INFO.format("END", 1, "Integer")
    ),
    "SVTYPE of another kind than a breakend": file(
        ROW.replace("\tG\t", "\tA[MT:900[\t").replace("DP=7", "SVTYPE=DEL"), meta=SVTYPE
    ),
    "SVTYPE of another kind than a symbol": file(
        ROW.replace("\tG\t", "\t<INV>\t").replace("DP=7", "SVTYPE=DEL;END=90"),
        meta=SVTYPE + INFO.format("END", 1, "Integer"),
    ),
    "Type in quotes": file(ROW, meta='##INFO=<ID=X,Number=1,Type="Integer",Description="d">\n'),
    "INFO not defined": row(7, "NOWHERE=1"),
    "INFO with a space": row(7, "DP=7 x"),
    "INFO key twice": row(7, "DP=7;DP=8"),
    "INFO integer as text": row(7, "DP=abc"),
    "INFO integer as decimal": row(7, "DP=7.5"),
    "INFO integer with too many values": row(7, "DP=7,8"),
    "INFO without a value": row(7, "DP"),
    "INFO with an empty value": row(7, "DP="),
    "INFO key": row(7, "9DP=1"),
    "INFO empty entry": row(7, "DP=1;;"),
    "INFO float as text": file(ROW + ";F=high", meta=INFO.format("F", 1, "Float")),
    "INFO of each allele": file(ROW + ";F=0.1,0.2", meta=INFO.format("F", "A", "Float")),
    "FORMAT key not defined": sampled("0/1:7", keys="GT:NO"),
    "FORMAT key twice": sampled("0/1:7:7", keys="GT:DP:DP"),
    "GT not first": sampled("7:0/1", keys="DP:GT"),
    "FORMAT key": sampled("0/1:7", keys="GT:9X"),
    "GT of letters": sampled("a/b:7"),
    "GT with another separator": sampled("0-1:7"),
    "GT beyond ALT": sampled("0/5:7"),
    "more values than keys": sampled("0/1:7:8"),
    "sample integer as text": sampled("0/1:abc"),
    "sample empty": sampled(""),
    "sample with an empty value, before 4.5": sampled("0/1:"),
    "contigs interleaved": file(ROW, ROW.replace("MT", "2"), ROW),
    "positions not in order": file(ROW.replace("73", "263"), ROW),
    "a header line among the records": file(ROW, "##source=late", ROW),
    "an empty line": file(ROW, "", ROW),
    "a record twice": file(ROW, ROW),
}
