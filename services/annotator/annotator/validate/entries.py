"""Values of one key of INFO or FORMAT in many records, and whether they are of a Type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from annotator.validate.rows import Rows
from annotator.vcf.columns import Bytes, Flags, Offsets, Spans, Table, marks, spread
from annotator.vcf.reserved import Field

LineOf = Callable[[int], int]

_INTEGER = re.compile(rb"(?:\.|[+-]?[0-9]+)(?:,(?:\.|[+-]?[0-9]+))*")
_NO_NUMBER = rb"|[+-]?(?:[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN]))"
_LOOSE = rb"(?:\.|[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?" + _NO_NUMBER
_STRICT = rb"(?:\.|[+-]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?" + _NO_NUMBER
_FLOATS = {real: re.compile(real + rb"(?:," + real + rb")*") for real in (_LOOSE, _STRICT)}
_QUALITIES = {real: re.compile(real) for real in (_LOOSE, _STRICT)}
_CHARACTER = re.compile(r"[^,](?:,[^,])*")
_COMMA, _DOT = marks(b","), marks(b".")
_NOT_INTEGER = marks(b"0123456789,", but=True)
_NOT_FLOAT = marks(b"0123456789,.", but=True)
LARGEST_INTEGER, _SMALLEST = (1 << 31) - 1, -(1 << 31) + 8
_LONG = 10
"""From so many bytes on an integer may not fit into 32 bits."""
_FROM_3 = 3
_SEPARATORS = marks(b",;:\t\n")


def is_quality(text: bytes, minor_version: int) -> bool:
    """True if ``text`` can be QUAL: a number or a dot; from 4.3 on digits follow a point."""
    return bool(_QUALITIES[_real(minor_version)].fullmatch(text))


def _real(minor_version: int) -> bytes:
    return _STRICT if minor_version >= _FROM_3 else _LOOSE


@dataclass(frozen=True, slots=True)
class Entries:
    """Values of one key: where they are, and of which row each is."""

    spans: Spans
    of: Offsets
    rows: Rows
    commas: Commas

    @property
    def table(self) -> Table:
        """The block that they are in."""
        return self.rows.table

    def __len__(self) -> int:
        return len(self.spans)

    def __getitem__(self, chosen: Flags | Offsets) -> Entries:
        return Entries(self.spans[chosen], self.of[chosen], self.rows, self.commas)

    def text(self, index: int) -> bytes:
        """The bytes of one."""
        return self.table.text[self.spans.starts[index] : self.spans.ends[index]]

    def given(self) -> Offsets:
        """How many values each has."""
        return self.commas.counts(self.spans) + 1

    def missing(self) -> Flags:
        """Which are a dot."""
        dots: Flags = (self.spans.lengths == 1) & (self.table.first(self.spans) == ord("."))
        return dots

    def wrong(self, field: Field, minor_version: int) -> list[int]:
        """Those that are not of the field's type."""
        if field.type == b"Integer":
            wrong = list(self._unlike(_NOT_INTEGER, _INTEGER))
            return sorted({*wrong, *self._too_large(wrong)}) if minor_version >= _FROM_3 else wrong
        if field.type == b"Float":
            return list(self._unlike(_NOT_FLOAT, _FLOATS[_real(minor_version)]))
        if field.type == b"Character":
            odd = np.flatnonzero(self.spans.lengths != 2 * self.given() - 1)
            return [at for at in odd.tolist() if not _are_characters(self.text(at))]
        return []

    def _with_gaps(self) -> Flags:
        """Lists with nothing between two commas, or before or behind one."""
        spans, text = self.spans, self.table
        gaps: Flags = text.first(spans) == ord(",")
        gaps |= text.bytes.take(np.maximum(spans.ends - 1, 0)) == ord(",")
        return gaps | (self.given() > 1) if self.commas.has_doubled else gaps

    def _with_two_dots(self) -> Flags:
        """What has more dots than numbers."""
        dots: Flags = self.table.count(_DOT, self.spans) > self.given()
        return dots

    def _unlike(self, unusual: Bytes, rule: re.Pattern[bytes]) -> Iterator[int]:
        """Those that break the rule; only what has unusual bytes, or none, is looked at."""
        odd = (self.table.count(unusual, self.spans) > 0) | (self.spans.lengths == 0)
        odd &= ~self.missing()
        if self.commas.has_any:
            odd |= self._with_gaps()
        if rule is not _INTEGER:
            odd |= self._with_two_dots()
        if rule is _FLOATS[_STRICT] and self.commas.has_open_numbers:
            odd |= self.table.count(_DOT, self.spans) > 0
        for index in np.flatnonzero(odd).tolist():
            if not rule.fullmatch(self.text(index)):
                yield index

    def _too_large(self, wrong: list[int]) -> Iterator[int]:
        """Integers that do not fit into 32 bits, or that BCF has a use for."""
        for index in np.flatnonzero(self.spans.lengths >= _LONG).tolist():
            if index in wrong:
                continue
            numbers = [int(one[:20]) for one in self.text(index).split(b",") if one != b"."]
            if any(not _SMALLEST <= number <= LARGEST_INTEGER for number in numbers):
                yield index


def _are_characters(text: bytes) -> bool:
    return bool(_CHARACTER.fullmatch(text.decode("utf-8", "replace")))


class Commas:
    """Where there are commas and points in a block; worked out when it is first asked for."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.has_any = b"," in table.text

    @cached_property
    def has_doubled(self) -> bool:
        """True if there is a comma behind another one."""
        commas = self._table.bytes == ord(",")
        return bool((commas[1:] & commas[:-1]).any())

    @cached_property
    def has_negative(self) -> bool:
        """True if there is a minus behind a comma: a number below 0 in a list, not its first."""
        return b",-" in self._table.text

    @cached_property
    def has_open_numbers(self) -> bool:
        """True if there is a number such as ``50.`` with nothing behind its point."""
        text = self._table.bytes
        points = np.flatnonzero(text[: len(self._table.text)] == ord("."))
        points = points[_SEPARATORS.take(text.take(points + 1)) == 1]
        before: Bytes = text.take(np.maximum(points - 1, 0))
        return bool(((before >= ord("0")) & (before <= ord("9"))).any())

    def counts(self, spans: Spans) -> Offsets:
        """How many are in each piece."""
        if not self.has_any:
            return np.zeros(len(spans), dtype=np.int64)
        return self._table.count(_COMMA, spans)


def places_of(table: Table, byte: bytes) -> Offsets:
    """Where a byte is in a block."""
    found: Offsets = np.flatnonzero(table.bytes[: len(table.text)] == byte[0])
    return found


def split(pieces: Spans, separators: Offsets) -> tuple[Spans, Offsets, Offsets]:
    """The pieces split at those places; of each part its piece, and its place in it from 0."""
    before = np.searchsorted(separators, pieces.starts)
    counts = np.searchsorted(separators, pieces.ends) - before
    piece, number = spread(counts)
    found = separators.take(before.take(piece) + number) if len(piece) else piece
    firsts = np.cumsum(counts) - counts + np.arange(len(pieces))
    behind = np.arange(len(found)) + piece + 1  # the number of the part behind each separator
    starts, ends, of, places = np.zeros((4, len(pieces) + len(found)), dtype=np.int64)
    starts[firsts], starts[behind] = pieces.starts, found + 1
    ends[firsts + counts], ends[behind - 1] = pieces.ends, found
    of[firsts], of[behind] = np.arange(len(pieces)), piece
    places[behind] = behind - firsts.take(piece)
    return Spans(starts, ends), of, places
