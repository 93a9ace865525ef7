"""The port of one bucket of files. Content is streamed: memory does not grow with a file.

Buckets keep versions: what is deleted or overwritten can be brought back for some days
(``ecs/data.yaml``), unless it is erased.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

from gas.files.assembly import Assembled, Piece

QUARANTINE_TAG = "gas-quarantine"
"""The tag of objects that no event names and that must not be deleted; its value is the reason."""

CHUNK_BYTES = 1 << 20
"""1 MiB: what a stream yields, and holds in memory, at once."""


class NoSuchFile(LookupError):
    """There is no object at that key."""


class FileChanged(LookupError):
    """The object at that key is not the pinned one any more."""


@dataclass(frozen=True, slots=True)
class Pin:
    """The very content that is wanted of a key, whatever was stored there since.

    ``etag`` is without quotes. Without a ``version_id`` only a change can be noticed.
    """

    etag: str
    version_id: str | None = None


class Span(NamedTuple):
    """The bytes ``first`` to ``last`` of an object, both included, counted from 0."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class FileInfo:
    """Metadata of an object; ``sha256`` is hexadecimal, None if it was stored without one.

    ``version_id`` is None where the bucket keeps no versions. ``metadata`` is what ``put`` was
    given.
    """

    size_bytes: int
    etag: str
    sha256: str | None
    version_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An object as its bucket lists it."""

    key: str
    stored_at: datetime


class Files(Protocol):
    """The objects of one bucket."""

    @property
    def bucket(self) -> str: ...

    def put(
        self,
        key: str,
        path: Path,
        content_type: str,
        metadata: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Store the file at ``path``, with its SHA-256. Atomic: whole or not at all.

        ``metadata`` is kept with the object and its copies: ASCII, of at most 2 KB.
        """

    def copy(self, key: str, to: str, pin: Pin | None = None) -> None:
        """Copy the object to the key ``to``. Atomic: whole or not at all.

        Raises NoSuchFile, FileChanged.
        """

    def info(self, key: str, pin: Pin | None = None) -> FileInfo:
        """Size, ETag and checksum of the object. Raises NoSuchFile, FileChanged."""

    def stream(self, key: str, pin: Pin | None = None, span: Span | None = None) -> Iterator[bytes]:
        """The content, or a span of it, in chunks of ``CHUNK_BYTES``.

        Raises NoSuchFile or FileChanged before the first chunk.
        """

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys of all objects that begin with ``prefix``, in their order; listed lazily."""

    def assemble(
        self,
        key: str,
        pieces: Sequence[Piece],
        content_type: str,
        metadata: Mapping[str, str] = MappingProxyType({}),
        on_part: Callable[[], object] = lambda: None,
    ) -> Assembled:
        """Make an object of all pieces, in their order, at least one. Atomic: whole or not at all.

        Large stored pieces are copied within S3; ``on_part`` is called after each. Raises
        DamagedPiece, NoSuchFile, and what ``on_part`` raises.
        """

    def delete(self, keys: Iterable[str]) -> None:
        """Delete the objects; a key without one is no error. Raises OSError if S3 refuses.

        They can be brought back as long as the bucket keeps old versions.
        """

    def erase(self, prefix: str) -> None:
        """Delete every version of every object whose key begins with ``prefix``, for good.

        Raises OSError if S3 refuses, ValueError for an empty prefix.
        """

    def stored_before(self, moment: datetime) -> Iterator[StoredFile]:
        """Every object that was stored before that moment; listed lazily."""

    def abort_unfinished(self, before: datetime, prefix: str = "") -> int:
        """Abort each upload in parts that began before that; returns how many there were.

        Of keys that begin with ``prefix``.
        """

    def quarantine(self, key: str, reason: str) -> None:
        """Tag the object as kept for an operator to look at."""

    def deleted_since(self, moment: datetime) -> Iterator[str]:
        """The key of every object that was deleted since, and can be brought back."""

    def bring_back(self, key: str) -> None:
        """Undo the deletion of the object; a key that was not deleted is no error."""
