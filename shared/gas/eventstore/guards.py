"""Guards: conditions of a decision that are checked in the transaction that appends its events.

They close the gap between reading something outside the stream and committing.
"""

from __future__ import annotations

from dataclasses import dataclass

from gas.events import Plan


@dataclass(frozen=True, slots=True)
class PlanIs:
    """At the commit the account must be on ``plan`` and still have that version.

    The version matters too: a plan that was changed and changed back has a new grace period.
    """

    user_id: str
    plan: Plan
    account_version: int


@dataclass(frozen=True, slots=True)
class AccountIsOpen:
    """At the commit the account must not be closed: nothing may be added behind its end."""

    user_id: str


@dataclass(frozen=True, slots=True)
class ClaimUpload:
    """The upload must not have a job yet; the commit sets its job to ``job_id``."""

    upload_id: str
    job_id: str


@dataclass(frozen=True, slots=True)
class ClaimKey:
    """The user's idempotency key must be new; the commit sets its job to ``job_id``.

    ``body_sha256`` is of the request that the key came with, ``expires_at`` is in seconds since
    1970 (TTL).
    """

    user_id: str
    key: str
    job_id: str
    expires_at: int
    body_sha256: str

    @property
    def upload_id(self) -> str:
        """The primary key of the row of ``gas-uploads`` that stores the idempotency key."""
        return idempotency_row(self.user_id, self.key)


Guard = PlanIs | AccountIsOpen | ClaimUpload | ClaimKey


def idempotency_row(user_id: str, key: str) -> str:
    """The ``upload_id`` of the row that stores an idempotency key of that user."""
    return f"key/{user_id}/{key}"


class GuardFailed(Exception):
    """A guard does not hold (any more); nothing was written."""

    def __init__(self, guard: Guard) -> None:
        super().__init__(f"{guard} does not hold")
        self.guard = guard
