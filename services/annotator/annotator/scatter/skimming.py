"""Finds where a file can be cut, in one pass over a stream that is unpacked only where it must be.

Blocks of BGZF say where the next one begins, so that reading goes from head to head. What is
unpacked is the header and, where a part has become large enough, blocks until one has a record
that may be the first of another. All else is found where records are annotated: there each is
examined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from annotator.bundle import Bundle
from annotator.diagnostics import Diagnostics
from annotator.rejection import Rejected
from annotator.scatter.cuts import Begin, Cuts, PartSize
from annotator.scatter.plan import PartPlan
from annotator.validate.survey import must_have_its_lengths, read_header
from annotator.vcf import bgzf, line_ends
from annotator.vcf.blocks import BLOCK_BYTES, Block, Lines, too_long
from annotator.vcf.columns import count_lines
from annotator.vcf.reading import unreadable, without_end

Tick = Callable[[float, int], None]
Pieces = Iterator[tuple[int, bytes]]

_OTHER_ENDS = "it has line ends of other systems"


class NotInPlace(Exception):
    """Places in the text of the file are not those in the file: its line ends are to be changed."""


class CutShort(Exception):
    """The stream has another length than the file."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A file from its first byte on: how many bytes it has, and the last 28 of them."""

    file: BinaryIO
    size_bytes: int
    tail: bytes


@dataclass(frozen=True, slots=True)
class Skim:
    """What is to be known of a file to annotate it in parts. ``header`` is the text as read.

    What follows the header begins in line ``first_line``; ``records`` is None if not all were seen.
    """

    header: bytes
    first_line: int
    is_bgzf: bool
    records: int | None
    parts: list[PartPlan]


def skim(
    stream: Stream,
    bundle: Bundle,
    size: PartSize,
    max_bytes: int,
    tick: Tick,
    *,
    is_counted: bool = False,
) -> Skim:
    """Cut the file into parts of about that size, in places between genes.

    If the parts are to have the numbers of their lines and records, all of it is unpacked. Raises
    Rejected for a header or a file that cannot be used, NotInPlace, NotInOrder, CutShort.
    """
    return _Skimmer(stream, bundle, size, max_bytes, tick, is_counted=is_counted).run()


class _Unreadable(Exception):
    """A block cannot be unpacked; the part that has it says so."""


class _TooLong(Exception):
    """The blocks say that they hold more than is allowed."""


class _Skimmer:
    def __init__(
        self,
        stream: Stream,
        bundle: Bundle,
        size: PartSize,
        max_bytes: int,
        tick: Tick,
        *,
        is_counted: bool,
    ) -> None:
        self._stream, self._bundle, self._size = stream, bundle, size
        self._max_bytes, self._tick, self._is_counted = max_bytes, tick, is_counted
        self._sees_all = is_counted or size.part_records is not None
        head = stream.file.read(bgzf.HEAD_BYTES)
        self._is_bgzf = bgzf.is_bgzf(head)
        if self._is_bgzf and stream.tail != bgzf.END:
            raise without_end()
        self._pieces = self._all_pieces(head)
        self._lines = Lines(max_bytes)
        self._ends: dict[int, int] = {}
        self._at = self._inflated_bytes = self._records = 0

    def run(self) -> Skim:
        text: list[bytes] = []
        try:
            blocks = self._lines.blocks(self._in_lines(self._texts(self._pieces)), 0, 1)
            header, rest = read_header(_kept(blocks, text), Diagnostics())
            must_have_its_lengths(header, self._bundle)
            read = b"".join(text)
            header_text = read[: len(read) - len(rest.text)]
            size = self._stream.size_bytes
            cuts = Cuts(self._bundle, header, self._size, size, is_bgzf=self._is_bgzf)
            cuts.begin(rest, 0, 0, line=rest.line, record=1)
            self._look(chain([rest], blocks), cuts)
            for piece in self._pieces:
                if cuts.is_due(piece[0]):
                    self._look(self._behind_a_line(piece), cuts)
        except (bgzf.Damaged, _Unreadable) as error:
            raise unreadable(error) from None
        except _TooLong:
            raise too_long(self._max_bytes) from None
        if self._at != size:
            raise CutShort(f"{self._at} bytes came, not {size}")
        is_counted = self._is_counted
        if self._inflated_bytes <= len(header_text):  # a file without records has a part with none
            cuts.begins, is_counted = [Begin(0, 0, 0, 1, 1)], True
        parts = list(cuts.parts(is_counted=is_counted, records=self._records))
        records = self._records if is_counted else None
        return Skim(header_text, rest.line, self._is_bgzf, records, parts)

    def _look(self, blocks: Iterator[Block], cuts: Cuts) -> None:
        """Look at blocks as long as a part may end there, or until one cannot be read."""
        # What is wrong with the text is told by the part that has it, with its line.
        with suppress(_Unreadable, Rejected):
            for block in blocks:
                if self._lines.line_ends:  # places in the text are not those in the file
                    raise NotInPlace(_OTHER_ENDS)
                if cuts.is_due(block.pieces[-1].offset + (0 if self._is_bgzf else len(block.text))):
                    cuts.look(block, self._records, self._ends)
                if self._sees_all:
                    self._records += _records_in(block.text)
                last = block.pieces[-1].offset
                self._ends = {at: end for at, end in self._ends.items() if at >= last}
                if not (self._sees_all or cuts.is_due(self._at)):
                    return

    def _behind_a_line(self, first: tuple[int, bytes]) -> Iterator[Block]:
        """Blocks of lines from the first one on that begins in that piece or behind it."""
        texts = self._texts(chain([first], self._pieces))
        for offset, text in texts:
            if end := text.find(b"\n") + 1:
                yield from self._lines.blocks(chain([(offset, text)], texts), end, 1)

    def _texts(self, pieces: Pieces) -> Pieces:
        """What the pieces hold."""
        for offset, piece in pieces:
            self._ends[offset] = offset + len(piece) - 1
            try:
                text = bgzf.inflated(piece) if self._is_bgzf else piece
            except bgzf.Damaged as error:
                raise _Unreadable(str(error)) from None
            yield offset, text

    def _in_lines(self, texts: Pieces) -> Pieces:
        """The same, if the first line does not end as on an old Macintosh."""
        for number, (offset, text) in enumerate(texts):
            if not number and line_ends.ends_in_returns(text):
                raise NotInPlace(_OTHER_ENDS)
            yield offset, text

    def _all_pieces(self, head: bytes) -> Pieces:
        """Pieces of the file as they are."""
        file = self._stream.file
        pieces = bgzf.packed_blocks(file, head) if self._is_bgzf else _raw_pieces(file, head)
        for offset, piece in pieces:
            self._at = offset + len(piece)
            size = bgzf.inflated_bytes(piece) if self._is_bgzf else len(piece)
            self._inflated_bytes += size
            if self._inflated_bytes > self._max_bytes:
                raise _TooLong
            self._tick(min(self._at / self._stream.size_bytes, 1.0), self._records)
            yield offset, piece


def _raw_pieces(file: BinaryIO, head: bytes) -> Pieces:
    at = 0
    while piece := head + file.read(BLOCK_BYTES):
        yield at, piece
        at, head = at + len(piece), b""


def _kept(blocks: Iterator[Block], text: list[bytes]) -> Iterator[Block]:
    for block in blocks:
        text.append(block.text)
        yield block


def _records_in(text: bytes) -> int:
    """How many lines of a block are not empty."""
    empty = text.split(b"\n").count(b"") - 1 if b"\n\n" in text or text[:1] == b"\n" else 0
    return count_lines(text) - empty
