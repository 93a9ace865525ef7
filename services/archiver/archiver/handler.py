"""The archiver's handlers. The order of effects is: copy, check, append, delete the warm copy.

- A copy is made and checked before ``job.archived`` is appended, so the projection never refers to
  a copy that does not exist.
- ``job.archived`` is appended with the condition that the account is still on Free, so an upgrade
  that is committed first wins and nothing of a Premium user is archived.
- The warm copy is deleted last, so a complete copy exists at every instant.

A crash after any step leaves a state from which the redelivered message finishes the work.
"""

import structlog

from archiver.closing import close_account
from archiver.deletion import clean_up
from archiver.ports import Ports
from gas.domain.account import Account
from gas.domain.errors import IllegalStep
from gas.domain.job import COLD, Job, JobStatus
from gas.domain.job_deletion import CarryOutDeletion
from gas.domain.job_rules import Archive, archive_due
from gas.events import (
    AccountClosed,
    AccountDowngraded,
    AccountReinstated,
    ArchiveCopy,
    Event,
    JobCompleted,
    JobDeleted,
    JobDeletionRequested,
    JobRestored,
    Plan,
    ResultKind,
)
from gas.eventstore.guards import GuardFailed, PlanIs
from gas.eventstore.repository import JOB
from gas.messaging.delivery import Postponed
from gas.observability import tracing

logger = structlog.get_logger()


def handle(event: Event, fan_out_job_id: str | None, ports: Ports) -> None:
    """Archive the event's job, or each completed job of a user; delete and clean up.

    A downgrade and the end of a suspension, during which nothing was archived, are handled in two
    steps: the event itself (``fan_out_job_id`` is None) becomes one message per job, and each of
    these comes back with the event and its job's id. So is the end of an account.
    Raises Postponed while the grace period lasts, or an account is not yet erased.
    """
    match event.data:
        case JobCompleted(job_id=job_id) | JobRestored(job_id=job_id):
            archive(job_id, event, ports)
        case AccountDowngraded() | AccountReinstated() if fan_out_job_id:
            archive(fan_out_job_id, event, ports)
        case AccountDowngraded(user_id=user_id) | AccountReinstated(user_id=user_id):
            finished = ports.job_table.with_status(user_id, JobStatus.COMPLETED)
            ports.fan_out.send(event, user_id, (job.job_id for job in finished))
        case JobDeletionRequested() as body:
            carry_out(body, event, ports)
        case JobDeleted(job_id=job_id):
            clean_up(job_id, ports)
        case AccountClosed():
            close_account(event, fan_out_job_id, ports)


def archive(job_id: str, cause: Event, ports: Ports) -> None:
    """Archive one job if that is due, and finish an archival that a crash interrupted.

    Raises Postponed while the grace period lasts.
    """
    account = ports.accounts.get(cause.data.user_id)
    if account and _kept_results(account, cause):
        return
    job = ports.jobs.load(job_id)
    if job is None:
        logger.warning("job not found", job_id=job_id)
        return
    if job.freed_keys and not _is_latest(cause, job):
        # A process may have died after the append and before this delete. No event names these keys
        # again, not even after a restore, so deleting them once more is always safe.
        ports.results.delete(job.freed_keys)
    if job.status in COLD:
        return
    due = archive_due(job, account, ports.policy) if account else None
    if account is None or due is None:
        return
    if due > ports.now():
        raise Postponed(due)
    _move(job, account, cause, ports)


def _kept_results(account: Account, cause: Event) -> bool:
    """Whether results stayed warm ever since ``cause``: no delivery of it archived anything.

    Nothing is due then, and no archival is left to be finished, so the job need not be read.
    """
    return account.plan is Plan.PREMIUM and account.plan_since <= cause.time


def _is_latest(cause: Event, job: Job) -> bool:
    """Whether nothing happened to the job since ``cause``, so no delivery of it archived the job.

    What other messages began, such as ``job.completed`` before a restore, their own deliveries end.
    """
    return cause.subject == JOB.stream(job.job_id) and cause.streamversion == job.version


def _move(job: Job, account: Account, cause: Event, ports: Ports) -> None:
    warm = job.result(ResultKind.VCF)
    assert warm is not None, "archive_due gives no time for a job without a warm result"
    began = ports.now()
    with tracing.span("copy to cold storage", bytes=warm.size_bytes):
        copy = ports.store.put(job.user_id, job.job_id, warm)
    guard = PlanIs(account.user_id, Plan.FREE, account.version)
    archived = _append(job, copy, guard, cause, ports)
    if archived is None or archived.archive != copy:
        # The account changed, the user deleted the job, or another delivery archived it first: no
        # event names our copy.
        ports.store.delete(copy)
    if archived is None:
        _look_again(job, account, ports)
    else:
        # Also if another delivery was first: it may have died before its own delete.
        ports.results.delete(archived.freed_keys)
        seconds = (ports.now() - began).total_seconds()
        logger.info("archived", job_id=job.job_id, metrics={"archive_seconds": seconds})


def _look_again(job: Job, account: Account, ports: Ports) -> None:
    """Raise Postponed if the account changed and the result is due all the same.

    Otherwise nobody would archive it: an event about something else, such as a new API token, has
    no consumer that looks at jobs.
    """
    current = ports.accounts.get(job.user_id)
    if current is None or current.version == account.version:
        return
    due = archive_due(job, current, ports.policy)
    if due is not None:
        raise Postponed(max(due, ports.now()))


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
        logger.info("not archived", job_id=job.job_id, reason=str(reason))
        return None


def carry_out(body: JobDeletionRequested, cause: Event, ports: Ports) -> None:
    """Delete the job if its user has not taken that back. Raises Postponed until it is due."""
    if body.due > ports.now():
        raise Postponed(body.due)
    ports.jobs.execute(body.job_id, CarryOutDeletion(body.by, body.reason, body.due), cause=cause)
