"""Finds records of a file at which a part may begin, in blocks of its text, and notes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from annotator.bundle import Bundle
from annotator.scatter.plan import MOST_PARTS, PartPlan
from annotator.validate.contigs import UNKNOWN, Contigs
from annotator.vcf.blocks import Block
from annotator.vcf.columns import POS, REF, Flags, Offsets, Table, UnevenColumns
from annotator.vcf.header import Header

_POSITION_BITS = 40


class NotInOrder(Exception):
    """The records are not in order."""


@dataclass(frozen=True, slots=True)
class PartSize:
    """How large parts are to be, at least: bytes of the file, or records where that is given."""

    part_bytes: int
    part_records: int | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """Where a part begins: its block and the place in its text, and its first line and record.

    ``block_end`` is the last byte of that block. Line and record count from 1, in what was looked
    at; contig and position are those of the record.
    """

    offset: int
    skip: int
    block_end: int
    line: int
    record: int
    contig: int = 0
    position: int = 0


class Cuts:
    """The parts of a file of ``size_bytes``, if blocks of it are looked at in their order."""

    def __init__(
        self, bundle: Bundle, header: Header, size: PartSize, size_bytes: int, *, is_bgzf: bool
    ) -> None:
        self._bundle, self._columns = bundle, header.columns
        self._part_bytes = max(size.part_bytes, -(-size_bytes // MOST_PARTS))
        self._part_records = size.part_records
        self._size_bytes, self._is_bgzf = size_bytes, is_bgzf
        self._contigs = Contigs(bundle)
        self._last = (-1, 0)
        self.begins: list[Begin] = []

    def begin(self, block: Block, at: int, block_end: int, **first: int) -> None:
        """Begin a part at that byte of the block's text; ``first`` is told of its first record."""
        offset, skip = block.place(at)
        if not self._is_bgzf:  # a plain file can be read from any byte
            offset, skip = offset + skip, 0
        self.begins.append(Begin(offset, skip, block_end, **first))

    def is_due(self, offset: int) -> bool:
        """Whether a part may end at that byte of the file: it is large enough."""
        if len(self.begins) >= MOST_PARTS:
            return False
        return bool(self._part_records) or self._size_of(offset) >= self._part_bytes

    def look(self, block: Block, records: int, ends: dict[int, int]) -> None:
        """Begin parts at records of the block, before which so many others were looked at.

        ``ends`` has the last byte of each piece of the file by its first. Raises NotInOrder.
        """
        if not block.text:
            return
        try:
            table = Table(block.text, self._columns)
        except UnevenColumns:
            return  # who annotates the part says what is wrong
        positions, bad = table.numbers(table.column(POS), 10)
        if bad.any() or not table.rows:
            return
        contigs = self._contigs.numbers(table)
        self._must_be_in_order(contigs, positions)
        starts = np.array([start for _, start in block.pieces])
        pieces = np.searchsorted(starts, table.starts, side="right") - 1
        offsets = np.array([offset for offset, _ in block.pieces])[pieces]
        if not self._is_bgzf:
            offsets += table.starts - starts[pieces]
        rows = np.flatnonzero(self._may_be_first(table, contigs, positions))
        while len(rows := rows[self._large_enough(offsets[rows], records + rows)]):
            row = int(rows[0])
            self.begin(
                block,
                int(table.starts[row]),
                ends.get(int(offsets[row]), 0),
                line=block.line + int(table.lines[row]),
                record=records + row + 1,
                contig=int(contigs[row]),
                position=int(positions[row]),
            )

    def parts(self, *, is_counted: bool, records: int) -> Iterator[PartPlan]:
        """All parts; with the numbers of lines and records, of which there are so many, or none."""
        ends = [*self.begins[1:], Begin(self._size_bytes, 0, 0, 0, records + 1)]
        for number, (begin, end) in enumerate(zip(self.begins, ends, strict=True)):
            yield PartPlan(
                number=number,
                first_byte=begin.offset,
                last_byte=end.block_end if end.skip else end.offset - 1,
                skip=begin.skip,
                end_byte=end.offset,
                end_skip=end.skip,
                line=begin.line if is_counted else None,
                first_record=begin.record if is_counted else None,
                records=end.record - begin.record if is_counted else None,
                contig=begin.contig,
                position=begin.position,
            )

    def _size_of(self, offset: int) -> int:
        return offset - self.begins[-1].offset

    def _large_enough(self, offsets: Offsets, before: Offsets) -> Flags:
        """Before which records the part that was begun last may end."""
        if len(self.begins) >= MOST_PARTS:
            return np.zeros(len(offsets), dtype=np.bool_)
        if self._part_records:
            large: Flags = before + 1 - self.begins[-1].record >= self._part_records
        else:
            large = offsets - self.begins[-1].offset >= self._part_bytes
        return large

    def _must_be_in_order(self, contigs: Offsets, positions: Offsets) -> None:
        places = (contigs << _POSITION_BITS) + positions
        first = (int(contigs[0]), int(positions[0]))
        if first < self._last or (places[1:] < places[:-1]).any():
            raise NotInOrder("its records are not in order")
        self._last = (int(contigs[-1]), int(positions[-1]))

    def _may_be_first(self, table: Table, contigs: Offsets, positions: Offsets) -> Flags:
        """Records between genes, behind all bases that earlier ones of the block replace."""
        places = (contigs << _POSITION_BITS) + positions
        reached = np.maximum.accumulate(places + np.maximum(table.column(REF).lengths, 1) - 1)
        free = np.append(False, places[1:] > reached[:-1])
        in_bundle = np.array(self._contigs.in_bundle, dtype=np.int64)[contigs]
        for known in set(in_bundle[free].tolist()) - {UNKNOWN}:
            here = in_bundle == known
            free[here] &= self._bundle.is_between_genes(known, positions[here], positions[here])
        free[1:] |= contigs[1:] != contigs[:-1]
        return free.astype(np.bool_)
