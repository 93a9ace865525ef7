"""Mapping between an aggregate and its projection row in DynamoDB, both ways."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from gas.aws.items import Item, plain, wire
from gas.domain.account import Account
from gas.domain.job import Job, JobStatus
from gas.events import Lane

_JOB = TypeAdapter(Job)
_ACCOUNT = TypeAdapter(Account)


@dataclass(frozen=True, slots=True)
class Row:
    """One projection row: ``table`` is a short name (``jobs``), ``key`` has the key attributes.

    ``item`` is the whole row in DynamoDB's wire form.
    """

    table: str
    key: dict[str, str]
    item: Item

    @property
    def id(self) -> tuple[str, ...]:
        """Table and key."""
        return (self.table, *self.key.values())


def job_row(job: Job) -> Row:
    """The row of a job in ``gas-jobs``, with the attributes of its three sparse indexes."""
    key = {"user_id": job.user_id, "job_id": job.job_id}
    attributes: dict[str, object] = dict(_index_attributes(job))
    if job.stored_bytes:
        # Index ``stored`` (``user_id``, ``stored_bytes``): what is kept for a user.
        attributes["stored_bytes"] = job.stored_bytes
    return Row("jobs", key, _wire(_JOB, job) | dict(wire(attributes)))


def waiting(lane: Lane) -> str:
    """The value of ``open`` of jobs that wait in that lane."""
    return f"{lane}/{JobStatus.SUBMITTED}"


def running(lane: Lane) -> str:
    """The value of ``open`` of jobs that run in that lane."""
    return f"{lane}/{JobStatus.RUNNING}"


RESTORING = str(JobStatus.RESTORING)
"""The value of ``open`` of jobs whose restore was requested."""

COLD = "cold"
"""Prefix of ``waiting`` of jobs whose result is in cold storage, requested or not."""

RESTORED = "back"  # a stored value: it keeps its old word
"""Prefix of ``waiting`` of jobs whose result was restored from cold storage."""


def _index_attributes(job: Job) -> dict[str, str]:
    """The attributes of a job in the sparse indexes of ``gas-jobs``; none keeps it out of them.

    Index ``open`` (partition key ``open``, sort key ``open_at``): the unfinished jobs of all users
    by kind; ``open_at`` is the id of a waiting job, the start of a running one, or the moment by
    which a restore is expected.
    Index ``waiting`` (``user_id``, ``waiting``): the jobs of one user that wait for an annotator,
    are in cold storage, or were restored; each kind oldest first.
    """
    match job.status:
        case JobStatus.SUBMITTED:
            # Ids are UUIDv7, so their order is the order of submission.
            attributes = {"open": waiting(job.lane), "open_at": job.job_id}
            return attributes | {"waiting": f"{job.lane}/{job.job_id}"}
        case JobStatus.RUNNING if job.started_at:
            return {"open": running(job.lane), "open_at": sortable_time(job.started_at)}
        case JobStatus.RESTORING if job.restore_expected_by:
            attributes = {"open": RESTORING, "open_at": sortable_time(job.restore_expected_by)}
            return attributes | {"waiting": f"{COLD}/{job.job_id}"}
        case JobStatus.ARCHIVED:
            return {"waiting": f"{COLD}/{job.job_id}"}
        case JobStatus.COMPLETED if job.available_since and job.freed_archive:
            return {"waiting": restored_key(job.available_since, job.job_id)}
    return {}


def restored_key(moment: datetime, job_id: str) -> str:
    """The value of ``waiting`` of a job whose result was restored at that moment."""
    return f"{RESTORED}/{sortable_time(moment)}/{job_id}"


def sortable_time(moment: datetime) -> str:
    """A moment as text that sorts by time: UTC, microseconds, always of the same length."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def account_row(account: Account) -> Row:
    """The row of an account in ``gas-accounts``."""
    return Row("accounts", {"user_id": account.user_id}, _wire(_ACCOUNT, account))


def version_of(item: Item) -> int:
    """The number of events that a row is the fold of."""
    return int(plain(item)["version"])


def job_from(item: Item) -> Job:
    """The job of a row of ``gas-jobs``."""
    return _JOB.validate_python(plain(item))


def account_from(item: Item) -> Account:
    """The account of a row of ``gas-accounts``."""
    return _ACCOUNT.validate_python(plain(item))


def _wire(adapter: TypeAdapter[Any], state: object) -> Item:
    text = adapter.dump_json(state, exclude_none=True)
    # DynamoDB takes no float; Decimal keeps the number as JSON has it.
    return dict(wire(json.loads(text, parse_float=Decimal)))
