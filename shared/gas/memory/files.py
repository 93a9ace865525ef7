"""The files of a bucket, in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from gas.files.bucket import CHUNK_BYTES, FileInfo, NoSuchFile


class MemoryFiles:
    """The objects of one bucket, by key."""

    def __init__(self, bucket: str, now: Callable[[], datetime]) -> None:
        self.bucket = bucket
        self.objects: dict[str, bytes] = {}
        self._now = now
        self._stored_at: dict[str, datetime] = {}

    def put(self, key: str, path: Path, content_type: str) -> None:  # noqa: ARG002
        self.write(key, path.read_bytes())

    def write(self, key: str, content: bytes) -> None:
        """Store ``content`` without a file on disk."""
        self.objects[key] = content
        self._stored_at[key] = self._now()

    def copy(self, key: str, to: str) -> None:
        self.write(to, self._content(key))

    def stored_before(self, moment: datetime) -> Iterator[str]:
        return iter([key for key in self.objects if self._stored_at[key] < moment])

    def info(self, key: str) -> FileInfo:
        content = self._content(key)
        etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return FileInfo(len(content), f'"{etag}"', hashlib.sha256(content).hexdigest())

    def stream(self, key: str) -> Iterator[bytes]:
        content = self._content(key)
        return iter([content[at : at + CHUNK_BYTES] for at in range(0, len(content), CHUNK_BYTES)])

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.objects.pop(key, None)

    def _content(self, key: str) -> bytes:
        try:
            return self.objects[key]
        except KeyError:
            raise NoSuchFile(key) from None
