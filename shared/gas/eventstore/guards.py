"""Conditions that a decision rested on, checked in the transaction that appends its events."""

from __future__ import annotations

from dataclasses import dataclass

from gas.events import Plan


@dataclass(frozen=True, slots=True)
class PlanIs:
    """At the moment of the commit the account must be on ``plan``, and as it was when decided.

    A plan that was changed and changed back in between is another one: its grace period is new.
    """

    user_id: str
    plan: Plan
    account_version: int


@dataclass(frozen=True, slots=True)
class ClaimUpload:
    """The upload must not have become a job yet; with the commit it becomes ``job_id``."""

    upload_id: str
    job_id: str


@dataclass(frozen=True, slots=True)
class ClaimKey:
    """The user's idempotency key must be new; with the commit it stands for ``job_id``."""

    user_id: str
    key: str
    job_id: str
    expires_at: int

    @property
    def upload_id(self) -> str:
        """Where the key is kept: a row of ``gas-uploads`` beside the uploads it is about."""
        return idempotency_row(self.user_id, self.key)


Guard = PlanIs | ClaimUpload | ClaimKey


def idempotency_row(user_id: str, key: str) -> str:
    """The ``upload_id`` of the row that remembers an idempotency key of that user."""
    return f"key/{user_id}/{key}"


class GuardFailed(Exception):
    """A condition that the decision rested on no longer holds; nothing was written."""

    def __init__(self, guard: Guard) -> None:
        super().__init__(f"{guard} does not hold")
        self.guard = guard
