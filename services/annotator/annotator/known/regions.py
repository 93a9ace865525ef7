"""What a source says of the bases that a variant changes: stretches that do not overlap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from annotator.known.reader import Reader
from annotator.known.source import Found
from annotator.vcf.columns import Offsets, Spans, spread

_END = 2
_MOST_SEGMENTS = 1_000
"""Of one variant: a long deletion may touch more, and is told of the first."""


class Regions:
    """A source whose lines have CHROM, START, END (1-based, inclusive) and its fields."""

    def __init__(self, path: Path, fields: int) -> None:
        self._reader = Reader(path, _END + 1 + fields, _END)

    def find(self, contig: bytes, firsts: Offsets, lasts: Offsets) -> Iterator[Found]:
        """The numbers of variants that touch a stretch, once for each, and what is said of it.

        ``firsts``, in order, and ``lasts`` are the bases that they change.
        """
        for some, chunk in self._reader.near(contig, firsts, lasts):
            begin, end = chunk.lines(contig)
            if begin == end:
                continue
            first = np.searchsorted(chunk.ends[begin:end], firsts[some], side="left")
            behind = np.searchsorted(chunk.starts[begin:end], lasts[some], side="right")
            counts = np.clip(behind - first, 0, _MOST_SEGMENTS)
            of, place = spread(counts)
            lines = begin + first[of] + place
            values = Spans(chunk.table.column(_END).ends[lines] + 1, chunk.table.ends[lines])
            yield some.start + of, values.texts(chunk.table.text)
