"""What a source of known variants says of alleles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from annotator.known.reader import Chunk, Reader
from annotator.vcf.columns import UPPER, Bytes, Flags, Offsets, Spans, spread

_REF, _ALT = 2, 3
_SUBSTITUTION_BYTES = 3
Found = tuple[Offsets, list[bytes]]


class Source:
    """A source whose lines have CHROM, POS, REF, ALT and its fields."""

    def __init__(self, path: Path, fields: int) -> None:
        self._reader = Reader(path, _ALT + 1 + fields)

    def find(
        self, contig: bytes, positions: Offsets, text: Bytes, alleles: Spans
    ) -> Iterator[Found]:
        """The numbers of variants that are there, and what the source says of each.

        ``positions`` are in order; ``alleles`` are REF, a tab and ALT of each variant in ``text``.
        """
        for some, chunk in self._reader.near(contig, positions, positions):
            for indexes, said in _in_chunk(chunk, contig, positions[some], text, alleles[some]):
                yield some.start + indexes, said


def _in_chunk(
    chunk: Chunk, contig: bytes, positions: Offsets, text: Bytes, alleles: Spans
) -> Iterator[Found]:
    """As ``Source.find``, of the first line here that says something of a variant."""
    begin, end = chunk.lines(contig)
    if begin == end:
        return
    table, known = chunk.table, chunk.starts[begin:end]
    first = int(np.searchsorted(positions, known[0], side="left"))
    here = positions[first : int(np.searchsorted(positions, known[-1], side="right"))]
    lines = begin + np.searchsorted(known, here, side="left")
    left = np.flatnonzero(known.take(lines - begin) == here)
    ends = begin + np.searchsorted(known, here[left], side="right")
    left, lines = left + first, lines[left]
    refs, alts = table.column(_REF), table.column(_ALT)
    while len(left):
        there = Spans(refs.starts[lines], alts.ends[lines])
        same = _are_same(text, alleles[left], table.bytes, there)
        hits = lines[same]
        values = Spans(alts.ends[hits] + 1, table.ends[hits])
        yield left[same], values.texts(table.text)
        going = np.flatnonzero(~same & (lines + 1 < ends))
        left, lines, ends = left[going], lines[going] + 1, ends[going]


def _are_same(text: Bytes, spans: Spans, other: Bytes, others: Spans) -> Flags:
    """Which pieces of two texts are the same, in either case."""
    lengths = spans.lengths
    same: Flags = lengths == others.lengths
    short = same & (lengths == _SUBSTITUTION_BYTES)
    for at in (0, _SUBSTITUTION_BYTES - 1):
        here = np.flatnonzero(short)
        same[here] &= UPPER.take(text[spans.starts[here] + at]) == UPPER.take(
            other[others.starts[here] + at]
        )
    longer = np.flatnonzero(same & ~short)
    of, place = spread(lengths[longer])
    ours, theirs = spans.starts[longer][of] + place, others.starts[longer][of] + place
    differs = UPPER.take(text[ours]) != UPPER.take(other[theirs])
    same[longer] = np.bincount(of[differs], minlength=len(longer)) == 0
    return same
