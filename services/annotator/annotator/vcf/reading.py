"""The text of a VCF, plain or compressed, in blocks of whole lines, with bounds on all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from isal import igzip

from annotator.rejection import Rejected, damaged, not_vcf
from annotator.vcf import bcf, bgzf, line_ends, zipped
from annotator.vcf.blocks import BLOCK_BYTES, START, Block, Lines, Place

_PIECE_BYTES = 1 << 18
_MOST_LOOKED_AT = 64
_DAMAGES = (EOFError, igzip.BadGzipFile, bgzf.IsalError, bgzf.Damaged, *zipped.ERRORS)
_GZIP = b"\x1f\x8b"


class Input:
    """An input file; ``consumed`` is the fraction of the file read so far.

    A file that is not ``is_whole`` may lack its end. If it was cut out of another one, and so
    ``is_from_within``, its first line tells nothing of the others.
    """

    def __init__(
        self, path: Path, max_bytes: int, *, is_whole: bool = True, is_from_within: bool = False
    ) -> None:
        self._path = path
        self._is_whole = is_whole
        self._is_from_within = is_from_within
        self._size = path.stat().st_size
        self._lines = Lines(max_bytes)
        self._raw: BinaryIO | None = None
        self.line_ends = self._lines.line_ends
        if self._size == 0:
            raise not_vcf("The file is empty. Upload a VCF file with at least its header.")
        with path.open("rb") as file:
            head = file.read(18)
        self._is_gzip = head.startswith(_GZIP)
        self._is_bgzf = bgzf.is_bgzf(head)
        self._is_zip = head.startswith(zipped.MAGIC)

    @property
    def is_seekable(self) -> bool:
        """True if reading can begin in the middle."""
        return not self.line_ends and (self._is_bgzf or not (self._is_gzip or self._is_zip))

    @property
    def is_bgzf(self) -> bool:
        """True if it is packed in blocks that can be read one by one."""
        return self._is_bgzf

    @property
    def lacks_last_end(self) -> bool:
        """True if the last line has no end, once all was read."""
        return self._is_whole and self._lines.lacks_last_end

    @property
    def size(self) -> int:
        """The file's size in bytes."""
        return self._size

    @property
    def consumed(self) -> float:
        """From 0 to 1."""
        if self._raw is None:
            return 0.0
        return 1.0 if self._raw.closed else min(self._raw.tell() / self._size, 1.0)

    def shorten_blocks(self, share: float) -> None:
        """Let the next blocks have that share, from 0 to 1, of what they have otherwise."""
        self._lines.block_bytes = int(BLOCK_BYTES * share)

    def blocks(
        self, start: Place = START, line: int = 1, end: Place | None = None
    ) -> Iterator[Block]:
        """Blocks of lines from ``start``, whose number is ``line``, to ``end`` or the file's end.

        Raises Rejected for damaged or too large files.
        """
        with self._path.open("rb") as self._raw:
            if self._is_bgzf and self._is_whole:
                self._check_bgzf_end(self._raw)
            self._raw.seek(start.offset)
            try:
                is_beginning = start == START and not self._is_from_within
                is_binary = is_beginning and bcf.begins(self._raw)
                pieces = self._pieces(self._raw)
                if is_binary and not self._is_whole:
                    pieces = bcf.header_text(pieces)
                if is_beginning:
                    is_macintosh, pieces = line_ends.of_macintosh(pieces)
                    self.line_ends |= {line_ends.MACINTOSH} if is_macintosh else set()
                if end:
                    pieces = self._until(pieces, end)
                yield from self._lines.blocks(pieces, start.skip, line)
            except _DAMAGES as error:
                raise unreadable(error) from None

    def slices(self, first: Place, count: int) -> list[Place]:
        """Up to ``count`` places where lines begin, far apart; the first one is ``first``."""
        if not self._is_bgzf:  # a plain file can be read from any byte
            first = Place(first.offset + first.skip, 0)
        places = [first]
        with self._path.open("rb") as raw:
            for n in range(1, count):
                near = first.offset + n * (self._size - first.offset) // count
                place = self._line_behind(raw, near)
                if place and place > places[-1]:
                    places.append(place)
        return places

    def _line_behind(self, raw: BinaryIO, near: int) -> Place | None:
        """Where a line begins, a little behind that offset."""
        if self._is_bgzf:
            offset = bgzf.block_behind(raw, near)
            if offset is None:
                return None
            raw.seek(offset)
            for n, (at, text) in enumerate(bgzf.blocks(raw)):
                if (end := text.find(b"\n")) >= 0:
                    return Place(at, end + 1)
                if n > _MOST_LOOKED_AT:
                    return None
            return None
        raw.seek(near)
        end = raw.read(BLOCK_BYTES).find(b"\n")
        return Place(near + end + 1, 0) if end >= 0 else None

    def _until(
        self, pieces: Iterator[tuple[int, bytes]], end: Place
    ) -> Iterator[tuple[int, bytes]]:
        for offset, text in pieces:
            if self._is_bgzf and offset >= end.offset:
                yield offset, text[: end.skip]
                return
            if not self._is_bgzf and offset + len(text) >= end.offset:
                yield offset, text[: end.offset - offset]
                return
            yield offset, text

    def _check_bgzf_end(self, raw: BinaryIO) -> None:
        raw.seek(max(0, self._size - len(bgzf.END)))
        if raw.read() != bgzf.END:
            raise without_end()

    def _pieces(self, raw: BinaryIO) -> Iterator[tuple[int, bytes]]:
        try:
            yield from self._all_pieces(raw)
        except _DAMAGES:
            if self._is_whole:
                raise

    def _all_pieces(self, raw: BinaryIO) -> Iterator[tuple[int, bytes]]:
        if self._is_bgzf:
            yield from bgzf.blocks(raw)
        elif self._is_gzip:
            yield from _inflated(raw)
        elif self._is_zip:
            yield from self._unzipped(raw)
        else:
            at = raw.tell()
            while text := raw.read(BLOCK_BYTES):
                yield at, text
                at += len(text)

    def _unzipped(self, raw: BinaryIO) -> Iterator[tuple[int, bytes]]:
        if not self._is_whole:
            yield from ((0, text) for text in zipped.beginning(raw))
            return
        with zipped.open_only_file(raw) as inside:
            if inside.read(2) == _GZIP:
                inside.seek(0)
                yield from _inflated(inside)
            else:
                inside.seek(0)
                while text := inside.read(_PIECE_BYTES):
                    yield 0, text


def without_end() -> Rejected:
    """The mark of the end of BGZF is missing."""
    return damaged(
        "The upload is incomplete: the last block of the compressed file is missing."
        " Upload the whole file again."
    )


def unreadable(error: Exception) -> Rejected:
    """What is packed cannot be unpacked."""
    return damaged(
        f"The compressed file is incomplete or damaged ({error}). Upload the whole file again."
    )


def _inflated(raw: BinaryIO | IO[bytes]) -> Iterator[tuple[int, bytes]]:
    with igzip.open(raw, "rb") as stream:
        while text := stream.read(_PIECE_BYTES):
            yield 0, text
