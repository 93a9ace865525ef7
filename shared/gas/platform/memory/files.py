"""Files and cold storage, in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from gas.events import ArchiveCopy, InvalidEvent, ResultFile, Tier
from gas.platform.archive.store import (
    DamagedCopy,
    Held,
    Notice,
    Promise,
    Readiness,
    StillCold,
    StoredCopy,
)
from gas.platform.files import CHUNK_BYTES, FileInfo, NoSuchFile


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
        """Store it as something else than a file."""
        self.objects[key] = content
        self._stored_at[key] = self._now()

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


class MemoryArchiveStore:
    """Cold copies of the files of ``warm``; ``thaw`` makes one readable and gives its notice."""

    def __init__(
        self, warm: MemoryFiles, now: Callable[[], datetime], new_id: Callable[[], str]
    ) -> None:
        self._warm = warm
        self._now = now
        self._new_id = new_id
        self.copies: dict[str, bytes] = {}
        self._stored_at: dict[str, datetime] = {}
        self.asked: list[str] = []
        self._in_progress: set[str] = set()
        self._readable: set[str] = set()

    def put(self, user_id: str, job_id: str, warm: ResultFile) -> ArchiveCopy:
        content = b"".join(self._warm.stream(warm.key))
        if hashlib.sha256(content).hexdigest() != warm.sha256:
            raise DamagedCopy(warm.key)
        archive_id = f"{user_id}/{job_id}/{self._new_id()}/{warm.key.rsplit('/', 1)[-1]}"
        self.copies[archive_id] = content
        self._stored_at[archive_id] = self._now()
        return ArchiveCopy(
            store="s3", archive_id=archive_id, size_bytes=len(content), sha256=warm.sha256
        )

    def request_restore(self, user_id: str, job_id: str, copy: ArchiveCopy) -> Promise:  # noqa: ARG002
        if copy.archive_id not in self.copies:
            raise NoSuchFile(copy.archive_id)
        # As with S3, a request for what is under way or readable is not a second retrieval.
        if copy.archive_id not in self._in_progress | self._readable:
            self._in_progress.add(copy.archive_id)
            self.asked.append(copy.archive_id)
        return Promise(Tier.EXPEDITED, self._now() + timedelta(minutes=15))

    def thaw(self, archive_id: str) -> str:
        """Make a copy readable; gives the message that announces it."""
        self._in_progress.discard(archive_id)
        self._readable.add(archive_id)
        return json.dumps({"job_id": archive_id.split("/")[1], "archive_id": archive_id})

    def parse_notice(self, body: str) -> list[Notice]:
        try:
            message = json.loads(body)
            return [Notice(message["job_id"], message["archive_id"])]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidEvent(f"not a notice: {error}") from None

    def readiness(self, copy: ArchiveCopy, retrieval: str | None) -> Readiness:  # noqa: ARG002
        if copy.archive_id in self._in_progress:
            return Readiness.THAWING
        return Readiness.READABLE if copy.archive_id in self._readable else Readiness.COLD

    def fetch(self, copy: ArchiveCopy, to: ResultFile, retrieval: str | None) -> None:
        if self.readiness(copy, retrieval) is not Readiness.READABLE:
            raise StillCold(copy.archive_id)
        self._warm.write(to.key, self.copies[copy.archive_id])

    def delete(self, copy: Held) -> None:
        self.copies.pop(copy.archive_id, None)

    def stored_before(self, moment: datetime) -> Iterator[StoredCopy]:
        old = [id for id in self.copies if self._stored_at[id] < moment]
        return iter([StoredCopy(id.split("/")[1], "s3", id) for id in old])
