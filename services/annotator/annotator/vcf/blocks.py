"""Pieces of text in blocks of whole lines, with bounds on all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from annotator.rejection import Rejected, too_large
from annotator.vcf import line_ends
from annotator.vcf.columns import count_lines

MAX_LINE_BYTES = 64 << 20
BLOCK_BYTES = 2 << 20
"""Each stage takes some milliseconds a block, however short it is; memory grows with blocks."""


class Place(NamedTuple):
    """A place in the file: where a piece of it begins, and how far into its text."""

    offset: int
    skip: int


START = Place(0, 0)


@dataclass(slots=True)
class Block:
    """Whole lines, each with its newline; ``line`` is the number of the first, from 1."""

    text: bytes
    line: int
    pieces: list[Place] = field(default_factory=list)

    def place(self, at: int) -> Place:
        """Where in the file the text at that offset is."""
        last = START
        for offset, start in self.pieces:
            if start > at:
                break
            last = Place(offset, at - start)
        return last


class Lines:
    """Gathers pieces of a text that inflates to at most ``max_bytes``.

    A block ends with the line in which it has ``block_bytes``, which may change between blocks.
    ``line_ends`` are those that were made Unix ones; ``lacks_last_end`` says, once all was read,
    that the last line has none.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.block_bytes = BLOCK_BYTES
        self.line_ends: set[str] = set()
        self.lacks_last_end = False

    def blocks(self, pieces: Iterator[tuple[int, bytes]], skip: int, line: int) -> Iterator[Block]:
        """Blocks of lines of pieces, which have their offsets, from the byte ``skip`` of the first.

        ``line`` is the number of the first line. Raises Rejected for too large files.
        """
        gathered = _Gathered()
        total = 0
        for offset, text in pieces:
            total += len(text)
            if total > self._max_bytes:
                raise too_long(self._max_bytes)
            if skip:
                gathered.add(Place(offset, -skip), text[skip:])
                skip = 0
            else:
                gathered.add(Place(offset, gathered.length), text)
            if gathered.length >= self.block_bytes and (block := gathered.cut(line)):
                self._clean(block)
                line += count_lines(block.text)
                yield block
            if gathered.length > MAX_LINE_BYTES:
                raise too_large(f"A line is longer than {MAX_LINE_BYTES >> 20} MiB.", line)
        if block := gathered.rest(line):
            self.lacks_last_end = not gathered.is_ended
            self._clean(block)
            yield block

    def _clean(self, block: Block) -> None:
        if b"\r" in block.text:
            block.text, found = line_ends.unix(block.text)
            self.line_ends |= found


class _Gathered:
    """Text that was read and not yet given away."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._pieces: list[Place] = []
        self.length = 0
        self.is_ended = True

    def add(self, piece: Place, text: bytes) -> None:
        self._pieces.append(piece)
        self._parts.append(text)
        self.length += len(text)

    def cut(self, line: int) -> Block | None:
        """The whole lines, if there are any; the beginning of the next stays."""
        if b"\n" not in self._parts[-1] and len(self._parts) > 1:
            return None
        text = b"".join(self._parts)
        end = text.rfind(b"\n") + 1
        if not end:
            self._parts = [text]
            return None
        pieces = self._pieces
        self._parts = [text[end:]]
        self.length = len(text) - end
        first = max((n for n, piece in enumerate(pieces) if piece.skip <= end), default=0)
        self._pieces = [Place(offset, start - end) for offset, start in pieces[first:]]
        return Block(text[:end], line, pieces)

    def rest(self, line: int) -> Block | None:
        """All that is left, its last line ended; ``is_ended`` says whether it was."""
        text = b"".join(self._parts)
        self.is_ended = text.endswith(b"\n")
        if not text:
            return None
        return Block(text if self.is_ended else text + b"\n", line, self._pieces)


def too_long(most: int) -> Rejected:
    """More text than so many bytes."""
    shown = f"{most >> 30} GiB" if most >> 30 else f"{most >> 20} MiB"
    return too_large(
        f"The file holds more than {shown} when decompressed. Split it and submit the parts."
    )
