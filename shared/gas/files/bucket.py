"""Files in S3: one bucket as a port, with checksums, streaming and bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

CHUNK_BYTES = 1 << 20


class NoSuchFile(LookupError):
    """There is no object at that key."""


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What S3 knows of an object; ``sha256`` (hexadecimal) only where it was stored with one."""

    size_bytes: int
    etag: str
    sha256: str | None


class Files(Protocol):
    """The objects of one bucket."""

    @property
    def bucket(self) -> str: ...

    def put(self, key: str, path: Path, content_type: str) -> None:
        """Store the file at ``path`` whole, or raise; never half."""

    def info(self, key: str) -> FileInfo:
        """Size, ETag and checksum. Raises NoSuchFile."""

    def stream(self, key: str) -> Iterator[bytes]:
        """The content in chunks of 1 MiB. Raises NoSuchFile before the first."""

    def delete(self, keys: Iterable[str]) -> None:
        """Delete what is there; a key without an object is no error."""

    def stored_before(self, moment: datetime) -> Iterator[str]:
        """The key of every object that was stored before that moment, page by page."""
