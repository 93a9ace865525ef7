"""Cuts a file into parts that can be annotated side by side."""

from __future__ import annotations

from itertools import pairwise

from annotator.bundle import STANDARD_CODE, Bundle
from annotator.engine.blocks import Part
from annotator.engine.findings import Survey
from annotator.engine.reading import START
from annotator.engine.records import UNKNOWN


def plan(found: Survey, bundle: Bundle, workers: int, smallest: int) -> list[Part]:
    """Parts in the order of the file: one for each worker, more where the genetic code changes."""
    if not found.cuts:
        return []
    share = max(smallest, -(-found.records // workers))
    codes = _codes(found, bundle)
    begins: list[int] = []
    for n, cut in enumerate(found.cuts):
        since = cut.record - found.cuts[begins[-1]].record if begins else 0
        if not begins or codes[n] != codes[n - 1] or (found.is_seekable and since >= share):
            begins.append(n)
    parts = []
    for number, (n, last) in enumerate(pairwise([*begins, len(found.cuts)])):
        cut = found.cuts[n]
        end = found.cuts[last].record if last < len(found.cuts) else found.records
        place, line, skip = cut.place, cut.line, 0
        if not found.is_seekable:
            place, line, skip = START, 1, cut.line - 1
        seen = {found.contigs.in_bundle[cut.contig] for cut in found.cuts[n:last]}
        contigs = tuple(sorted(seen - {UNKNOWN}))
        parts.append(Part(number, place, line, skip, end - cut.record, codes[n], contigs))
    return parts


def _codes(found: Survey, bundle: Bundle) -> list[int]:
    """The genetic code at each cut; that of its neighbours where the contig is unknown."""
    codes: list[int | None] = []
    for cut in found.cuts:
        known = found.contigs.in_bundle[cut.contig]
        before = codes[-1] if codes else None
        codes.append(before if known == UNKNOWN else bundle.manifest.contigs[known].genetic_code)
    first = next((code for code in codes if code is not None), STANDARD_CODE)
    return [first if code is None else code for code in codes]
