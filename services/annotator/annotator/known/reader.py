"""Reads an indexed file of a bundle forwards, in chunks of lines, where a file has variants."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from annotator.known.tabix import Index, VirtualOffset
from annotator.vcf import bgzf
from annotator.vcf.columns import Offsets, Table

_CHROM, _START = range(2)
_POSITION_DIGITS = 10
_CHUNK_BYTES = 1 << 17
_FAR = 1 << 17
"""So many bases without a variant are worth a new look into the index."""


class Chunk:
    """Some lines of a file: ``table``, and where each line starts and ends, 1-based, inclusive."""

    def __init__(self, text: bytes, columns: int, end_column: int) -> None:
        self.table = Table(text, columns)
        self.starts = self._numbers(_START)
        self.ends = self.starts if end_column == _START else self._numbers(end_column)
        self._of_contig: dict[bytes, tuple[int, int]] = {}

    def _numbers(self, column: int) -> Offsets:
        return self.table.numbers(self.table.column(column), _POSITION_DIGITS)[0]

    def lines(self, contig: bytes) -> tuple[int, int]:
        """The first line of that contig, and the one behind its last."""
        found = self._of_contig.get(contig)
        if found is None:
            here = np.flatnonzero(self.table.equals(self.table.column(_CHROM), contig))
            found = (int(here[0]), int(here[-1]) + 1) if len(here) else (0, 0)
            self._of_contig[contig] = found
        return found

    def last(self, contig: bytes) -> int:
        """The last position of that contig, 0 if it has none here."""
        begin, end = self.lines(contig)
        return int(self.ends[end - 1]) if begin < end else 0

    def ends_behind(self, contig: bytes, position: int) -> bool:
        """True if no later line is of that contig and at that position or before it."""
        return self.lines(contig)[1] < self.table.rows or self.last(contig) > position


class Reader:
    """A bgzipped TSV with its index, read forwards; to go back costs a new start.

    Lines of a contig ascend, and so do their ends: ``end_column`` is that of POS where a line has
    one position.
    """

    def __init__(self, path: Path, columns: int, end_column: int = _START) -> None:
        self._file = path.open("rb")
        self._index = Index(path.with_name(f"{path.name}.tbi"))
        self._columns, self._end_column = columns, end_column
        self._contig = b""
        self._from = 0
        self._chunks: list[Chunk] = []
        self._more: Iterator[Chunk] = iter(())

    def near(self, contig: bytes, firsts: Offsets, lasts: Offsets) -> Iterator[tuple[slice, Chunk]]:
        """Runs of queries, and each chunk that may hold something of one of the run.

        ``firsts`` are in order; both are 1-based, inclusive.
        """
        behind_gaps = np.flatnonzero(np.diff(firsts) > _FAR) + 1
        for begin, end in pairwise([0, *behind_gaps.tolist(), len(firsts)]):
            if begin < end:
                last = int(lasts[begin:end].max())
                for chunk in self._covering(contig, int(firsts[begin]), last):
                    yield slice(begin, end), chunk

    def _covering(self, contig: bytes, first: int, last: int) -> Iterator[Chunk]:
        """The chunks that hold what there is of these positions."""
        if contig != self._contig or not self._from <= first <= self._reach() + _FAR:
            self._start(contig, first)
        while self._chunks and self._chunks[0].last(contig) < first:
            self._from = self._chunks.pop(0).last(contig) + 1
        yield from list(self._chunks)
        while not (self._chunks and self._chunks[-1].ends_behind(contig, last)):
            chunk = next(self._more, None)
            if chunk is None:
                return
            self._chunks.append(chunk)
            yield chunk

    def _reach(self) -> int:
        return self._chunks[-1].last(self._contig) if self._chunks else self._from

    def _start(self, contig: bytes, position: int) -> None:
        self._contig, self._from = contig, position
        self._chunks = []
        offset = self._index.offset(contig, position)
        self._more = self._read(offset) if offset else iter(())

    def _read(self, offset: VirtualOffset) -> Iterator[Chunk]:
        self._file.seek(offset.block)
        rest, skip = b"", offset.inside
        for _, text in bgzf.blocks(self._file):
            rest, skip = rest + text[skip:], 0
            end = rest.rfind(b"\n") + 1
            if end >= _CHUNK_BYTES:
                yield Chunk(rest[:end], self._columns, self._end_column)
                rest = rest[end:]
        if rest:
            yield Chunk(rest, self._columns, self._end_column)
