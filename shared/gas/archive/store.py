"""The port of cold storage, and what may go wrong there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Literal, Protocol

from gas.events import ArchiveCopy, ResultFile, Tier

LONGEST_WAIT = {
    Tier.EXPEDITED: timedelta(minutes=15),
    Tier.STANDARD: timedelta(hours=12),
    Tier.BULK: timedelta(hours=24),
}
"""When a restore is overdue: three times the longest time that AWS names for the tier, or twice."""


class DamagedCopy(Exception):
    """A copy does not equal its source; it was removed, the source is untouched."""


class StillCold(Exception):
    """The copy was asked for but is not readable yet, or nobody asked for it."""


class RestoreRequestPending(Exception):
    """Another process asks for the copy just now, or died at it: look again in ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"look again in {seconds} s")
        self.seconds = seconds


class Readiness(Enum):
    """What cold storage itself says of a copy."""

    COLD = "nobody asked, or the request came to nothing"
    THAWING = "asked for, and under way"
    READABLE = "can be fetched now"


@dataclass(frozen=True, slots=True)
class Notice:
    """Cold storage says that a request is done. ``retrieval`` names it, where the store does."""

    job_id: str
    archive_id: str
    retrieval: str | None = None
    succeeded: bool = True

    def to_json(self) -> str:
        """The notice as we tell it ourselves, when the store's own never came."""
        return json.dumps(asdict(self))


def parse_own_notice(body: str) -> Notice | None:
    """The notice that ``Notice.to_json`` wrote, or None where it is something else."""
    try:
        return Notice(**json.loads(body))
    except (ValueError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class RestorePromise:
    """Cold storage was asked: with which tier, and when it answers at the latest."""

    tier: Tier
    expected_by: datetime
    retrieval: str | None = None


@dataclass(frozen=True, slots=True)
class StoredCopy:
    """A copy as its store lists it, whether or not the job knows of it."""

    job_id: str
    store: Literal["s3", "vault"]
    archive_id: str


class CopyReference(Protocol):
    """What it takes to name a copy: an ArchiveCopy or a StoredCopy."""

    @property
    def store(self) -> Literal["s3", "vault"]: ...

    @property
    def archive_id(self) -> str: ...


class ArchiveStore(Protocol):
    """Copies of warm results in cold storage.

    Every ``put`` makes a new archive id: deleting one copy never touches another.
    """

    def put(self, user_id: str, job_id: str, warm: ResultFile) -> ArchiveCopy:
        """Make a complete copy of a warm result and check it. Raises DamagedCopy."""

    def request_restore(self, user_id: str, job_id: str, copy: ArchiveCopy) -> RestorePromise:
        """Ask for the copy, at the fastest tier to be had; asking again costs nothing.

        Raises AskedByAnother where it cannot be known yet whether it was asked.
        """

    def readiness(self, copy: ArchiveCopy, retrieval: str | None) -> Readiness:
        """How far the request ``retrieval`` for the copy is."""

    def parse_notice(self, body: str) -> list[Notice]:
        """The requests that a message of the store says are done; empty for another kind.

        Raises InvalidEvent for a message that the store cannot have sent.
        """

    def fetch(self, copy: ArchiveCopy, to: ResultFile, retrieval: str | None) -> None:
        """Bring the copy back as the warm file ``to`` and check it.

        Raises StillCold, or DamagedCopy if what came back is not what was put.
        """

    def delete(self, copy: CopyReference) -> None:
        """Free the copy; harmless when repeated."""

    def stored_before(self, moment: datetime) -> Iterator[StoredCopy]:
        """Every copy made before that moment, as far as the store can tell today."""
