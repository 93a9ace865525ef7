"""Whether ID of many records is written as the rules ask, and no identifier is there twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from annotator.diagnostics import Diagnostics
from annotator.rules import records as rules
from annotator.validate.entries import places_of, split
from annotator.vcf.columns import ID, Offsets, Spans, Table, marks

MOST_COMPARED = 5_000_000
"""So many identifiers are compared with each other: 60 MB."""
_LONGEST = 64
_WORD = 8
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_FIRST_BYTES = np.array([(1 << 8 * n) - 1 for n in range(_WORD + 1)], dtype=np.uint64)
_SEMICOLON = marks(b";")
_TEXT = "the identifier is also that of an earlier record"

Hashes = npt.NDArray[np.uint64]


@dataclass
class Seen:
    """The identifiers of a file, as hashes, with the line of each."""

    hashes: list[Hashes] = field(default_factory=list)
    lines: list[Offsets] = field(default_factory=list)
    count: int = 0

    def add(self, hashes: Hashes, lines: Offsets) -> None:
        """Add those of a block, as long as there are not too many."""
        room = MOST_COMPARED - self.count
        if room > 0 and len(hashes):
            self.hashes.append(hashes[:room])
            self.lines.append(lines[:room].astype(np.int32))
            self.count += len(self.hashes[-1])

    def take(self, later: Seen, lines: int) -> None:
        """Add those of the next slice of the file, before which there are so many lines."""
        for hashes, own in zip(later.hashes, later.lines, strict=True):
            self.add(hashes, own.astype(np.int64) + lines)

    def repeats(self) -> list[int]:
        """The lines of identifiers that an earlier line has."""
        if not self.count:
            return []
        hashes, lines = np.concatenate(self.hashes), np.concatenate(self.lines)
        order = np.argsort(hashes, kind="stable")
        ordered, at = hashes[order], lines[order]
        same = (ordered[1:] == ordered[:-1]) & (at[1:] != at[:-1])
        return [int(line) for line in np.unique(at[1:][same])]

    def tell(self, diagnostics: Diagnostics) -> None:
        """Note every repeated identifier."""
        diagnostics.breaches(rules.ID_UNIQUE, self.repeats(), _TEXT)


class Identifiers:
    """Checks ID of a file's records; ``seen`` are all that there are."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics
        self.seen = Seen()

    def check(self, table: Table, line_of: Callable[[int], int]) -> None:
        """Check a block."""
        column = table.column(ID)
        rows = np.flatnonzero(~table.equals(column, b"."))
        if not len(rows):
            return
        names, of = column[rows], rows
        if table.count(_SEMICOLON, names).any():
            names, piece, _ = split(names, places_of(table, b";"))
            of = rows[piece]
        wrong = (names.lengths == 0) | table.equals(names, b".")
        lines = [line_of(row) for row in np.unique(of[wrong]).tolist()]
        self._diagnostics.breaches(rules.ID_SYNTAX, lines, "ID has an empty name or a dot in it")
        hashes = _hashes(table, names)
        self.seen.add(hashes, np.array([line_of(0)]) + table.lines[of] - table.lines[0])
        if len(names) > len(rows):
            self._twice_in_one(hashes, of, line_of)

    def _twice_in_one(self, hashes: Hashes, of: Offsets, line_of: Callable[[int], int]) -> None:
        order = np.lexsort((hashes, of))
        same = (hashes[order][1:] == hashes[order][:-1]) & (of[order][1:] == of[order][:-1])
        lines = [line_of(row) for row in np.unique(of[order][1:][same]).tolist()]
        self._diagnostics.breaches(rules.ID_SYNTAX, lines, "ID has a name twice")


def _hashes(table: Table, names: Spans) -> Hashes:
    """A hash of the first bytes of each, eight at a time, and of its length."""
    lengths = names.lengths
    # From any byte on, eight bytes as a number; behind the text there is padding.
    words = np.ndarray(
        (len(table.bytes) - _WORD + 1,), dtype="<u8", buffer=table.bytes.data, strides=(1,)
    )
    hashes = lengths.astype(np.uint64) * _FACTOR
    left = np.arange(len(names))
    for at in range(0, int(min(lengths.max(initial=0), _LONGEST)), _WORD):
        left = left[lengths[left] > at]
        word = words[names.starts[left] + at] & _FIRST_BYTES[np.minimum(lengths[left] - at, _WORD)]
        mixed = (hashes[left] ^ word) * _FACTOR
        hashes[left] = mixed ^ (mixed >> np.uint64(29))
    return hashes
