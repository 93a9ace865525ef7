"""Bases of the reference, mapped into memory: many positions are looked up at once."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from annotator.bundle import Bundle
from annotator.vcf.columns import UPPER, Bytes, Flags, Offsets, Spans, spread

_N = ord("N")
_MOST_HELD_BYTES = 1 << 25


@dataclass(frozen=True, slots=True)
class _Sequence:
    """A line of the FASTA index: bases, offset of the first, bases and bytes of a line."""

    length: int
    offset: int
    line_bases: int
    line_bytes: int


class Reference:
    """The reference sequence of a bundle; contigs by their number in it, positions from 1."""

    def __init__(self, bundle: Bundle) -> None:
        index = _read_index(Path(f"{bundle.reference}.fai"))
        self._sequences = [index[contig.name] for contig in bundle.manifest.contigs]
        with bundle.reference.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._bytes: Bytes = np.frombuffer(self._map, dtype=np.uint8)
        self._held_at = 0

    def bases(self, contig: int, positions: Offsets) -> Bytes:
        """The upper-case base at each position; N beyond the end."""
        sequence = self._sequences[contig]
        at = positions - 1
        inside = (at >= 0) & (at < sequence.length)
        at = np.where(inside, at, 0)
        lines, rests = np.divmod(at, sequence.line_bases)
        places = sequence.offset + lines * sequence.line_bytes + rests
        found = self._bytes.take(places)
        if len(places):
            self._let_go(int(places[-1]))
        return np.where(inside, UPPER.take(found), _N).astype(np.uint8)

    def _let_go(self, place: int) -> None:
        """Give back what was read of the file, once that is far behind: it would all add up."""
        if abs(place - self._held_at) > _MOST_HELD_BYTES:
            self._map.madvise(mmap.MADV_DONTNEED)
            self._held_at = place

    def compared(
        self, contig: int, positions: Offsets, text: Bytes, refs: Spans
    ) -> tuple[Flags, Flags]:
        """Where REF is another than what stands there, and where it is known to be the same.

        N on either side says nothing: with nothing else a record is neither.
        """
        single = refs.lengths == 1
        other = np.zeros(len(refs), dtype=np.bool_)
        same = np.zeros(len(refs), dtype=np.bool_)
        there, given = self.bases(contig, positions[single]), text[refs.starts[single]]
        other[single], same[single] = _told(there, given)
        longer = np.flatnonzero(~single)
        if len(longer):
            of, place = spread(refs.lengths[longer])
            there = self.bases(contig, positions[longer][of] + place)
            others, sames = _told(there, text[refs.starts[longer][of] + place])
            other[longer] = np.bincount(of[others], minlength=len(longer)) > 0
            same[longer] = np.bincount(of[sames], minlength=len(longer)) > 0
        return other, same & ~other

    def text(self, contig: int, position: int, length: int) -> str:
        """The bases there, for a message; 40 at most."""
        positions = np.arange(position, position + min(length, 40), dtype=np.int64)
        return self.bases(contig, positions).tobytes().decode()


def _told(reference: Bytes, given: Bytes) -> tuple[Flags, Flags]:
    """Where two bases are known to differ, and where to be the same."""
    given = UPPER.take(given)
    known = (reference != _N) & (given != _N)
    is_same = reference == given
    return known & ~is_same, known & is_same


def _read_index(path: Path) -> dict[str, _Sequence]:
    rows = [line.split("\t") for line in path.read_text().splitlines()]
    return {name: _Sequence(*(int(number) for number in numbers[:4])) for name, *numbers in rows}
