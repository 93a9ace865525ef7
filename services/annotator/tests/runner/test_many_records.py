"""Floods of records that no engine is asked about, and bounds on what is asked at once."""

import gzip
import re
from pathlib import Path

import polars as pl
import pytest

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.consequences.bundled import engine_of, version_of
from annotator.consequences.engine import Answer, Engine
from annotator.consequences.pick import Selection
from annotator.runner import protocol
from annotator.runner.chunks import MOST_ROWS
from annotator.runner.job import annotate
from tests.support import synthetic_genome
from tests.support.annotation import COLUMNS, record, vcf

_NOT_NEAR = re.compile(r"[=,][ACGT]\|(?!(?:up|down)stream_gene_variant)")
WIDE = "NOTE=" + "x" * 10_000


class Counting:
    """An engine, and how many alleles it was asked about each time."""

    def __init__(self, bundle: Bundle) -> None:
        self.version = version_of(bundle)
        self._engine: Engine = engine_of(bundle)
        self.asked: list[int] = []

    def annotate(self, alleles: pl.DataFrame, transcripts: Selection = "all") -> Answer:
        self.asked.append(alleles.height)
        return self._engine.annotate(alleles, transcripts)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return synthetic_genome.build_bundle(tmp_path_factory.mktemp("synthetic"))


def result(content: bytes, folder: Path, bundle: Bundle) -> tuple[list[list[str]], Counting]:
    """The records of the result, which is made in this process, and the engine."""
    (folder / "input").write_bytes(content)
    engine = Counting(bundle)
    task = protocol.Task(
        input=str(folder / "input"),
        filename="a.vcf",
        bundle=bundle.manifest.name,
        folder=str(folder),
        max_inflated_bytes=1 << 30,
        max_seconds=60,
    )
    counts = annotate(task, engine, bundle, lambda *_: None)
    text = gzip.decompress((folder / protocol.RESULT_VCF).read_bytes()).decode()
    records = [line.split("\t") for line in text.splitlines() if line[0] != "#"]
    assert counts["records"] == len(records)
    return records, engine


def test_many_records_on_unknown_contigs_after_a_known_one(tmp_path: Path) -> None:
    known = [record("3460\t.\tG\tA"), record("11778\t.\tG\tA")]
    unknown = [f"chr1\t{n}\t.\tA\tC\t.\t.\t{WIDE}" for n in range(1, 2_001)]
    records, engine = result(vcf(*known, *unknown), tmp_path, bundles.find("human-mt"))
    assert len(records) == 2_002
    assert ["missense_variant" in fields[7] for fields in records[:3]] == [True, True, False]
    assert all(fields[7] == WIDE for fields in records[2:])
    assert sum(engine.asked) == 2


def test_a_flood_of_short_records_is_asked_in_chunks(bundle: Bundle, tmp_path: Path) -> None:
    genome = synthetic_genome.sequences()["1"]
    rows = [
        f"1\t{at}\t.\t{genome[at - 1]}\t{'A' if genome[at - 1] != 'A' else 'C'}\t.\t.\t."
        for at in range(300, 315)
        for _ in range(9_000)
    ]
    records, engine = result(vcf(*rows, header="##fileformat=VCFv4.2\n"), tmp_path, bundle)
    assert sum(engine.asked) == len(records) == 135_000
    assert max(engine.asked) <= MOST_ROWS
    assert len({fields[7] for fields in records}) == 15


def test_long_records_with_and_without_a_gene_keep_their_order(
    bundle: Bundle, tmp_path: Path
) -> None:
    genome = synthetic_genome.sequences()["1"]

    def substitutions(first: int, last: int, info: str) -> list[str]:
        return [
            f"1\t{at}\t.\t{genome[at - 1]}\t{alt}\t.\t.\t{info}\tGT\t0/1"
            for at in range(first, last + 1)
            for alt in "ACGT"
            if alt != genome[at - 1]
        ]

    rows = [
        *substitutions(230, 320, "."),
        *substitutions(975, 1_185, WIDE * 3),
        *substitutions(1_233, 1_330, "."),
        *substitutions(1_665, 2_390, WIDE),
    ]
    header = f"##fileformat=VCFv4.2\n##contig=<ID=1,length={synthetic_genome.LENGTH}>\n"
    content = vcf(*rows, header=header, columns=f"{COLUMNS}\tFORMAT\ts")
    records, _ = result(content, tmp_path, bundle)
    assert [fields[1:5] for fields in records] == [row.split("\t")[1:5] for row in rows]
    inside = {fields[1] for fields in records if _NOT_NEAR.search(fields[7])}
    assert inside == {*map(str, range(230, 321)), *map(str, range(1_233, 1_331))}
