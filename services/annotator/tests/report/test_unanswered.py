"""Alleles that the engine has no answer to: counted, and noted with their line of the upload."""

from pathlib import Path

import pysam
import pytest

from annotator import bundle as bundles
from tests.support.annotation import Annotated, record, run, vcf

UNKNOWN = "an allele has unknown bases (N)"


def noted(found: Annotated) -> list[int]:
    """The lines of the upload that the log names for such alleles, in its order."""
    rows = [row.split("\t") for row in found.log.splitlines()]
    return [int(row[1].removeprefix("line ")) for row in rows if UNKNOWN in row[-1]]


def test_an_allele_without_an_answer_is_counted_and_named(tmp_path: Path) -> None:
    rows = [record("73\t.\tA\tN"), record("263\t.\tA\tG"), record("750\t.\tA\tG,N")]
    found = run(vcf(*rows), tmp_path)
    assert found.summary["not_annotated"] == {"not_a_sequence": 2}
    assert "not annotated\tnot_a_sequence\t2" in found.log
    assert noted(found) == [4, 6]
    assert [bool(entries) for entries in found.csq] == [False, True, True]
    assert {entry["ALLELE_NUM"] for entry in found.csq[2]} == {"1"}
    assert found.records[0][7] == "."


@pytest.mark.parametrize("split", [False, True])
def test_lines_are_those_of_the_upload_even_after_sorting_and_splitting(
    split: bool, tmp_path: Path
) -> None:
    rows = [
        record("8993\t.\tT\tC,N"),
        "",  # an empty line, which counts
        record("3460\t.\tG\tA"),
        record("750\t.\tA\tN"),
        record("73\t.\tA\tC,G,N"),
        record("3461\t.\tC\tN,T"),
    ]
    found = run(vcf(*rows), tmp_path, split_multiallelics=split)
    assert noted(found) == [4, 7, 8, 9]
    assert found.summary["not_annotated"] == {"not_a_sequence": 4}


def test_parts_tell_the_same_as_one(tmp_path: Path) -> None:
    with pysam.FastaFile(str(bundles.find("human-mt").reference)) as fasta:
        bases = fasta.fetch("MT")
    rows = [record(f"{at}\t.\t{bases[at - 1]}\tN") for at in range(4_000, 9_000)]
    found = []
    for workers in (1, 3):
        folder = tmp_path / str(workers)
        folder.mkdir()
        found.append(run(vcf(*rows), folder, workers=workers, smallest_part=10))
    assert noted(found[0]) == noted(found[1]) == list(range(4, 5_004))
    assert found[0].log == found[1].log
