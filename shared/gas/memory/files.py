"""The files of a bucket that keeps versions, in memory."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from gas.files.assembly import (
    WHOLE_BYTES,
    Assembled,
    DamagedPiece,
    Piece,
    StoredPiece,
    tree_sha256,
)
from gas.files.bucket import CHUNK_BYTES, FileChanged, FileInfo, NoSuchFile, Pin, Span, StoredFile


@dataclass(frozen=True, slots=True)
class _Version:
    id: str
    content: bytes
    stored_at: datetime
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An upload in parts that was begun, and its parts so far, by number."""

    key: str
    began_at: datetime
    parts: dict[int, bytes] = field(default_factory=dict)


class MemoryFiles:
    """The objects of one bucket: ``objects`` has the newest content of each key that exists.

    ``quarantined`` has the reason of every tagged object, ``unfinished`` the uploads in parts.
    """

    def __init__(self, bucket: str, now: Callable[[], datetime]) -> None:
        self.bucket = bucket
        self.objects: dict[str, bytes] = {}
        self.quarantined: dict[str, str] = {}
        self.unfinished: dict[str, Unfinished] = {}
        self._now = now
        self._ids = itertools.count(1)
        self._versions: dict[str, list[_Version]] = {}
        self._deleted_at: dict[str, datetime] = {}

    def put(
        self,
        key: str,
        path: Path,
        content_type: str,  # noqa: ARG002
        metadata: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.write(key, path.read_bytes(), metadata)

    def write(
        self, key: str, content: bytes, metadata: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Store ``content`` without a file on disk."""
        version = _Version(f"v{next(self._ids)}", content, self._now(), dict(metadata))
        self._versions.setdefault(key, []).append(version)
        self._deleted_at.pop(key, None)
        self.objects[key] = content

    def copy(self, key: str, to: str, pin: Pin | None = None) -> None:
        self.write(to, self._content(key, pin), self._newest(key).metadata)

    def stored_before(self, moment: datetime) -> Iterator[StoredFile]:
        found = [StoredFile(key, self._newest(key).stored_at) for key in self.objects]
        return iter([file for file in found if file.stored_at < moment])

    def info(self, key: str, pin: Pin | None = None) -> FileInfo:
        content, newest = self._content(key, pin), self._newest(key)
        sha256 = hashlib.sha256(content).hexdigest()
        version_id = (pin and pin.version_id) or newest.id
        return FileInfo(len(content), f'"{_etag(content)}"', sha256, version_id, newest.metadata)

    def stream(self, key: str, pin: Pin | None = None, span: Span | None = None) -> Iterator[bytes]:
        content = self._content(key, pin)
        if span:
            content = content[span.first : span.last + 1]
        return iter([content[at : at + CHUNK_BYTES] for at in range(0, len(content), CHUNK_BYTES)])

    def keys(self, prefix: str) -> Iterator[str]:
        return iter(sorted(key for key in self.objects if key.startswith(prefix)))

    def assemble(
        self,
        key: str,
        pieces: Sequence[Piece],
        content_type: str,  # noqa: ARG002
        metadata: Mapping[str, str] = MappingProxyType({}),
        on_part: Callable[[], object] = lambda: None,
    ) -> Assembled:
        texts = []
        for piece in pieces:
            texts.append(_text_of(piece))
            on_part()
        content = b"".join(texts)
        self.write(key, content, metadata)
        sha256 = hashlib.sha256(content).hexdigest() if len(content) <= WHOLE_BYTES else None
        return Assembled(len(content), sha256, tree_sha256(pieces))

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            if self.objects.pop(key, None) is not None:
                self._deleted_at[key] = self._now()

    def erase(self, prefix: str) -> None:
        if not prefix:
            raise ValueError("an empty prefix would erase the whole bucket")
        for key in [key for key in self._versions if key.startswith(prefix)]:
            self.objects.pop(key, None)
            self._deleted_at.pop(key, None)
            del self._versions[key]

    def kept(self, prefix: str) -> list[str]:
        """The keys with that prefix of which any version is kept, deleted or not."""
        return [key for key in self._versions if key.startswith(prefix)]

    def begin_unfinished(self, key: str) -> str:
        """Begin an upload in parts (``gas.memory.part_uploads``); returns its id."""
        bucket_id = f"parts{next(self._ids)}"
        self.unfinished[bucket_id] = Unfinished(key, self._now())
        return bucket_id

    def abort_unfinished(self, before: datetime, prefix: str = "") -> int:
        old = [
            id
            for id, upload in self.unfinished.items()
            if upload.began_at < before and upload.key.startswith(prefix)
        ]
        for bucket_id in old:
            del self.unfinished[bucket_id]
        return len(old)

    def quarantine(self, key: str, reason: str) -> None:
        self._content(key)
        self.quarantined[key] = reason

    def deleted_since(self, moment: datetime) -> Iterator[str]:
        return iter([key for key, at in self._deleted_at.items() if at >= moment])

    def bring_back(self, key: str) -> None:
        if self._deleted_at.pop(key, None):
            self.objects[key] = self._newest(key).content

    def _newest(self, key: str) -> _Version:
        return self._versions[key][-1]

    def _content(self, key: str, pin: Pin | None = None) -> bytes:
        if pin and pin.version_id:
            content = self._content_of(key, pin.version_id)
        elif key in self.objects:
            content = self.objects[key]
        else:
            raise NoSuchFile(key)
        if pin and _etag(content) != pin.etag:
            raise FileChanged(key)
        return content

    def _content_of(self, key: str, version_id: str) -> bytes:
        for version in self._versions.get(key, []):
            if version.id == version_id:
                return version.content
        # As S3 answers: a key without any version is none at all.
        raise FileChanged(key) if key in self._versions else NoSuchFile(key)


def _text_of(piece: Piece) -> bytes:
    if isinstance(piece, StoredPiece):
        text = b"".join(piece.files.stream(piece.key))
    else:
        text = piece.path.read_bytes()
    if hashlib.sha256(text).hexdigest() != piece.sha256:
        raise DamagedPiece("a piece is not what was stored")
    return text


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
