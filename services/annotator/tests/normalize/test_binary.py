"""BCF: recognised, made text, annotated as the VCF that it is of."""

import gzip
from pathlib import Path

import pysam
import pytest

from annotator import bundle as bundles
from annotator import commands
from annotator.recognition import head_of
from gas.events import FailureCode
from tests.support.annotation import record, refusal, run, vcf

TEXT = vcf(record("73\t.\tA\tG"), record("3460\trs1\tG\tA"))


def binary(content: bytes, folder: Path) -> bytes:
    """The same as BCF, in blocks."""
    (folder / "text.vcf").write_bytes(content)
    path = folder / "made.bcf"
    with (
        pysam.VariantFile(str(folder / "text.vcf")) as text,
        pysam.VariantFile(str(path), "wb", header=text.header) as out,
    ):
        for row in text:
            out.write(row)
    return path.read_bytes()


@pytest.mark.parametrize("pack", [bytes, gzip.decompress], ids=["in blocks", "as it is"])
def test_bcf_is_annotated_as_the_vcf_that_it_is_of(pack: type[bytes], tmp_path: Path) -> None:
    found = run(pack(binary(TEXT, tmp_path)), tmp_path)
    assert [row[:5] for row in found.records] == [
        ["MT", "73", ".", "A", "G"],
        ["MT", "3460", "rs1", "G", "A"],
    ]
    assert found.picked(1)["Consequence"] == "missense_variant"
    assert "the upload is BCF" in found.log
    assert found.provenance["commands"] == ["bcftools view"]


def test_the_beginning_of_a_bcf_is_enough_to_recognise_the_reference(tmp_path: Path) -> None:
    rows = [record(f"{n}\t.\tN\tA") for n in range(1, 16_000)]
    head = tmp_path / "head"
    head.write_bytes(binary(vcf(*rows), tmp_path)[:40_000])
    assert head_of(head).contigs == {b"MT": 16569}


def test_a_damaged_bcf_is_refused(tmp_path: Path) -> None:
    content = gzip.decompress(binary(TEXT, tmp_path))
    assert refusal(content[:-20], tmp_path).code is FailureCode.DAMAGED_FILE


def test_a_bcf_is_checked(tmp_path: Path) -> None:
    (tmp_path / "my.bcf").write_bytes(binary(TEXT, tmp_path))
    assert commands.verdict(tmp_path / "my.bcf", bundles.find("human-mt"))["valid"]
