"""BGZF, the blocked gzip of htslib: blocks of at most 64 KiB that can be read one by one.

Written here and not by htslib, as the wheel's htslib deflates with zlib, six times slower than
ISA-L. Format: section 4.1 of the SAM specification (SAMv1.pdf).
"""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from isal import isal_zlib

from annotator.closing import Closing

END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_HEADER = bytes.fromhex("1f8b08040000000000ff060042430200")
BLOCK_BYTES = 0xFF00
"""So much of the text is in each block that is written, but for the last before a flush."""
HEAD_BYTES = 18
_TRAILER_BYTES = 8
_OVERHEAD_BYTES = HEAD_BYTES + _TRAILER_BYTES
LEVEL = 1
"""Of ISA-L's compression, 0 to 3: higher ones take twice as long and save a few per cent."""


IsalError = cast("type[Exception]", isal_zlib.error)


class Damaged(Exception):
    """The compressed file cannot be read to its end."""


def is_bgzf(head: bytes) -> bool:
    """True if a file that begins with these 18 bytes is in blocks."""
    return len(head) >= HEAD_BYTES and head[:4] == _HEADER[:4] and head[12:16] == b"BC\x02\x00"


def blocks(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each block from the place of ``file`` on: its offset in the file, and what it holds.

    Raises Damaged.
    """
    at = file.tell()
    for offset, block in packed_blocks(file):
        yield at + offset, inflated(block)


def packed_blocks(file: BinaryIO, head: bytes = b"") -> Iterator[tuple[int, bytes]]:
    """Each block as it is: its offset from where reading began, and its bytes.

    Nothing is unpacked: a block's head says where the next one begins. ``head`` are 18 bytes that
    were read before. Raises Damaged.
    """
    at = 0
    while head := head or file.read(HEAD_BYTES):
        if not is_bgzf(head):
            raise Damaged("a block of the compressed file has no header")
        size = int.from_bytes(head[16:18], "little") + 1
        body = file.read(max(size - HEAD_BYTES, 0))
        if len(body) != size - HEAD_BYTES or len(body) < _TRAILER_BYTES:
            raise Damaged("the compressed file ends in the middle")
        yield at, head + body
        at += size
        head = b""


def inflated(block: bytes) -> bytes:
    """What a block holds. Raises Damaged."""
    try:
        content = isal_zlib.decompress(
            memoryview(block)[HEAD_BYTES:-_TRAILER_BYTES], wbits=-zlib.MAX_WBITS
        )
    except IsalError as error:
        raise Damaged(str(error)) from None
    checksum, length = struct.unpack("<II", block[-_TRAILER_BYTES:])
    if length != len(content) or checksum != isal_zlib.crc32(content):
        raise Damaged("a checksum of the compressed file is wrong")
    return content


def inflated_bytes(block: bytes) -> int:
    """How many bytes a block says that it holds."""
    return int.from_bytes(block[-4:], "little")


def block_behind(file: BinaryIO, near: int) -> int | None:
    """The offset of the first block at or behind ``near``, or None."""
    file.seek(near)
    window = file.read(2 << 16)
    at = -1
    while (at := window.find(_HEADER[:4], at + 1)) >= 0:
        if not is_bgzf(window[at : at + 18]):
            continue
        file.seek(near + at)
        try:
            for n, _ in enumerate(blocks(file)):  # bytes that only look like one are not followed
                if n:
                    break
        except Damaged:
            continue
        return near + at
    return None


class Writer(Closing):
    """Writes text in blocks; ``blocks`` are the offsets at which they begin, and the last ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("wb")
        self._rest = b""
        self.blocks = [0]

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def write(self, text: bytes | memoryview) -> None:
        """Add text; what does not fill a block waits for more."""
        view, start = memoryview(text), 0
        if self._rest:
            start = BLOCK_BYTES - len(self._rest)
            self._rest += view[:start]
            if len(self._rest) < BLOCK_BYTES:
                return
            self._put(memoryview(self._rest))
        whole = (len(text) - start) // BLOCK_BYTES * BLOCK_BYTES + start
        for at in range(start, whole, BLOCK_BYTES):
            self._put(view[at : at + BLOCK_BYTES])
        self._rest = bytes(view[whole:])

    def flush(self) -> None:
        """End the block that is being filled."""
        if self._rest:
            self._put(memoryview(self._rest))
            self._rest = b""

    def append(self, path: Path) -> int:
        """Add the blocks of another file, which has no mark of the end; gives where they begin."""
        self.flush()
        at = self._file.tell()
        with path.open("rb") as blocks_of:
            shutil.copyfileobj(blocks_of, self._file, 1 << 20)
        return at

    def end(self) -> None:
        """Write the last block and the mark of the end."""
        self.flush()
        self._file.write(END)

    def _put(self, content: memoryview) -> None:
        packed = isal_zlib.compress(content, LEVEL, -zlib.MAX_WBITS)
        self._file.write(_HEADER + struct.pack("<H", len(packed) + _OVERHEAD_BYTES - 1))
        self._file.write(packed)
        self.blocks.append(self.blocks[-1] + len(packed) + _OVERHEAD_BYTES)
        self._file.write(struct.pack("<II", isal_zlib.crc32(content), len(content)))
