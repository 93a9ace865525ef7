"""Where in a sorted, bgzipped file the lines of a position begin, from its tabix index.

htslib gives lines one by one, as Python strings, and takes ten times as long as reading blocks.
Format: "The Tabix index file format" (tabix.pdf of the SAM specifications).
"""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np

from annotator.vcf.columns import Offsets

MAGIC = b"TBI\x01"
_HEADER_BYTES = 36
WINDOW_BITS = 14
"""Of the bases of a window of the linear index."""
_CHUNK_BYTES = 16


class VirtualOffset(NamedTuple):
    """The offset of a block of BGZF in the file, and that of a byte in what it holds."""

    block: int
    inside: int


class Index:
    """The linear index of a file: for each 16,384 bases of a contig where its lines begin."""

    def __init__(self, path: Path) -> None:
        """Read a ``.tbi``. Raises ValueError if it is none."""
        with gzip.open(path) as file:
            data = file.read()
        if not data.startswith(MAGIC):
            raise ValueError(f"{path.name} is not a tabix index")
        (contigs,) = struct.unpack_from("<i", data, 4)
        (names_bytes,) = struct.unpack_from("<i", data, _HEADER_BYTES - 4)
        at = _HEADER_BYTES + names_bytes
        names = data[_HEADER_BYTES:at].split(b"\x00")[:contigs]
        self._windows: dict[bytes, Offsets] = {}
        for name in names:
            at = _behind_bins(data, at)
            (count,) = struct.unpack_from("<i", data, at)
            self._windows[name] = np.frombuffer(data, dtype="<i8", count=count, offset=at + 4)
            at += 4 + 8 * count

    def offset(self, contig: bytes, position: int) -> VirtualOffset | None:
        """A place before all lines of that contig from ``position`` (from 1) on; None: no lines."""
        windows = self._windows.get(contig)
        first = (position - 1) >> WINDOW_BITS
        if windows is None or first >= len(windows):
            return None
        # Windows before the first line of a contig may be 0.
        at = next((int(value) for value in windows[first:] if value), 0)
        return VirtualOffset(at >> 16, at & 0xFFFF)


def _behind_bins(data: bytes, at: int) -> int:
    (bins,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(bins):
        (chunks,) = struct.unpack_from("<i", data, at + 4)
        at += 8 + _CHUNK_BYTES * chunks
    return at
