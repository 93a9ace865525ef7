"""Reads a file once and fast, and finds where it can be cut.

Of the text only line feeds are counted, and the first and the last record of a block say which
contig it is on; all columns are looked at only in blocks in which a part is to end. What is wrong
with records is found where they are annotated: there each is examined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from annotator.bundle import Bundle
from annotator.diagnostics import Diagnostics
from annotator.scatter.plan import MOST_PARTS, PartPlan
from annotator.validate.contigs import UNKNOWN, Contigs
from annotator.validate.survey import must_have_its_lengths, read_header
from annotator.vcf.blocks import Block
from annotator.vcf.columns import POS, REF, Flags, Offsets, Table, UnevenColumns, count_lines
from annotator.vcf.header import Header
from annotator.vcf.reading import Input

Tick = Callable[[float, int], None]

_POSITION_BITS = 40


@dataclass(frozen=True, slots=True)
class PartSize:
    """How large parts are to be, at least: bytes of the file, or records where that is given."""

    part_bytes: int
    part_records: int | None = None


class NotInPlace(Exception):
    """The file cannot be read from the middle: it is to be packed in blocks first."""


class NotInOrder(Exception):
    """The records are not in order."""


@dataclass
class Scan:
    """What there is to know of a file to annotate it in parts. ``header`` is the text as read."""

    header: bytes
    contigs: Contigs
    parts: list[PartPlan] = field(default_factory=list)
    records: int = 0


@dataclass
class _Begin:
    """Where a part begins: its block and the place in its text, and its first record."""

    offset: int
    skip: int
    line: int
    record: int
    contig: int
    position: int
    block_end: int | None = None
    """The last byte of that block, once the next one was seen."""


def scan(source: Input, bundle: Bundle, size: PartSize, tick: Tick) -> Scan:
    """Cut the file into parts of about that size, in places between genes.

    Raises Rejected for a header or a file that cannot be used, NotInPlace, NotInOrder.
    """
    if not source.is_seekable:
        raise NotInPlace
    return _Scanner(source, bundle, size).run(tick)


class _Scanner:
    def __init__(self, source: Input, bundle: Bundle, size: PartSize) -> None:
        self._source, self._bundle = source, bundle
        self._part_bytes = max(size.part_bytes, -(-source.size // MOST_PARTS))
        self._part_records = size.part_records
        self._contigs = Contigs(bundle)
        self._begins: list[_Begin] = []
        self._records = 0
        self._last = (-1, 0)

    def run(self, tick: Tick) -> Scan:
        text: list[bytes] = []
        blocks = self._source.blocks()
        header, rest = read_header(_kept(blocks, text), Diagnostics())
        must_have_its_lengths(header, self._bundle)
        read = b"".join(text)
        found = Scan(read[: len(read) - len(rest.text)], self._contigs)
        for block in chain([rest], blocks):
            self._take(block, header)
            tick(self._source.consumed, self._records)
        if self._source.line_ends:
            raise NotInPlace
        if not self._begins:  # a file without records has a part too, with none
            self._begins.append(_Begin(0, 0, 1, 1, 0, 0))
        found.records = self._records
        found.parts = list(self._parts())
        return found

    def _take(self, block: Block, header: Header) -> None:
        if self._source.line_ends:  # places in the text are not those in the file
            raise NotInPlace
        for begin in self._begins[-1:]:
            if begin.block_end is None:
                begin.block_end = _end_of(begin.offset, block)
        text = block.text.strip(b"\n")
        if not text:
            return
        self._order(text)
        if not self._begins:
            at = len(block.text) - len(block.text.lstrip(b"\n"))
            self._begin(block, at, at, 0, (self._contigs.number(_chrom(text)), _position(text)))
        count = _records_in(text)
        if self._is_due(block, count):
            self._cut(block, header)
        self._records += count

    def _is_due(self, block: Block, rows: int) -> bool:
        """Whether a part ends in the block, of whose records so many are taken."""
        if len(self._begins) >= MOST_PARTS:
            return False
        if self._part_records:
            return self._records + rows + 1 - self._begins[-1].record >= self._part_records
        return block.place(0).offset - self._begins[-1].offset >= self._part_bytes

    def _order(self, text: bytes) -> None:
        """Number the contigs of a block. Raises NotInOrder if it begins before the last one."""
        end = text.rfind(b"\n") + 1
        first, last = _chrom(text), _chrom(text[end : end + 1_000])
        named = len(self._contigs.names)
        number = self._contigs.number(first)
        place = (number, _position(text))
        if place < self._last:
            raise NotInOrder
        if first != last:
            for line in text.split(b"\n"):
                if line:
                    number = self._contigs.number(_chrom(line))
        if number < named - 1:
            raise NotInOrder
        self._last = (number, _position(text[end:]))

    def _cut(self, block: Block, header: Header) -> None:
        """Begin parts at records of the block that may be the first ones of a part."""
        try:
            table = Table(block.text, header.columns)
        except UnevenColumns:
            return  # who annotates the part says what is wrong
        positions, bad = table.numbers(table.column(POS), 10)
        if bad.any() or table.rows < 2:
            return
        contigs = self._contigs.numbers(table)
        for row in np.flatnonzero(self._may_be_first(table, contigs, positions)).tolist():
            if self._is_due(block, row):
                place = (int(contigs[row]), int(positions[row]))
                self._begin(block, int(table.starts[row]), int(table.lines[row]), row, place)
                if not self._part_records:
                    return  # bytes are told by the block

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

    def _begin(self, block: Block, at: int, lines: int, row: int, place: tuple[int, int]) -> None:
        offset, skip = block.place(at)
        if not self._source.is_bgzf:  # a plain file can be read from any byte
            offset, skip = offset + skip, 0
        line, record = block.line + lines, self._records + row + 1
        end = _end_of(offset, block)
        self._begins.append(_Begin(offset, skip, line, record, *place, block_end=end))

    def _parts(self) -> Iterator[PartPlan]:
        size = self._source.size
        ends = [
            *self._begins[1:],
            _Begin(size, 0, 0, self._records + 1, 0, 0),
        ]
        for number, (begin, end) in enumerate(zip(self._begins, ends, strict=False)):
            last = end.offset - 1
            if end.skip:
                last = size - 1 if end.block_end is None else end.block_end
            yield PartPlan(
                number=number,
                first_byte=begin.offset,
                last_byte=last,
                skip=begin.skip,
                end_byte=end.offset,
                end_skip=end.skip,
                line=begin.line,
                first_record=begin.record,
                records=end.record - begin.record,
                contig=begin.contig,
                position=begin.position,
            )


def _kept(blocks: Iterator[Block], text: list[bytes]) -> Iterator[Block]:
    for block in blocks:
        text.append(block.text)
        yield block


def _records_in(text: bytes) -> int:
    """How many lines are not empty; the text neither begins nor ends with a line feed."""
    return count_lines(text) + 1 - (_empty_lines(text) if b"\n\n" in text else 0)


def _empty_lines(text: bytes) -> int:
    return text.split(b"\n").count(b"")


def _chrom(line: bytes) -> bytes:
    return line[: line.find(b"\t")]


def _position(line: bytes) -> int:
    """POS of the first record of a text; 0 if it is no number."""
    start = line.find(b"\t") + 1
    number = line[start : start + 20].partition(b"\t")[0]
    return int(number) if number.isdigit() else 0


def _end_of(offset: int, block: Block) -> int | None:
    """The last byte of the piece of the file at ``offset``, if the block has the next piece."""
    return next((piece.offset - 1 for piece in block.pieces if piece.offset > offset), None)
