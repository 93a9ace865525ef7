"""How an aggregate becomes its projection row in DynamoDB, and back. Nothing else writes rows."""

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
    """One projection row: ``table`` is its short name, ``key`` its key attributes."""

    table: str
    key: dict[str, str]
    item: Item


def job_row(job: Job) -> Row:
    """The row of a job in ``gas-jobs``, with its place in the two sparse indexes."""
    key = {"user_id": job.user_id, "job_id": job.job_id}
    return Row("jobs", key, _wire(_JOB, job) | dict(wire(_places(job))))


def waiting(lane: Lane) -> str:
    """The ``open`` of jobs that wait in that lane."""
    return f"{lane}/{JobStatus.SUBMITTED}"


def running(lane: Lane) -> str:
    """The ``open`` of jobs that run in that lane."""
    return f"{lane}/{JobStatus.RUNNING}"


RESTORING = str(JobStatus.RESTORING)
"""The ``open`` of jobs that cold storage was asked for."""

COLD = "cold"
"""How the ``waiting`` of jobs begins whose result is in cold storage, asked for or not."""

BACK = "back"
"""How the ``waiting`` of jobs begins whose result came back from there."""


def _places(job: Job) -> dict[str, str]:
    """Index ``open``: all jobs that wait for something, with since when, or until when.

    Index ``waiting``: those of one user that wait for an annotator, or in cold storage, or came
    back from there, in the order in which they came.
    """
    match job.status:
        case JobStatus.SUBMITTED:
            place = {"open": waiting(job.lane), "open_at": job.job_id}
            return place | {"waiting": f"{job.lane}/{job.job_id}"}
        case JobStatus.RUNNING if job.started_at:
            return {"open": running(job.lane), "open_at": sortable_time(job.started_at)}
        case JobStatus.RESTORING if job.restore_expected_by:
            place = {"open": RESTORING, "open_at": sortable_time(job.restore_expected_by)}
            return place | {"waiting": f"{COLD}/{job.job_id}"}
        case JobStatus.ARCHIVED:
            return {"waiting": f"{COLD}/{job.job_id}"}
        case JobStatus.COMPLETED if job.available_since and job.freed_archive:
            return {"waiting": restored_key(job.available_since, job.job_id)}
    return {}


def restored_key(moment: datetime, job_id: str) -> str:
    """The ``waiting`` of a job whose result came back then."""
    return f"{BACK}/{sortable_time(moment)}/{job_id}"


def sortable_time(moment: datetime) -> str:
    """A moment as text of which the order is that of time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def account_row(account: Account) -> Row:
    """The row of an account in ``gas-accounts``."""
    return Row("accounts", {"user_id": account.user_id}, _wire(_ACCOUNT, account))


def job_from(item: Item) -> Job:
    """The job that a row shows."""
    return _JOB.validate_python(plain(item))


def account_from(item: Item) -> Account:
    """The account that a row shows."""
    return _ACCOUNT.validate_python(plain(item))


def _wire(adapter: TypeAdapter[Any], state: object) -> Item:
    text = adapter.dump_json(state, exclude_none=True)
    return dict(wire(json.loads(text, parse_float=Decimal)))
