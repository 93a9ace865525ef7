"""How far the reading of a large file has come, said at every tenth."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

Say = Callable[[str], None]

_WORTH_SAYING_BYTES = 4 << 20


class WatchedFile(io.RawIOBase):
    """A file that says how much of it was read; small ones say nothing."""

    def __init__(self, path: Path, say: Say) -> None:
        self._file = path.open("rb", buffering=0)
        self._name = path.name
        self._size = path.stat().st_size
        self._say = say
        self._read = self._tenths = 0

    def readable(self) -> bool:
        """It is only read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer, as ``io.RawIOBase`` wants it; returns the number of bytes."""
        count = self._file.readinto(buffer) or 0
        self._read += count
        tenths = 10 * self._read // max(self._size, 1)
        if tenths > self._tenths and self._size >= _WORTH_SAYING_BYTES:
            self._tenths = tenths
            self._say(f"{self._name}: {10 * tenths} % of {self._size >> 20:,} MiB read")
        return count

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
