"""The port of cold storage, with its values and exceptions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
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
"""How long after its request a restore is overdue.

AWS documents typical times of 1–5 minutes, 3–5 hours and 5–12 hours ("Archive retrieval options");
these are two to three times their upper ends, so that only a lost notice makes a restore overdue.
"""


_FASTEST_FIRST = tuple(Tier)


def tiers_to_try(policy: Sequence[Tier], asked_before: Tier | None) -> tuple[Tier, ...]:
    """The tiers of ``policy`` to request, in its order.

    ``asked_before`` is the tier of an earlier request for the same copy, or None. No faster one is
    requested after it: S3 would take that for an upgrade of the speed and bill it. Where the policy
    has only faster ones, the earlier tier is requested again.
    """
    if asked_before is None:
        return tuple(policy)
    at_most = _FASTEST_FIRST.index(asked_before)
    allowed = tuple(tier for tier in policy if _FASTEST_FIRST.index(tier) >= at_most)
    return allowed or (asked_before,)


class DamagedCopy(Exception):
    """A copy differs from its source. The copy was not kept, the source is untouched."""


class StillCold(Exception):
    """The copy cannot be fetched: no restore was requested, or it is still in progress."""


class RestoreRequestPending(Exception):
    """Another process is requesting the copy, or died while it did: try again in ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"another process requests the restore; try again in {seconds} s")
        self.seconds = seconds


class Readiness(Enum):
    """The state of a copy as cold storage itself reports it."""

    COLD = "no restore requested, or the request failed"
    THAWING = "restore in progress"
    READABLE = "readable"


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that a restore has ended. ``retrieval`` is its id, where the store gives one."""

    job_id: str
    archive_id: str
    retrieval: str | None = None
    succeeded: bool = True

    def to_json(self) -> str:
        """The notice as JSON, for sending it ourselves where the store's own message never came."""
        return json.dumps(asdict(self))


def parse_own_notice(body: str) -> Notice | None:
    """The notice that ``Notice.to_json`` wrote, or None for any other text."""
    try:
        return Notice(**json.loads(body))
    except (ValueError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class RestorePromise:
    """The answer to a restore request: its tier, and when the result is expected at the latest.

    ``retrieval`` is the id of the request, where the store gives one.
    """

    tier: Tier
    expected_by: datetime
    retrieval: str | None = None


@dataclass(frozen=True, slots=True)
class StoredCopy:
    """A copy as its store lists it; perhaps no event of the job names it."""

    job_id: str
    store: Literal["s3", "vault"]
    archive_id: str
    stored_at: datetime


class CopyReference(Protocol):
    """What identifies a copy: an ArchiveCopy or a StoredCopy."""

    @property
    def store(self) -> Literal["s3", "vault"]: ...

    @property
    def archive_id(self) -> str: ...


class ArchiveStore(Protocol):
    """Copies of warm results in cold storage.

    Warm means readable at once, in the results bucket. Every ``put`` makes a new archive id, so
    deleting one copy never affects another.
    """

    def put(self, user_id: str, job_id: str, warm: ResultFile) -> ArchiveCopy:
        """Copy a warm result to cold storage and compare its checksum. Raises DamagedCopy."""

    def request_restore(
        self, user_id: str, job_id: str, copy: ArchiveCopy, asked_before: Tier | None = None
    ) -> RestorePromise:
        """Request a restore; the next tier of the policy where the expedited one has no capacity.

        ``asked_before`` is the tier of an earlier request for the same copy, see ``tiers_to_try``.
        Idempotent: repeating it costs nothing. Raises RestoreRequestPending where another process
        may have requested it a moment ago.
        """

    def readiness(self, copy: ArchiveCopy, retrieval: str | None) -> Readiness:
        """The state of the copy, or of its request ``retrieval``, where requests have ids."""

    def parse_notice(self, body: str) -> list[Notice]:
        """The restores that a message of the store reports as ended; empty for other messages.

        Raises InvalidEvent for a message that the store cannot have sent.
        """

    def fetch(self, copy: ArchiveCopy, to: ResultFile, retrieval: str | None) -> None:
        """Copy it back as the warm file ``to``, and compare its checksum.

        Raises StillCold, or DamagedCopy if the content is not what was put.
        """

    def delete(self, copy: CopyReference) -> None:
        """Delete the copy; idempotent. S3 can bring it back for some days, a vault cannot."""

    def erase(self, user_id: str, job_id: str, copy: CopyReference | None) -> None:
        """Delete the job's ``copy`` for good, and every copy of the job that could be brought back.

        Idempotent.
        """

    def stored_before(self, moment: datetime) -> Iterator[StoredCopy]:
        """Copies made before that moment. A vault's list may be a day old, or not be ready yet."""

    def abort_unfinished(self, before: datetime) -> int:
        """Abort each copy in parts that a crash left before that; returns how many there were."""

    def quarantine(self, copy: CopyReference, reason: str) -> None:
        """Tag the copy as kept for an operator to look at, where the store has tags."""

    def deleted_since(self, moment: datetime) -> Iterator[StoredCopy]:
        """Copies that were deleted since, and can be brought back."""

    def bring_back(self, copy: CopyReference) -> None:
        """Undo the deletion of the copy."""
