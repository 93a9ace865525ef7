"""The rule of a file that is cut into parts: a command in, an event out."""

from dataclasses import dataclass

from gas.domain.errors import AlreadyFinished, Superseded
from gas.domain.job import Job
from gas.events import JobSplit


@dataclass(frozen=True, slots=True)
class SplitIntoParts:
    """Record that the file of that attempt is cut into ``parts``, whose plan is at ``plan_key``."""

    attempt: int
    parts: int
    plan_key: str


def split_into_parts(job: Job, command: SplitIntoParts) -> tuple[JobSplit, ...]:
    """The event; none where the attempt has its parts already.

    Raises AlreadyFinished for a job that has ended, Superseded if another attempt has begun.
    """
    if not job.is_unfinished:
        raise AlreadyFinished(f"job {job.job_id} is {job.status}")
    if job.attempt != command.attempt:
        raise Superseded(f"job {job.job_id} is at attempt {job.attempt}, not {command.attempt}")
    if job.running_split:
        return ()
    return (
        JobSplit(
            user_id=job.user_id,
            job_id=job.job_id,
            attempt=command.attempt,
            parts=command.parts,
            plan_key=command.plan_key,
        ),
    )
