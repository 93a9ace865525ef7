"""A file is cut where its parts are nearest to one length."""

from itertools import accumulate

import pytest

from annotator import bundle as bundles
from annotator.diagnostics import Diagnostics
from annotator.runner.parts import plan
from annotator.validate.contigs import Contigs
from annotator.validate.findings import Cut, Survey
from annotator.vcf.blocks import Place
from annotator.vcf.header import Header


def parts_of(blocks: list[int], workers: int, smallest: int = 1) -> list[int]:
    """The records of each part of a file whose blocks have so many."""
    contigs = Contigs(bundles.find("human-mt"), {})
    found = Survey(Header(), Diagnostics(), contigs, records=sum(blocks))
    begins = [0, *accumulate(blocks)][:-1]
    found.cuts = [Cut(at, at + 1, Place(at, 0), 0) for at in begins]
    return [part.records for part in plan(found, workers, smallest)]


@pytest.mark.parametrize(
    ("blocks", "workers", "expected"),
    [
        ([33, 33, 33, 33, 33, 33, 1], 2, [99, 100]),
        ([33, 33, 32, 1, 32, 33, 33], 2, [99, 98]),
        ([40, 5, 5, 40, 5], 3, [40, 50, 5]),
        ([10] * 9 + [1], 3, [30, 30, 31]),
        ([50, 50], 1, [100]),
        ([100], 4, [100]),
    ],
)
def test_parts_are_as_even_as_blocks_allow(
    blocks: list[int], workers: int, expected: list[int]
) -> None:
    assert parts_of(blocks, workers) == expected


def test_no_part_is_shorter_than_is_worth_a_process() -> None:
    assert parts_of([10, 10, 10, 10], 4, smallest=15) == [20, 20]
    assert parts_of([10, 10, 10], 4, smallest=40) == [30]
