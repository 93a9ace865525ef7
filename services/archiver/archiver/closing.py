"""The end of an account, followed until nothing of its user is left but events.

Nothing can be added any more: each submission is committed on condition that the account is not
closed, and web lets nobody in. What was allowed before may still arrive: a form for an upload is
good for an hour. So everything is deleted at once, and once more when all of that is over; only
then ``account.erased`` is appended. The profile goes last, with the mail that says so (notifier).

A crash after any step leaves a state from which the redelivered message goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import structlog

from archiver.deletion import clean_up
from archiver.ports import Ports
from gas.domain.account import RecordErased
from gas.domain.errors import AlreadyFinished, NotFinished
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import Cancel, Delete
from gas.events import AccountClosed, Event
from gas.messaging.delivery import Postponed
from gas.tables.personal import forget_user
from gas.tables.sessions import end_all

logger = structlog.get_logger()

SETTLES_AFTER = timedelta(hours=2)
"""Longer than a form for an upload is good for, and than any request or session lasts unseen."""
_LOOK_AGAIN = timedelta(minutes=5)
_MAX_UPLOADS = 10_000
_REASON = "the account was closed"


def close_account(event: Event, fan_out_job_id: str | None, ports: Ports) -> None:
    """Delete one job of a closed account, or all that is its user's and no job's.

    As for a downgrade, the event itself becomes one message for each job. Raises Postponed until
    nothing is left and nothing can arrive any more.
    """
    assert isinstance(event.data, AccountClosed)
    if fan_out_job_id:
        _delete(fan_out_job_id, event, ports)
        return
    user_id = event.data.user_id
    account = ports.accounts.get(user_id)
    if account is None or account.closed_at is None or account.erased_at:
        return
    _forget(user_id, ports)
    alive = ports.fan_out.send(event, user_id, _alive(user_id, ports))
    uploads = _discard_uploads(user_id, ports)
    settled = account.closed_at + SETTLES_AFTER
    if alive or uploads or ports.now() < settled:
        raise Postponed(max(settled, ports.now() + _LOOK_AGAIN))
    jobs = _erase(user_id, ports)
    ports.account_streams.execute(user_id, RecordErased(jobs), cause=event)
    logger.info("account erased", user_id=user_id, metrics={"accounts_erased": 1})


def _forget(user_id: str, ports: Ports) -> None:
    """Delete sessions, API tokens, and what the user wrote."""
    end_all(ports.sessions, user_id)
    ports.profiles.remove_tokens(user_id)
    forget_user(ports.personal, user_id)


def _alive(user_id: str, ports: Ports) -> Iterator[str]:
    for status in JobStatus:
        if status is not JobStatus.DELETED:
            for job in ports.job_table.with_status(user_id, status):
                yield job.job_id


def _delete(job_id: str, cause: Event, ports: Ports) -> None:
    """Delete the job, cancelled first where it has not ended."""
    by = cause.data.user_id
    job = ports.jobs.load(job_id)
    if job is None:
        return
    while job.status is not JobStatus.DELETED:
        try:
            if job.is_unfinished:
                job = ports.jobs.execute(job_id, Cancel(by, _REASON), known=job, cause=cause)
            job = ports.jobs.execute(job_id, Delete(by, _REASON), known=job, cause=cause)
        except (AlreadyFinished, NotFinished):
            # It ended, or was reopened, a moment ago.
            job = ports.jobs.load(job_id) or job
    clean_up(job_id, ports)


def _discard_uploads(user_id: str, ports: Ports) -> int:
    """Delete the rows of uploads that never became jobs; returns how many there were."""
    found = ports.uploads.all_open(user_id, _MAX_UPLOADS)
    for upload_id in found:
        ports.uploads.discard(upload_id)
    return len(found)


def _erase(user_id: str, ports: Ports) -> int:
    """Erase every version of every object of the user, whatever put it there; how many jobs."""
    for bucket in (ports.inputs, ports.results, ports.parts):
        bucket.abort_unfinished(ports.now(), f"{user_id}/")
        bucket.erase(f"{user_id}/")
    jobs = 0
    for job in ports.job_table.with_status(user_id, JobStatus.DELETED):
        _erase_traces(job, ports)
        jobs += 1
    return jobs


def _erase_traces(job: Job, ports: Ports) -> None:
    ports.store.erase(job.user_id, job.job_id, job.archive)
    # An upload's key ends with its id. Its row has the file's name.
    ports.uploads.forget(job.input.key.rpartition("/")[2])
