"""BGZF, the gzip of VCF files: independent blocks, so that bcftools can index what we stream."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator

_BLOCK_BYTES = (
    0xFF00  # what htslib puts into one block; any content of it fits, even incompressible
)
_LEVEL = 1  # the client waits: five times as fast as the default, for a quarter more bytes
_HEADER = struct.Struct("<4BI2BH2B2H")
_FOOTER = struct.Struct("<2I")
END_OF_FILE = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def bgzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks as a BGZF file, with the block that marks its end."""
    pending = bytearray()
    for chunk in chunks:
        pending += chunk
        if len(pending) < _BLOCK_BYTES:
            continue
        whole = len(pending) - len(pending) % _BLOCK_BYTES
        content = bytes(memoryview(pending)[:whole])
        del pending[:whole]
        yield b"".join(_blocks(content))
    if pending:
        yield b"".join(_blocks(bytes(pending)))
    yield END_OF_FILE


def _blocks(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), _BLOCK_BYTES):
        yield _block(content[start : start + _BLOCK_BYTES])


def _block(content: bytes) -> bytes:
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflate.compress(content) + deflate.flush()
    size = _HEADER.size + len(packed) + _FOOTER.size
    header = _HEADER.pack(31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, size - 1)
    return header + packed + _FOOTER.pack(zlib.crc32(content), len(content))
