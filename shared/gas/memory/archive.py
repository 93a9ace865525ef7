"""Cold storage, in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from gas.archive.store import (
    LONGEST_WAIT,
    CopyReference,
    DamagedCopy,
    Notice,
    Readiness,
    RestorePromise,
    StillCold,
    StoredCopy,
    tiers_to_try,
)
from gas.events import ArchiveCopy, InvalidEvent, ResultFile, Tier
from gas.files.bucket import NoSuchFile
from gas.memory.files import MemoryFiles


class MemoryArchiveStore:
    """Cold copies of the files of ``warm``; ``asked`` lists the archive ids that were paid for.

    Without ``has_capacity`` it refuses expedited restores.
    """

    def __init__(
        self,
        warm: MemoryFiles,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        tiers: Sequence[Tier] = (Tier.EXPEDITED, Tier.STANDARD),
    ) -> None:
        self._tiers = tiers
        self.has_capacity = True
        self._warm = warm
        self._now = now
        self._new_id = new_id
        self.cold = MemoryFiles("archive", now)
        self.asked: list[str] = []
        self._in_progress: dict[str, Tier] = {}
        self._readable: set[str] = set()

    @property
    def copies(self) -> dict[str, bytes]:
        """The content of every copy, by archive id."""
        return self.cold.objects

    def put(self, user_id: str, job_id: str, warm: ResultFile) -> ArchiveCopy:
        content = b"".join(self._warm.stream(warm.key))
        if hashlib.sha256(content).hexdigest() != warm.sha256:
            raise DamagedCopy(warm.key)
        archive_id = f"{user_id}/{job_id}/{self._new_id()}/{warm.key.rsplit('/', 1)[-1]}"
        self.cold.write(archive_id, content)
        return ArchiveCopy(
            store="s3", archive_id=archive_id, size_bytes=len(content), sha256=warm.sha256
        )

    def request_restore(
        self,
        user_id: str,  # noqa: ARG002
        job_id: str,  # noqa: ARG002
        copy: ArchiveCopy,
        asked_before: Tier | None = None,
    ) -> RestorePromise:
        if copy.archive_id not in self.copies:
            raise NoSuchFile(copy.archive_id)
        tiers = tiers_to_try(self._tiers, asked_before)
        if self.readiness(copy, None) is not Readiness.COLD:
            tiers = tiers[-1:]
        refused = not self.has_capacity and tiers[0] is Tier.EXPEDITED
        tier = tiers[1 if refused else 0]
        if copy.archive_id not in self._readable:
            self._pay(copy.archive_id, tier)
        return RestorePromise(tier, self._now() + LONGEST_WAIT[tier])

    def _pay(self, archive_id: str, tier: Tier) -> None:
        # As with S3: the same request again is free, a faster tier is an upgrade that is billed.
        under_way = self._in_progress.get(archive_id)
        if under_way is None or list(Tier).index(tier) < list(Tier).index(under_way):
            self._in_progress[archive_id] = tier
            self.asked.append(archive_id)

    def thaw(self, archive_id: str) -> str:
        """Make a copy readable, as if its restore had completed; returns the notice."""
        self._in_progress.pop(archive_id, None)
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

    def delete(self, copy: CopyReference) -> None:
        self.cold.delete([copy.archive_id])

    def erase(self, user_id: str, job_id: str, copy: CopyReference | None) -> None:  # noqa: ARG002
        self.cold.erase(f"{user_id}/{job_id}/")

    def stored_before(self, moment: datetime) -> Iterator[StoredCopy]:
        found = self.cold.stored_before(moment)
        return (StoredCopy(_job_of(file.key), "s3", file.key, file.stored_at) for file in found)

    def abort_unfinished(self, before: datetime) -> int:
        return self.cold.abort_unfinished(before)

    def quarantine(self, copy: CopyReference, reason: str) -> None:
        self.cold.quarantine(copy.archive_id, reason)

    def deleted_since(self, moment: datetime) -> Iterator[StoredCopy]:
        found = self.cold.deleted_since(moment)
        return (StoredCopy(_job_of(key), "s3", key, moment) for key in found)

    def bring_back(self, copy: CopyReference) -> None:
        self.cold.bring_back(copy.archive_id)


def _job_of(archive_id: str) -> str:
    return archive_id.split("/")[1]
