"""The columns of many records at once, as offsets into the text of a block.

Python looks at a record in a microsecond, which is too slow for millions; numpy looks at a block
of records in a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

TAB, NEWLINE = ord("\t"), ord("\n")
CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO, FORMAT = range(9)
UPPER: Bytes = np.frombuffer(bytes(range(256)).upper(), dtype=np.uint8)
"""The upper case of each byte: what is taken from it ignores case."""
_ZERO = np.uint8(ord("0"))
_MOST_DIGITS = 15
_SHORT, _LONG = 16, 64
_USUAL_TEXTS = 16
"""So many different texts of a column are looked for with numpy; if there are more, one by one."""
_PADDING = bytes(32)  # so that some bytes behind a piece can always be looked at


class UnevenColumns(Exception):
    """A record has another number of columns than the header; ``line`` of the block, from 0."""

    def __init__(self, line: int, columns: int) -> None:
        super().__init__(f"line {line} has {columns} columns")
        self.line = line
        self.columns = columns


@dataclass(frozen=True, slots=True)
class Spans:
    """Pieces of a text: where each starts, and where it ends (exclusive)."""

    starts: Offsets
    ends: Offsets

    @property
    def lengths(self) -> Offsets:
        """The number of bytes of each."""
        return self.ends - self.starts

    def __getitem__(self, chosen: Flags | Offsets | slice) -> Spans:
        return Spans(self.starts[chosen], self.ends[chosen])

    def __len__(self) -> int:
        return len(self.starts)

    def texts(self, text: bytes) -> list[bytes]:
        """Each piece by itself: for few of them, as this is slow."""
        return [
            text[start:end]
            for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        ]


class Table:
    """The records of a block; ``rows`` of them, each with the same number of columns.

    Raises UnevenColumns.
    """

    def __init__(self, text: bytes, columns: int) -> None:
        self.text = text
        self._columns: dict[int, Spans] = {}
        self.bytes: Bytes = np.frombuffer(text + _PADDING, dtype=np.uint8)
        inside = self.bytes[: len(text)]
        ends = np.flatnonzero(inside == NEWLINE)
        lines_here = len(ends)
        starts = np.empty_like(ends)
        starts[:1] = 0
        starts[1:] = ends[:-1] + 1
        lines = np.arange(len(ends))
        if (starts == ends).any():
            filled = starts < ends
            starts, ends, lines = starts[filled], ends[filled], lines[filled]
        self.starts: Offsets = starts
        self.ends: Offsets = ends
        self.lines: Offsets = lines
        self.rows = len(starts)
        self.blank_lines = lines_here - self.rows
        self.tabs = self._tabs(np.flatnonzero(inside == TAB), columns - 1)

    def _tabs(self, tabs: Offsets, wanted: int) -> Offsets:
        if len(tabs) == self.rows * wanted:
            table = tabs.reshape(self.rows, wanted)
            if ((table[:, 0] >= self.starts) & (table[:, -1] < self.ends)).all():
                return table
        counts = np.searchsorted(tabs, self.ends) - np.searchsorted(tabs, self.starts)
        row = int(np.flatnonzero(counts != wanted)[0])
        raise UnevenColumns(int(self.lines[row]), int(counts[row]) + 1)

    def column(self, number: int) -> Spans:
        """The column of that number, from 0."""
        if number not in self._columns:  # each is asked for a dozen times
            starts = self.starts if number == 0 else self.tabs[:, number - 1] + 1
            is_last = number == self.tabs.shape[1]
            ends = self.ends if is_last else np.ascontiguousarray(self.tabs[:, number])
            self._columns[number] = Spans(starts, ends)
        return self._columns[number]

    @property
    def first_blank_line(self) -> int:
        """The first empty line of the block, from 0; behind all records if there is none before."""
        moved = np.flatnonzero(self.lines != np.arange(self.rows))
        return int(moved[0]) if len(moved) else self.rows

    @cached_property
    def width(self) -> int:
        """The number of columns."""
        return int(self.tabs.shape[1]) + 1

    def first(self, spans: Spans) -> Bytes:
        """The first byte of each piece; what follows it, where it is empty."""
        return self.bytes.take(spans.starts)

    def equals(self, spans: Spans, word: bytes) -> Flags:
        """Which pieces are that word."""
        same: Flags = self.begins(spans, word) & (spans.lengths == len(word))
        return same

    def begins(self, spans: Spans, word: bytes) -> Flags:
        """Which pieces begin with that word."""
        same: Flags = spans.lengths >= len(word)
        if len(word) > _LONG:  # few pieces can be as long
            for piece in np.flatnonzero(same).tolist():
                same[piece] = self.text.startswith(word, int(spans.starts[piece]))
            return same
        for at, byte in enumerate(word):
            same &= self.bytes.take(spans.starts + at, mode="clip") == byte
        return same

    def count(self, marked: Bytes, spans: Spans) -> Offsets:
        """How many bytes of each piece are marked in the table ``marked`` of 256."""
        starts, lengths = spans.starts, spans.lengths
        counts = np.zeros(len(spans), dtype=np.int64)
        at = int(min(lengths.min(initial=_SHORT), _SHORT))
        for place in range(at):
            counts += marked.take(self.bytes.take(starts + place))
        left = np.flatnonzero(lengths > at)
        while at < _SHORT and len(left):  # most pieces have a few bytes
            counts[left] += marked.take(self.bytes.take(starts[left] + at))
            at += 1
            left = left[lengths[left] > at]
        if len(left):
            of, places = spread(lengths[left] - at)
            hits = marked.take(self.bytes.take((starts[left] + at)[of] + places))
            counts[left] += np.bincount(of[hits.view(np.bool_)], minlength=len(left))
        return counts

    def numbers(self, spans: Spans, most_digits: int) -> tuple[Offsets, Flags]:
        """The whole numbers there, and which pieces are none (or have more digits)."""
        lengths = spans.lengths
        values = np.zeros(len(spans), dtype=np.int64)
        bad = (lengths < 1) | (lengths > most_digits)
        for at in range(int(min(lengths.max(initial=0), most_digits))):
            digits = self._digits(spans, at)
            here = at < lengths
            bad |= here & (digits > 9)
            np.copyto(values, values * 10 + digits, where=here)
        return values, bad

    def leading_numbers(self, spans: Spans) -> tuple[Offsets, Flags]:
        """The whole part of the plain numbers there, and which pieces are such numbers."""
        values = np.zeros(len(spans), dtype=np.int64)
        going = np.ones(len(spans), dtype=np.bool_)
        for at in range(int(min(spans.lengths.max(initial=0), _MOST_DIGITS))):
            digits = self._digits(spans, at)
            going &= (digits <= 9) & (at < spans.lengths)
            if not going.any():
                break
            np.copyto(values, values * 10 + digits, where=going)
        plain = self.first(spans) - ord("0") <= 9
        return values, plain & (self.count(_EXPONENT, spans) == 0)

    def _digits(self, spans: Spans, at: int) -> Bytes:
        """The digit at that place of each piece; more than 9 for what is none."""
        return self.bytes.take(spans.starts + at) - _ZERO


def count_lines(text: bytes) -> int:
    """How many lines end in the text; quicker than ``bytes.count`` where they are short."""
    return int(np.count_nonzero(np.frombuffer(text, dtype=np.uint8) == NEWLINE))


def distinct(values: Offsets) -> list[int]:
    """The different values; quick where there is one, as with the contigs of a sorted block."""
    if len(values) and (values == values[0]).all():
        return [int(values[0])]
    return [int(value) for value in np.unique(values)]


def marks(characters: bytes, *, but: bool = False) -> Bytes:
    """A table of 256: 1 for those characters (or, ``but``, for all others)."""
    table = np.zeros(256, dtype=np.uint8)
    table[np.frombuffer(characters, dtype=np.uint8)] = 1
    return 1 - table if but else table


def spread(lengths: Offsets) -> tuple[Offsets, Offsets]:
    """For pieces of those lengths laid end to end: the piece of each byte, its place in it."""
    of = np.repeat(np.arange(len(lengths)), lengths)
    before = np.cumsum(lengths) - lengths
    return of, np.arange(len(of)) - before[of]


def groups(table: Table, spans: Spans) -> Iterator[tuple[bytes, Offsets]]:
    """The different texts of those pieces, and which pieces each is; in linear time."""
    left = np.arange(len(spans))
    for _ in range(_USUAL_TEXTS):
        if not len(left):
            return
        at = int(left[0])
        text = table.text[spans.starts[at] : spans.ends[at]]
        same = table.equals(spans[left], text)
        yield text, left[same]
        left = left[~same]
    others: dict[bytes, list[int]] = {}
    for at, text in zip(left.tolist(), spans[left].texts(table.text), strict=True):
        others.setdefault(text, []).append(at)
    for text, pieces in others.items():
        yield text, np.array(pieces)


def join(source: Bytes, spans: Spans) -> bytes:
    """Those pieces of ``source``, end to end."""
    lengths = spans.lengths
    before = np.cumsum(lengths) - lengths
    # Blocks are small: four bytes hold a place in one, and half the memory is half the time.
    shift = np.repeat((spans.starts - before).astype(np.int32), lengths)
    shift += np.arange(len(shift), dtype=np.int32)
    return source.take(shift).tobytes()


_EXPONENT = marks(b"eE")
