"""The annotator's handlers: one for ``job.submitted``, one for a message whose deliveries ran out.

What one attempt does is in ``attempt``; which job may start is decided in ``fair_scheduling``.
"""

from __future__ import annotations

import structlog

from annotator import input_fetch
from annotator.attempt import run_attempt
from annotator.heartbeat import AttemptHeartbeat
from annotator.part_queue.begin import runs_in_parts
from annotator.ports import Ports
from gas.domain.errors import AlreadyFinished
from gas.domain.job_rules import GIVEN_UP, Fail
from gas.events import CATALOGUE, UNREADABLE, Event, FailureCode, InvalidEvent, JobSubmitted
from gas.messaging.delivery import AlreadyDone

logger = structlog.get_logger()


def handle(event: Event, ports: Ports) -> None:
    """Annotate the submitted job unless it has ended, or runs in parts already.

    Raises Postponed while the user has no free lease or is suspended, or another process runs the
    job, Interrupted when this process stops or has lost the lease, InvalidEvent for a job that the
    log has lost.
    """
    if not isinstance(event.data, JobSubmitted):
        return
    job = ports.jobs.load(event.data.job_id)
    if job is None:
        # Only committed events are published: the log was restored to an earlier time. As a dead
        # letter the message is kept, and can make the job again.
        raise InvalidEvent("the log does not know this job: it has lost its events")
    if not job.is_unfinished:
        input_fetch.forget(job, ports)
        return
    if runs_in_parts(job, ports):
        return
    account = ports.accounts.get(job.user_id)
    lease = ports.scheduler.acquire(job, account)
    try:
        run_attempt(job, event, AttemptHeartbeat(lease, account, ports))
    finally:
        # Also after a failure: without it the user's next job waits until the lease expires.
        ports.scheduler.release(lease, job)


def give_up(body: str, reason: str, ports: Ports) -> None:
    """Append ``job.failed`` when the deliveries of a message ran out, so that no job hangs.

    ``body`` is the message as it was received, ``reason`` the last error, for the log. Raises
    AlreadyDone for a job that is complete, or runs in parts.
    """
    try:
        event = CATALOGUE.parse(body)
    except UNREADABLE as fault:
        # Nobody knows its job. The message is still moved to the dead-letter queue.
        logger.error("gave up on an event that cannot be read", reason=str(fault))
        return
    if not isinstance(event.data, JobSubmitted):
        return
    job = ports.jobs.load(event.data.job_id)
    if job is not None and (job.completed_at or runs_in_parts(job, ports)):
        raise AlreadyDone(f"job {job.job_id}")
    logger.error(
        "gave up on the job",
        job_id=event.data.job_id,
        reason=reason,
        code=FailureCode.INTERNAL,
        metrics={"failed_jobs": 1},
        metrics_by="code",
    )
    try:
        ports.jobs.execute(event.data.job_id, Fail(FailureCode.INTERNAL, GIVEN_UP), cause=event)
    except AlreadyFinished as finished:
        logger.info("the job had already ended", reason=str(finished))
