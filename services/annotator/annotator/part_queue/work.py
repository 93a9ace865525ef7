"""What doing a part and joining all of them share: whether the job still wants it, and a lease."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from annotator.heartbeat import Cancelled, LeaseRenewal, OnTick, must_be_wanted
from annotator.outcome import failing
from annotator.part_queue.messages import ToDo
from annotator.part_queue.place import root_of
from annotator.ports import Ports
from annotator.runner.parent import Stopped
from gas.domain.errors import AlreadyFinished, Superseded
from gas.domain.job import Job, Split
from gas.events import Event
from gas.messaging.concurrency_leases import Lease
from gas.messaging.delivery import Interrupted

logger = structlog.get_logger()

OVER = "Job.Over"
"""The error by which the state machine does not repeat a part; ``ecs/scatter.yaml`` knows it."""

_SIGN_OF_LIFE = timedelta(seconds=60)


class NotWanted(Exception):
    """Nobody waits for the work any more."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a message asks for: the job, its split, where that is, and the job's first event."""

    job: Job
    split: Split
    root: str
    submitted: Event


def wanted(message: ToDo, ports: Ports) -> Work | None:
    """The work, or None where the job has ended, or another execution does it; it is answered then.

    An answer is no proof of anything: what is in the log and in the bucket counts.
    """
    job = ports.jobs.load(message.job_id)
    split = job.running_split if job else None
    if job is None or split is None or split.version != message.split:
        _refuse(message, job, ports)
        return None
    if not ports.executions.beat(message.token):
        # It was sent again after a long silence, or the execution was stopped.
        return None
    submitted = ports.scheduler.log.read(f"job/{job.job_id}")[0]
    return Work(job, split, root_of(split), submitted)


def _refuse(message: ToDo, job: Job | None, ports: Ports) -> None:
    if job and job.completed_at:
        ports.executions.answer(message.token)
    else:
        status = f"job {job.job_id} is {job.status}" if job else "there is no such job"
        ports.executions.refuse(message.token, OVER, f"{status}, or runs under another number")
    if job and job.split and not job.is_unfinished:
        # What was under way when the job ended has written since.
        ports.parts.erase(f"{root_of(job.split)}/")


@contextmanager
def at_work(message: ToDo, work: Work, ports: Ports) -> Iterator[OnTick]:
    """Hold a lease for the work; gives what to call about once a second while it is done.

    Records what the block finds wrong with the file. Raises NotWanted at the end of work that
    nobody wants any more, Postponed without a free lease, Interrupted when the process stops.
    """
    account = ports.accounts.get(work.job.user_id)
    try:
        with (
            ports.part_scheduler.hold(work.job.user_id, message.work_id, account) as lease,
            failing(work.job, work.submitted, ports),
            ports.protect(),
        ):
            yield _ticking(message, work, lease, ports)
            return
    except (AlreadyFinished, Superseded, Cancelled, NotWanted) as reason:
        logger.info("the job ended elsewhere", job_id=message.job_id, reason=str(reason))
    except Stopped:
        raise Interrupted from None
    # The end of the job, whoever appended it, ends its execution.
    _refuse(message, ports.jobs.load(message.job_id), ports)
    raise NotWanted


def must_run(job: Job, ports: Ports) -> None:
    """Raises NotWanted if the job has ended since."""
    current = ports.job_table.get(job.user_id, job.job_id)
    if current is None or not current.is_unfinished:
        raise NotWanted("the job has ended")


def _ticking(message: ToDo, work: Work, lease: Lease, ports: Ports) -> OnTick:
    renewal = LeaseRenewal(lease, ports.part_scheduler.leases, ports)
    quiet = timedelta(seconds=ports.settings.quiet_seconds)
    said_at = looked_at = ports.now()

    def on_tick(_: float, __: int) -> None:
        nonlocal said_at, looked_at
        renewal.beat()
        now = ports.now()
        if now - looked_at >= quiet:
            looked_at = now
            must_be_wanted(work.job, ports)
        if now - said_at >= _SIGN_OF_LIFE:
            said_at = now
            ports.progress.touch(work.job.job_id)
            if not ports.executions.beat(message.token):
                raise NotWanted("it was sent again, or the execution was stopped")

    return on_tick
