"""A file of another genome build is refused, and the build that it is of is named."""

from pathlib import Path

import pytest

from annotator import builds
from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.diagnostics import Diagnostics
from annotator.rejection import Rejected
from annotator.vcf.header import Header, Reader
from gas.events import FailureCode
from tests.support.annotation import run, vcf

DEMO = "grch38-21q21"
VERSION = "##fileformat=VCFv4.2\n"
WRONG = "21\t25891784\t.\tG\tT\t.\t.\t."


@pytest.fixture(scope="module")
def demo() -> Bundle:
    return bundles.find(DEMO)


def header(*lines: str) -> Header:
    reader = Reader(Diagnostics())
    for number, line in enumerate((VERSION.strip(), *lines), start=1):
        reader.take(line.encode(), number)
    return reader.header


TOLD = {
    "lengths": (["##contig=<ID=21,length=48129895>"], "GRCh37"),
    "lengths with chr": (["##contig=<ID=chr1,length=248956422>"], "GRCh38"),
    "T2T": (["##contig=<ID=chr21,length=45090682>"], "T2T-CHM13v2.0"),
    "hg18": (["##contig=<ID=chr1,length=247249719>"], "NCBI36"),
    "versions": (["##contig=<ID=NC_000021.8>"], "GRCh37"),
    "most contigs": (
        ["##contig=<ID=1,length=249250621>", "##contig=<ID=2,length=243199373>",
         "##contig=<ID=3,length=198295559>"],
        "GRCh37",
    ),
    "reference": (["##reference=file:///data/ucsc.hg19.fasta"], "GRCh37"),
    "broad": (["##reference=file:///ref/Homo_sapiens_assembly38.fasta"], "GRCh38"),
    "assembly": (["##contig=<ID=1,assembly=b37>"], "GRCh37"),
    "mitochondrion of hg19": (["##contig=<ID=chrM,length=16571>"], "GRCh37"),
    "mitochondrion": (["##contig=<ID=MT,length=16569>"], None),
    "two": (["##reference=hg19.fa", "##assembly=https://x/GRCh38.fa"], None),
    "nothing": (["##contig=<ID=21>"], None),
    "a word that is no build": (["##reference=file:///lab38/hs100.fa"], None),
}  # fmt: skip


@pytest.mark.parametrize("what", TOLD)
def test_the_build_is_told_by_contigs_or_by_header_lines(what: str) -> None:
    lines, assembly = TOLD[what]
    build = builds.told(header(*lines))
    assert (build.assembly if build else None) == assembly


REFUSED = {
    "lengths": ("##contig=<ID=21,length=48129895>\n", "21\t25891784\t.\tC\tT\t.\t.\t."),
    "names": ("##contig=<ID=NC_000021.8>\n", "NC_000021.8\t27264096\t.\tC\tT\t.\t.\t."),
    "chr and lengths": ("##contig=<ID=chr21,length=48129895>\n", WRONG),
    "reference": ("##reference=file:///ucsc.hg19.fasta\n", WRONG),
    "contigs of others": ("##contig=<ID=1,assembly=b37>\n", WRONG),
}


@pytest.mark.parametrize("what", REFUSED)
def test_another_build_is_refused_and_named(what: str, demo: Bundle, tmp_path: Path) -> None:
    lines, row = REFUSED[what]
    with pytest.raises(Rejected, match="The file is of GRCh37, by the ") as rejected:
        run(vcf(row, header=VERSION + lines), tmp_path, bundle=demo)
    assert rejected.value.code is FailureCode.WRONG_BUILD


def test_a_whole_bundle_without_the_contigs_names_the_build_too(tmp_path: Path) -> None:
    lines = "##contig=<ID=21,length=48129895>\n"
    with pytest.raises(Rejected, match="The file is of GRCh37"):
        run(vcf(WRONG, header=VERSION + lines), tmp_path, bundle=bundles.find("human-mt"))


def test_the_mitochondrion_of_a_grch37_file_is_the_same(tmp_path: Path) -> None:
    lines = "##contig=<ID=1,length=249250621>\n##contig=<ID=MT,length=16569>\n"
    row = "MT\t3460\t.\tG\tA\t.\t.\t."
    found = run(vcf(row, header=VERSION + lines), tmp_path, bundle=bundles.find("human-mt"))
    assert found.counts["annotated"] == 1


def test_names_of_several_projects_in_one_file_work(demo: Bundle, tmp_path: Path) -> None:
    names = ("chr21", "21", "chr21", "CM000683.2", "NC_000021.9", "21")
    rows = [f"{name}\t25891784\t.\tC\tT\t.\t.\t." for name in names]
    lines = "".join(f"##contig=<ID={name},length=46709983>\n" for name in sorted(set(names)))
    found = run(vcf(*rows, header=VERSION + lines), tmp_path, bundle=demo)
    assert sorted(record[0] for record in found.records) == sorted(names)
    assert found.counts["pathogenic"] == found.counts["annotated"] == len(names)
