"""The files of the demo bundle under the names and with the quirks of what people download."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.support import gene_models
from tests.support.gene_models import RECIPE, SOURCE, lines_of

GRCH37_SHIFT = 1_372_312
"""Bases that APP lies further to the right on chromosome 21 of GRCh37 than on GRCh38's."""
GRCH37_LENGTH = 48_129_895
MANE = (
    "#NCBI_GeneID\tEnsembl_Gene\tHGNC_ID\tsymbol\tname\tRefSeq_nuc\tRefSeq_prot\tEnsembl_nuc\t"
    "Ensembl_prot\tMANE_status\tGRCh38_chr\tchr_start\tchr_end\tchr_strand",
    "GeneID:351\tENSG00000142192.20\tHGNC:620\tAPP\tamyloid beta precursor protein\tNM_000484.3\t"
    "NP_000475.1\tENST00000346798.7\tENSP00000284981.4\tMANE Select\tNC_000021.9\t25880550\t"
    "26170770\t-",
)
"""The head of a MANE summary and the row of APP, with the versions of the demo's gene models."""
_REGION = re.compile(r">21:(\d+)-(\d+)")
_CLINVAR = (
    '##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="ClinVar review status">\n'
    '##INFO=<ID=CLNDN,Number=.,Type=String,Description="ClinVar\'s preferred disease name">\n'
)
_ALSO = "CLNREVSTAT=criteria_provided,_multiple_submitters,_no_conflicts;CLNDN=Alzheimer_disease"


def windows(to: Path, name: str, shift: int = 0) -> Path:
    """The sequence, its contig called ``name``, and moved by so many bases."""

    def moved(found: re.Match[str]) -> str:
        return f">{name}:{int(found[1]) + shift}-{int(found[2]) + shift}"

    return _packed(to, (_REGION.sub(moved, line) for line in lines_of(SOURCE / "windows.fa.gz")))


def shifted(
    source: Iterable[str], to: Path, columns: tuple[int, ...], name: str, shift: int
) -> Path:
    """A table with its contig called ``name`` and the positions in ``columns`` moved."""

    def moved(line: str) -> str:
        fields = line.split("\t")
        for column in columns:
            fields[column] = str(int(fields[column]) + shift)
        return "\t".join([name, *fields[1:]])

    kept = (line for line in source if not line.startswith("##sequence-region"))
    return _packed(to, (line if line.startswith("#") else moved(line) for line in kept))


def clinvar(to: Path, shift: int = 0) -> Path:
    """ClinVar's rows with the fields that its own files have besides."""

    def lines() -> Iterable[str]:
        yield "##fileformat=VCFv4.1\n##fileDate=2025-11-01"
        for line in lines_of(SOURCE / "clinvar.vcf.gz"):
            if line.startswith("##fileformat"):
                continue
            if line.startswith("#CHROM"):
                yield _CLINVAR.rstrip("\n")
            yield line if line.startswith("#") else f"{line};{_ALSO}"

    return shifted(lines(), to, (1,), "21", shift)


def dbsnp(to: Path, name: str, shift: int = 0) -> Path:
    """dbSNP's rows, with the line in its header that tells its build."""

    def lines() -> Iterable[str]:
        for line in lines_of(SOURCE / "dbsnp.vcf.gz"):
            yield line.replace("NC_000021.9", name) if line.startswith("#") else line
            if line.startswith("##fileformat"):
                yield "##dbSNP_BUILD_ID=157"

    return shifted(lines(), to, (1,), name, shift)


_GROUPS = ("afr", "ami", "amr", "asj", "eas", "fin", "mid", "nfe", "remaining", "sas")
_GNOMAD_NUMBERS = (
    *("AF_joint", "AF_grpmax_joint", "fafmax_faf95_max_joint"),
    *(f"AF_joint_{group}" for group in _GROUPS),
)


