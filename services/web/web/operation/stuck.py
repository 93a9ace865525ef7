"""Jobs that do not get any further, and what runs at present with its leases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from gas.events import Lane, first_id_at, time_of_id
from gas.eventstore.rows import RESTORING, running, sortable_time, waiting
from gas.messaging.concurrency_leases import StoredLease
from gas.tables.jobs import UnfinishedJob
from gas.tables.progress import Progress
from web.operation.sources import Sources

SILENT_AFTER = timedelta(minutes=5)
"""A running job without a heartbeat for so long, and without a lease, is shown.

Reconciliation repairs it after 20 minutes.
"""
LONG_AFTER = timedelta(hours=6)
"""A job that runs for longer is shown, also while it has heartbeats."""
WAITING_AFTER = timedelta(minutes=30)
"""A job that has waited for longer is shown."""

MOST = 25
"""Jobs of each kind and lane that are shown, the oldest first."""

Kind = Literal["silent", "long", "waiting", "restore overdue"]


@dataclass(frozen=True, slots=True)
class StuckJob:
    """``since`` is when it was last heard of, began to wait, or was to be back."""

    kind: Kind
    job_id: str
    user_id: str
    since: datetime | None
    lane: str = ""


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job that an annotator works at; ``worker`` holds its lease, until ``until``.

    Of a job in parts it is one piece: ``piece`` is the number of a part, from 0, or ``join``.
    """

    job_id: str
    user_id: str
    lane: str
    started: datetime | None
    fraction: float | None
    heartbeat: datetime | None
    worker: str
    until: datetime | None
    piece: str = ""


def stuck(sources: Sources) -> tuple[StuckJob, ...]:
    """The jobs that an operator should look at. Raises an AwsError."""
    found = [job for lane in Lane for job in (*_running(sources, lane), *_waiting(sources, lane))]
    overdue = sources.job_table.open(RESTORING, sortable_time(sources.now()), MOST)
    found += [
        StuckJob("restore overdue", job.job_id, job.user_id, _moment(job.at)) for job in overdue
    ]
    return tuple(found)


def at_work(sources: Sources) -> tuple[RunningJob, ...]:
    """What runs, with who holds its lease. Raises an AwsError."""
    later = sortable_time(sources.now() + LONG_AFTER)
    jobs = [
        (lane, job) for lane in Lane for job in sources.job_table.open(running(lane), later, MOST)
    ]
    users = {job.user_id for _, job in jobs}
    held = {user: sources.leases.held(user) for user in users}
    of_parts = {user: sources.part_leases.held(user) for user in users}
    found: list[RunningJob] = []
    for lane, job in jobs:
        shown = _running_job(lane, job, sources.progress.get(job.job_id), held[job.user_id])
        pieces = _pieces(shown, of_parts[job.user_id], sources.now())
        found += pieces or [shown]
    return tuple(found)


def _pieces(job: RunningJob, leases: Iterable[StoredLease], now: datetime) -> list[RunningJob]:
    """The parts of that job that a worker is at, in their order, MOST of them."""
    own = f"{job.job_id}/"
    live = [one for one in leases if one.job_id.startswith(own) and one.until > now]
    pieces = [
        replace(
            job,
            worker=_worker_of(lease),
            until=lease.until,
            piece=lease.job_id.removeprefix(own),
        )
        for lease in live
    ]
    return sorted(pieces, key=_place)[:MOST]


def _running(sources: Sources, lane: Lane) -> Iterator[StuckJob]:
    now = sources.now()
    before = sortable_time(now - SILENT_AFTER)
    held: dict[str, list[StoredLease]] = {}
    for job in sources.job_table.open(running(lane), before, MOST):
        started, progress = _moment(job.at), sources.progress.get(job.job_id)
        heard = progress.heartbeat_at if progress else started
        if job.user_id not in held:
            held[job.user_id] = sources.leases.held(job.user_id)
        # Its holder renews it also where nothing is annotated yet: a large file is downloaded.
        is_held = any(one.job_id == job.job_id and one.until > now for one in held[job.user_id])
        if heard and heard < now - SILENT_AFTER and not is_held:
            yield StuckJob("silent", job.job_id, job.user_id, heard, lane)
        elif started and started < now - LONG_AFTER:
            yield StuckJob("long", job.job_id, job.user_id, started, lane)


def _waiting(sources: Sources, lane: Lane) -> Iterator[StuckJob]:
    before = first_id_at(sources.now() - WAITING_AFTER)
    for job in sources.job_table.open(waiting(lane), before, MOST):
        yield StuckJob("waiting", job.job_id, job.user_id, time_of_id(job.job_id), lane)


def _running_job(
    lane: Lane, job: UnfinishedJob, progress: Progress | None, held: Iterable[StoredLease]
) -> RunningJob:
    lease = next((lease for lease in held if lease.job_id == job.job_id), None)
    return RunningJob(
        job.job_id,
        job.user_id,
        lane,
        _moment(job.at),
        progress.fraction if progress else None,
        progress.heartbeat_at if progress else None,
        _worker_of(lease) if lease else "",
        lease.until if lease else None,
    )


def _place(job: RunningJob) -> tuple[bool, int]:
    is_part = job.piece.isdecimal()
    return not is_part, int(job.piece) if is_part else 0


def _worker_of(lease: StoredLease) -> str:
    """The host of ``<host>/<attempt>``; older attempts have none."""
    return lease.holder.rpartition("/")[0]


def _moment(sortable: str) -> datetime | None:
    try:
        return datetime.fromisoformat(sortable)
    except ValueError:  # another hand may have written the row
        return None
