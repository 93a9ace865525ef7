"""The port of one bucket of files. Content is streamed: memory does not grow with a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

CHUNK_BYTES = 1 << 20
"""1 MiB: what a stream yields, and holds in memory, at once."""


class NoSuchFile(LookupError):
    """There is no object at that key."""


@dataclass(frozen=True, slots=True)
class FileInfo:
    """Metadata of an object; ``sha256`` is hexadecimal, None if it was stored without one."""

    size_bytes: int
    etag: str
    sha256: str | None


class Files(Protocol):
    """The objects of one bucket."""

    @property
    def bucket(self) -> str: ...

    def put(self, key: str, path: Path, content_type: str) -> None:
        """Store the file at ``path``, with its SHA-256. Atomic: whole or not at all."""

    def copy(self, key: str, to: str) -> None:
        """Copy the object to the key ``to``. Atomic: whole or not at all. Raises NoSuchFile."""

    def info(self, key: str) -> FileInfo:
        """Size, ETag and checksum of the object. Raises NoSuchFile."""

    def stream(self, key: str) -> Iterator[bytes]:
        """The content in chunks of ``CHUNK_BYTES``. Raises NoSuchFile before the first chunk."""

    def delete(self, keys: Iterable[str]) -> None:
        """Delete the objects; a key without one is no error. Raises OSError if S3 refuses."""

    def stored_before(self, moment: datetime) -> Iterator[str]:
        """The key of every object that was stored before that moment; listed lazily."""