def gnomad(to: Path, name: str, *rows: str) -> Path:
    """Rows (POS to INFO) with the header of gnomAD's joint sites of v4.1, as far as it is used."""

    def info(key: str, number: str, kind: str) -> str:
        return f'##INFO=<ID={key},Number={number},Type={kind},Description="made up">'

    head = (
        "##fileformat=VCFv4.2\n##hailversion=0.2.130",
        *(f'##FILTER=<ID={one},Description="made up">' for one in ("AC0", "EXOMES_FILTERED")),
        *(info(key, "A", "Float") for key in _GNOMAD_NUMBERS),
        info("nhomalt_joint", "A", "Integer"),
        info("AN_joint", "1", "Integer"),
        info("grpmax_joint", "A", "String"),
        f"##contig=<ID={name},length=46709983,assembly=gnomAD_GRCh38>",
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
    )
    return _packed(to, (*head, *(f"{name}\t{row}" for row in rows)))


def _packed(to: Path, lines: Iterable[str]) -> Path:
    with gzip.open(to, "wt", compresslevel=1) as file:
        file.writelines(f"{line}\n" for line in lines)
    return to


def grch38(folder: Path, refseq: Path) -> None:
    """What the recipe grch38 wants: NCBI's sequence and gene models, ClinVar and dbSNP."""
    windows(folder / "GCF_000001405.40_GRCh38.p14_genomic.fna.gz", "NC_000021.9")
    models = folder / "GCF_000001405.40_GRCh38.p14_genomic.gff"
    gene_models.as_recent_refseq(refseq, models)
    _packed(folder / "MANE.GRCh38.v0.5.summary.txt.gz", MANE)
    clinvar(folder / "clinvar.vcf.gz")
    dbsnp(folder / "GCF_000001405.40.gz", "NC_000021.9")
    joint = "gnomad.joint.v4.1.sites.chr{}.vcf.bgz"
    gnomad(
        folder / joint.format(21),
        "chr21",
        "25891784\trs63750264\tC\tT\t.\tPASS\tAF_joint=1.2e-06;AN_joint=1614000;nhomalt_joint=0;"
        "AF_grpmax_joint=8.5e-06;grpmax_joint=nfe;fafmax_faf95_max_joint=2e-07;AF_joint_afr=0;"
        "AF_joint_fin=1.5e-05;AF_joint_nfe=8.5e-06;AF_joint_ami=0.5",
        "25891790\t.\tC\tT\t.\tEXOMES_FILTERED\tAF_joint=0.3;nhomalt_joint=71;AF_joint_eas=0.4;"
        "AF_grpmax_joint=0.4;grpmax_joint=eas",
    )
    gnomad(folder / joint.format("Y"), "chrY", "2781500\t.\tC\tT\t.\tPASS\tAF_joint=0.1")


def grch37(folder: Path, _: Path) -> None:
    """What the recipe grch37 wants: UCSC's sequence, GENCODE's gene models, ClinVar and dbSNP."""
    windows(folder / "hg19.p13.plusMT.fa.gz", "chr21", GRCH37_SHIFT)
    models = gene_models.as_gencode(SOURCE / "genes.gff3.gz", folder / "models")
    lines = models.read_text().splitlines()
    models.unlink()
    shifted(lines, folder / "gencode.v49lift37.annotation.gff3.gz", (3, 4), "chr21", GRCH37_SHIFT)
    clinvar(folder / "clinvar_20251101.vcf.gz", GRCH37_SHIFT)
    dbsnp(folder / "GCF_000001405.25.gz", "NC_000021.8", GRCH37_SHIFT)


Download = Callable[[Path, Path], None]


def recipe_for_21(name: str, window_name: str, length: int, to: Path) -> Path:
    """The recipe that ships, for the windows of chromosome 21 alone."""
    plan = json.loads(RECIPE.with_name(f"{name}.json").read_text())
    to.write_text(json.dumps(plan | {"contigs": ["21"], "windows": {window_name: length}}))
    return to
