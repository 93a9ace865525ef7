"""Archive what is due. The order is: copy, check, append with the plan's guard, free the warm copy.

A crash after any step leaves a state from which the redelivered message finishes the work.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gas.archive.store import ArchiveStore
from gas.domain.account import Account
from gas.domain.errors import IllegalStep
from gas.domain.job import COLD, Job, JobStatus
from gas.domain.job_rules import Archive, archive_due
from gas.events import (
    AccountDowngraded,
    ArchiveCopy,
    Event,
    JobCompleted,
    JobDeleted,
    JobRestored,
    Plan,
    ResultKind,
)
from gas.eventstore.guards import GuardFailed, PlanIs
from gas.eventstore.repository import JobRepository
from gas.files.bucket import Files
from gas.messaging.delivery import Postponed
from gas.messaging.fan_out import FanOut
from gas.observability import tracing
from gas.tables.accounts import AccountTable
from gas.tables.jobs import JobTable

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ports:
    """What the archiver works with."""

    jobs: JobRepository
    job_table: JobTable
    accounts: AccountTable
    results: Files
    inputs: Files
    store: ArchiveStore
    fan_out: FanOut
    now: Callable[[], datetime]
    grace: timedelta


def handle(event: Event, fan_out_job_id: str | None, ports: Ports) -> None:
    """Archive the job that the event is about, or every job of the user who was downgraded.

    ``errand`` is the id of one of these jobs. Raises Later while the grace period lasts.
    """
    match event.data:
        case JobCompleted(job_id=job_id) | JobRestored(job_id=job_id):
            archive(job_id, event, ports)
        case AccountDowngraded() if fan_out_job_id:
            archive(fan_out_job_id, event, ports)
        case AccountDowngraded(user_id=user_id):
            finished = ports.job_table.with_status(user_id, JobStatus.COMPLETED)
            ports.fan_out.send(event, user_id, (job.job_id for job in finished))
        case JobDeleted(job_id=job_id):
            free_everything(job_id, ports)


def archive(job_id: str, cause: Event, ports: Ports) -> None:
    """Archive one job if it is to be archived, and finish an archival that was cut short."""
    job = ports.jobs.load(job_id)
    if job is None:
        logger.warning("no such job", job_id=job_id)
        return
    if job.freed_keys:
        # Perhaps an archival died before it freed them; by now the job may even be back.
        ports.results.delete(job.freed_keys)
    if job.status in COLD:
        return
    account = ports.accounts.get(job.user_id)
    due = archive_due(job, account, ports.grace) if account else None
    if account is None or due is None:
        return
    if due > ports.now():
        raise Postponed(due)
    _move(job, account, cause, ports)


def _move(job: Job, account: Account, cause: Event, ports: Ports) -> None:
    warm = job.result(ResultKind.VCF)
    assert warm is not None, "a result that is due for archival is warm"
    began = ports.now()
    with tracing.span("copy to cold storage", bytes=warm.size_bytes):
        copy = ports.store.put(job.user_id, job.job_id, warm)
    guard = PlanIs(account.user_id, Plan.FREE, account.version)
    archived = _append(job, copy, guard, cause, ports)
    if archived is None or archived.archive != copy:
        # The plan changed, or another archiver or the user was first: ours is one copy too many.
        ports.store.delete(copy)
    if archived is not None:
        # Also where another was first: it may have died before it came to this.
        ports.results.delete(archived.freed_keys)
        seconds = (ports.now() - began).total_seconds()
        logger.info("archived", job_id=job.job_id, metrics={"archive_seconds": seconds})


def _append(job: Job, copy: ArchiveCopy, guard: PlanIs, cause: Event, ports: Ports) -> Job | None:
    try:
        return ports.jobs.execute(
            job.job_id,
            Archive(copy),
            known=job,
            cause=cause,
            guards=[guard],
        )
    except (GuardFailed, IllegalStep) as reason:
        logger.info("not archived after all", job_id=job.job_id, reason=str(reason))
        return None


def free_everything(job_id: str, ports: Ports) -> None:
    """Delete every file of a deleted job."""
    job = ports.jobs.load(job_id)
    if job is None or job.status is not JobStatus.DELETED:
        return
    ports.results.delete([*(file.key for file in job.results), *job.freed_keys])
    ports.inputs.delete([job.input.key])
    if job.archive:
        ports.store.delete(job.archive)
