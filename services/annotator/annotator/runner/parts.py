"""Cuts a file into parts that can be annotated side by side."""

from __future__ import annotations

from itertools import pairwise

from annotator.validate.findings import Survey
from annotator.vcf.part_reader import Part
from annotator.vcf.reading import START


def plan(found: Survey, workers: int, smallest: int) -> list[Part]:
    """Parts in the order of the file, one for each worker, of at least ``smallest`` records."""
    if not found.cuts:
        return []
    share = max(smallest, -(-found.records // workers))
    begins: list[int] = []
    for n, cut in enumerate(found.cuts):
        since = cut.record - found.cuts[begins[-1]].record if begins else 0
        if not begins or (found.is_seekable and since >= share):
            begins.append(n)
    parts = []
    for number, (n, last) in enumerate(pairwise([*begins, len(found.cuts)])):
        cut = found.cuts[n]
        end = found.cuts[last].record if last < len(found.cuts) else found.records
        place, line, skip = cut.place, cut.line, 0
        if not found.is_seekable:
            place, line, skip = START, 1, cut.line - 1
        parts.append(Part(number, place, line, skip, end - cut.record, cut.record + 1))
    return parts
