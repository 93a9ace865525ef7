"""The handler of the queue of parts: parts, joins, and the ends of cancelled and failed jobs."""

from __future__ import annotations

from contextlib import AbstractContextManager

import structlog

from annotator import input_fetch
from annotator.part_queue.join import join_parts
from annotator.part_queue.messages import JoinMessage, PartMessage, ToDo, read
from annotator.part_queue.part import answer_if_done, do_part
from annotator.part_queue.place import root_of
from annotator.ports import Ports
from gas.domain.errors import AlreadyFinished
from gas.domain.job_rules import GIVEN_UP, Fail
from gas.events import UNREADABLE, Event, FailureCode, JobCancelled, JobFailed
from gas.messaging.delivery import POSTPONED, AlreadyDone
from gas.messaging.executions import execution_name
from gas.observability import logs, tracing

logger = structlog.get_logger()


def handle_message(body: str, ports: Ports) -> None:
    """Do what a message of the queue asks for.

    Raises InvalidEvent, UnknownEventType, Postponed, Interrupted, or anything else where it failed
    on our side.
    """
    found = read(body)
    match found:
        case PartMessage():
            with _context(found, number=found.number), _trace(found, "annotate a part"):
                do_part(found, ports)
        case JoinMessage():
            with _context(found), _trace(found, "join parts"):
                join_parts(found, ports)
        case Event(data=JobCancelled() | JobFailed() as ended):
            with tracing.handling(found, ended.job_id, POSTPONED), logs.event_context(found):
                end(ended.job_id, ports)


def _context(message: ToDo, **more: int) -> AbstractContextManager[object]:
    return structlog.contextvars.bound_contextvars(job_id=message.job_id, **more)


def _trace(message: ToDo, name: str) -> AbstractContextManager[None]:
    return tracing.noticed(message.job_id, name, POSTPONED)


def end(job_id: str, ports: Ports) -> None:
    """Forget the address of a job that has ended, stop its execution, and delete its parts.

    What is at work sees it by itself, and deletes what it still writes; of one that dies before
    that, the daily reconciliation does.
    """
    job = ports.jobs.load(job_id)
    if job is None or job.is_unfinished:
        return
    # The message of its submission may be a dead letter, which nobody will handle.
    input_fetch.forget(job, ports)
    if job.split is None:
        return
    ports.executions.stop(execution_name(job_id, job.split.version), f"the job is {job.status}")
    ports.parts.erase(f"{root_of(job.split)}/")


def give_up(body: str, reason: str, ports: Ports) -> None:
    """Append ``job.failed`` when the deliveries of a part or a join ran out: its result would lack
    something. Its execution is stopped by that event.

    Raises AlreadyDone for a part that is done, which is counted and answered again.
    """
    try:
        found = read(body)
    except UNREADABLE as fault:
        logger.error("gave up on a message that cannot be read", reason=str(fault))
        return
    if isinstance(found, Event):
        return  # the job has ended before
    job = ports.jobs.load(found.job_id)
    if job is None or job.running_split is None or job.running_split.version != found.split:
        return  # the message is of an execution before
    if isinstance(found, PartMessage) and answer_if_done(found, job.running_split, ports):
        raise AlreadyDone(f"part {found.number} of job {found.job_id}")
    logger.error(
        "gave up on the job",
        job_id=found.job_id,
        reason=reason,
        code=FailureCode.INTERNAL,
        metrics={"failed_jobs": 1},
        metrics_by="code",
    )
    try:
        ports.jobs.execute(found.job_id, Fail(FailureCode.INTERNAL, GIVEN_UP), known=job)
    except AlreadyFinished as finished:
        logger.info("the job had already ended", reason=str(finished))
