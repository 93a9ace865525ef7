"""The records of a part, block by block, and which of them the engine must be given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from annotator.bundle import Bundle
from annotator.engine.engines import Engine
from annotator.engine.known import Moved
from annotator.engine.reading import Input, Place
from annotator.engine.records import REF, UNKNOWN, Contigs, Examiner, Rows, Status
from annotator.engine.reference import Reference
from annotator.engine.table import Flags, Offsets, Table, count_lines, distinct

_MARGIN_BASES = 10
"""An insertion beside a gene counts as in it, whatever the engine holds of it."""

Tick = Callable[[float, int], None]


@dataclass(frozen=True, slots=True)
class Part:
    """So many records from a place on, in ``line``; ``skip`` lines lie before them there.

    ``contigs`` are the numbers in the bundle of those that they lie on, as far as it knows them.
    """

    number: int
    place: Place
    line: int
    skip: int
    records: int
    genetic_code: int
    contigs: tuple[int, ...]


@dataclass(slots=True)
class Block:
    """Some records: which of them the engine must be given, which it may be, and what it said.

    ``first`` is the number of the first one in its part. ``left`` is how many the engine has still
    to give back; ``is_free`` says that none of the records touches a gene.
    """

    rows: Rows
    first: int
    needed: Offsets
    judged: Offsets
    is_free: bool
    left: int = 0
    said: dict[int, bytes] = field(default_factory=dict)
    moved: Moved = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of its text."""
        return len(self.rows.table.text)


class PartReader:
    """Reads the parts of a file."""

    def __init__(
        self, source: Input, engine: Engine, bundle: Bundle, *, columns: int, contigs: Contigs
    ) -> None:
        self._source = source
        self._engine = engine
        self._bundle = bundle
        self._columns = columns
        self._contigs = contigs
        self._examiner = Examiner(bundle, Reference(bundle), contigs)

    def blocks(self, part: Part, tick: Tick) -> Iterator[Block]:
        """All of a part; ``tick`` hears how far it is. Raises Rejected."""
        number = 0
        for table in self._tables(part):
            rows = self._examiner.examine(table, int)
            judged = rows.status == Status.JUDGED
            free = self._between_genes(rows)
            needed = judged
            if self._engine.only_in_genes:
                needed = judged & ~(free & rows.is_normal)  # what is not may be moved into a gene
            yield Block(
                rows, number, np.flatnonzero(needed), np.flatnonzero(judged), bool(free.all())
            )
            number += table.rows
            tick(self._source.consumed, number)

    def _between_genes(self, rows: Rows) -> Flags:
        """Which records touch no gene."""
        firsts = rows.positions - _MARGIN_BASES
        lasts = rows.positions + rows.table.column(REF).lengths - 1 + _MARGIN_BASES
        in_bundle = np.array(self._contigs.in_bundle)[rows.contigs]
        free = np.ones(rows.table.rows, dtype=np.bool_)
        for number in distinct(in_bundle):
            if number != UNKNOWN:
                here = np.flatnonzero(in_bundle == number)
                free[here] = self._bundle.is_between_genes(number, firsts[here], lasts[here])
        return free

    def _tables(self, part: Part) -> Iterator[Table]:
        left, skip = part.records, part.skip
        for block in self._source.blocks(part.place, part.line):
            text = block.text
            if skip:
                text, skip = _without(text, skip)
            table = Table(text, self._columns)
            if table.blank_lines:
                text = re.sub(rb"\n+", b"\n", text).lstrip(b"\n")
                table = Table(text, self._columns)
            if table.rows > left:
                table = Table(text[: int(table.starts[left])], self._columns)
            left -= table.rows
            if table.rows:
                yield table
            if not left:
                return


def _without(text: bytes, lines: int) -> tuple[bytes, int]:
    """The text without its first lines; and how many of them are still to be left off."""
    here = count_lines(text)
    if here <= lines:
        return b"", lines - here
    at = 0
    for _ in range(lines):
        at = text.index(b"\n", at) + 1
    return text[at:], 0
