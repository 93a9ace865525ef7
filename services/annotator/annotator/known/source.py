"""Reads a source of known variants at the places where a file has variants."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from annotator.known.tabix import Index, VirtualOffset
from annotator.vcf import bgzf
from annotator.vcf.columns import UPPER, Bytes, Flags, Offsets, Spans, Table, spread

_CHROM, _POS, _REF, _ALT = range(4)
_POSITION_DIGITS = 10
_CHUNK_BYTES = 1 << 17
_FAR = 1 << 17
"""So many bases without a variant are worth a new look into the index."""
_SUBSTITUTION_BYTES = 3
Found = tuple[Offsets, list[bytes]]


class Source:
    """A bgzipped TSV with its index, read forwards; to go back costs a new start."""

    def __init__(self, path: Path, fields: int) -> None:
        self._file = path.open("rb")
        self._index = Index(path.with_name(f"{path.name}.tbi"))
        self._columns = _ALT + 1 + fields
        self._contig = b""
        self._from = 0
        self._chunks: list[_Chunk] = []
        self._more: Iterator[_Chunk] = iter(())

    def find(
        self, contig: bytes, positions: Offsets, text: Bytes, alleles: Spans
    ) -> Iterator[Found]:
        """The numbers of variants that are there, and what the source says of each.

        ``positions`` are in order; ``alleles`` are REF, a tab and ALT of each variant in ``text``.
        """
        behind_gaps = np.flatnonzero(np.diff(positions) > _FAR) + 1
        edges = [0, *behind_gaps.tolist(), len(positions)]
        for begin, end in pairwise(edges):
            if begin == end:
                continue
            first, last = int(positions[begin]), int(positions[end - 1])
            for chunk in self._covering(contig, first, last):
                some = slice(begin, end)
                for indexes, said in chunk.find(contig, positions[some], text, alleles[some]):
                    yield begin + indexes, said

    def _covering(self, contig: bytes, first: int, last: int) -> Iterator[_Chunk]:
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

    def _read(self, offset: VirtualOffset) -> Iterator[_Chunk]:
        self._file.seek(offset.block)
        rest, skip = b"", offset.inside
        for _, text in bgzf.blocks(self._file):
            rest, skip = rest + text[skip:], 0
            end = rest.rfind(b"\n") + 1
            if end >= _CHUNK_BYTES:
                yield _Chunk(rest[:end], self._columns)
                rest = rest[end:]
        if rest:
            yield _Chunk(rest, self._columns)


class _Chunk:
    """Some lines of a source."""

    def __init__(self, text: bytes, columns: int) -> None:
        self._table = Table(text, columns)
        self._positions, _ = self._table.numbers(self._table.column(_POS), _POSITION_DIGITS)
        self._of_contig: dict[bytes, tuple[int, int]] = {}

    def _lines(self, contig: bytes) -> tuple[int, int]:
        """The first line of that contig, and the one behind its last."""
        found = self._of_contig.get(contig)
        if found is None:
            here = np.flatnonzero(self._table.equals(self._table.column(_CHROM), contig))
            found = (int(here[0]), int(here[-1]) + 1) if len(here) else (0, 0)
            self._of_contig[contig] = found
        return found

    def last(self, contig: bytes) -> int:
        """The last position of that contig, 0 if it has none here."""
        begin, end = self._lines(contig)
        return int(self._positions[end - 1]) if begin < end else 0

    def ends_behind(self, contig: bytes, position: int) -> bool:
        """True if no later line is of that contig and at that position or before it."""
        return self._lines(contig)[1] < self._table.rows or self.last(contig) > position

    def find(
        self, contig: bytes, positions: Offsets, text: Bytes, alleles: Spans
    ) -> Iterator[Found]:
        """As ``Source.find``, of the first line here that says something of a variant."""
        begin, end = self._lines(contig)
        if begin == end:
            return
        known = self._positions[begin:end]
        first = int(np.searchsorted(positions, known[0], side="left"))
        here = positions[first : int(np.searchsorted(positions, known[-1], side="right"))]
        lines = begin + np.searchsorted(known, here, side="left")
        left = np.flatnonzero(known.take(lines - begin) == here)
        ends = begin + np.searchsorted(known, here[left], side="right")
        left, lines = left + first, lines[left]
        refs, alts = self._table.column(_REF), self._table.column(_ALT)
        while len(left):
            there = Spans(refs.starts[lines], alts.ends[lines])
            same = _are_same(text, alleles[left], self._table.bytes, there)
            hits = lines[same]
            values = Spans(alts.ends[hits] + 1, self._table.ends[hits])
            yield left[same], values.texts(self._table.text)
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
