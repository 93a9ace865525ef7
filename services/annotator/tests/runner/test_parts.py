"""A file that is annotated in several parts at once gives the same results as in one."""

from pathlib import Path

import pysam
import pytest

from annotator import bundle as bundles
from annotator.bundle import Bundle
from tests.support import synthetic_genome
from tests.support.annotation import COLUMNS, Annotated, run, vcf

FEW = {"smallest_part": 1_000, "smallest_slice": 5_000}
DATA = Path(__file__).parent.parent / "data" / "grch38-21q21"
PROVENANCE = "provenance.json"  # has times


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return synthetic_genome.build_bundle(tmp_path_factory.mktemp("synthetic"))


def every_change(prefix: str = "", samples: str = "") -> list[str]:
    return [
        f"{prefix}{contig}\t{position}\t.\t{base}\t{alt}\t.\t.\tX=1{samples}"
        for contig, bases in synthetic_genome.sequences().items()
        for position, base in enumerate(bases, start=1)
        for alt in "ACGT"
        if alt != base
    ]


def in_parts(content: bytes, folder: Path, bundle: Bundle, workers: int) -> Annotated:
    folder.mkdir()
    return run(content, folder, bundle=bundle, workers=workers, **FEW)


def compared(one: Annotated, other: Annotated) -> None:
    assert one.text == other.text
    assert one.table == other.table
    assert one.log == other.log
    assert one.summary == other.summary
    assert one.counts == other.counts


@pytest.mark.parametrize("pack", ["plain", "bgzip"])
def test_parallel_parts_give_the_same_result(pack: str, bundle: Bundle, tmp_path: Path) -> None:
    content = vcf(*every_change("chr"), header="##fileformat=VCFv4.2\n")
    if pack == "bgzip":
        (tmp_path / "plain").write_bytes(content)
        pysam.tabix_compress(str(tmp_path / "plain"), str(tmp_path / "packed"))
        content = (tmp_path / "packed").read_bytes()
    one, other = (in_parts(content, tmp_path / str(n), bundle, n) for n in (1, 3))
    compared(one, other)
    assert one.counts["annotated"] == one.counts["records"] == 6 * synthetic_genome.LENGTH


def test_parallel_parts_of_an_unsorted_file_with_samples(bundle: Bundle, tmp_path: Path) -> None:
    rows = every_change(samples="\tGT\t0|1\t1|1")
    columns = f"{COLUMNS}\tFORMAT\tone\ttwo"
    content = vcf(*rows[::-1], header="##fileformat=VCFv4.2\n", columns=columns)
    one, other = (in_parts(content, tmp_path / str(n), bundle, n) for n in (1, 3))
    compared(one, other)
    assert "were sorted" in one.log


def test_parallel_parts_of_real_variants_are_split_alike(tmp_path: Path) -> None:
    bundle = bundles.find("grch38-21q21")
    content = (DATA / "random.vcf.gz").read_bytes()
    found = []
    for workers in (1, 2):
        folder = tmp_path / str(workers)
        folder.mkdir()
        found.append(
            run(content, folder, bundle=bundle, workers=workers, **FEW, split_multiallelics=True)
        )
    compared(*found)
    assert found[0].counts["records"] == 6_000


def test_the_same_input_gives_the_same_bytes(bundle: Bundle, tmp_path: Path) -> None:
    content = vcf(*every_change()[:3_000], header="##fileformat=VCFv4.2\n")
    files = []
    for name in ("first", "second"):
        done = in_parts(content, tmp_path / name, bundle, 2)
        folder = done.path.parent
        files.append({p.name: p.read_bytes() for p in folder.iterdir() if p.name != PROVENANCE})
    assert files[0] == files[1]
