"""Many records that are not given to the engine, after some that it still holds."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.engines.bcftools import Bcftools
from annotator.processes.pipes import Pipeline
from annotator.runner import part, protocol
from annotator.runner.job import annotate
from tests.support import synthetic_genome
from tests.support.annotation import COLUMNS, record, vcf

WIDE = "NOTE=" + "x" * 10_000


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each start of the engine; the limits of waiting bytes are low."""
    started: list[int] = []

    class CountedPipeline(Pipeline):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            started.append(1)

    monkeypatch.setattr(part, "Pipeline", CountedPipeline)
    monkeypatch.setattr(part, "MUCH_WAITING_BYTES", 1 << 20)
    monkeypatch.setattr(part, "MOST_WAITING_BYTES", 8 << 20)
    return started


def result(content: bytes, folder: Path, bundle: Bundle) -> tuple[list[list[str]], dict[str, int]]:
    """The records of the result, which is made in this process, and the counts."""
    folder.mkdir(exist_ok=True)
    (folder / "input").write_bytes(content)
    task = protocol.Task(
        input=str(folder / "input"),
        filename="a.vcf",
        bundle=bundle.manifest.name,
        folder=str(folder),
        max_inflated_bytes=1 << 30,
        max_seconds=60,
    )
    counts = annotate(task, Bcftools(), bundle, lambda *_: None)
    text = gzip.decompress((folder / protocol.RESULT_VCF).read_bytes()).decode()
    return [line.split("\t") for line in text.splitlines() if line[0] != "#"], counts


def test_many_records_on_unknown_contigs_after_a_known_one_do_not_fill_the_memory(
    tmp_path: Path, starts: list[int]
) -> None:
    known = [record("3460\t.\tG\tA"), record("11778\t.\tG\tA")]
    unknown = [f"chr1\t{n}\t.\tA\tC\t.\t.\t{WIDE}" for n in range(1, 2_001)]
    records, counts = result(vcf(*known, *unknown), tmp_path, bundles.find("human-mt"))
    assert counts["records"] == len(records) == 2_002
    assert counts["annotated"] == 2
    assert ["missense_variant" in fields[7] for fields in records[:3]] == [True, True, False]
    assert len(starts) == 1


def test_a_file_without_a_record_in_a_gene_needs_no_engine(
    tmp_path: Path, starts: list[int]
) -> None:
    row = record("300\t.\tA\tC")  # in the control region
    _, counts = result(vcf(row), tmp_path, bundles.find("human-mt"))
    assert (counts["records"], counts["annotated"], starts) == (1, 0, [])


def test_the_engine_is_restarted_after_a_long_stretch_without_genes(
    tmp_path: Path, starts: list[int]
) -> None:
    bundle = synthetic_genome.build_bundle(tmp_path)
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
    found, counts = result(content, tmp_path / "few", bundle)
    assert len(found) == counts["records"] == len(rows)
    has_consequence = {fields[1]: "BCSQ=" in fields[7] for fields in found}
    assert {position for position, has in has_consequence.items() if has} == {
        *map(str, range(230, 321)),
        *map(str, range(1_233, 1_331)),
    }
    assert len(starts) > 1  # the engine was stopped in the stretch without genes
