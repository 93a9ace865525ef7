"""What operators do to get a job going again: commands and their rule."""

from dataclasses import dataclass

from gas.domain.errors import AlreadyFinished
from gas.domain.job import Job, JobStatus
from gas.events import FailureCode, JobReopened


@dataclass(frozen=True, slots=True)
class Reopen:
    """Set a job that failed with ``internal`` back to submitted; no effect on an unfinished one."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class HandOut:
    """Set a job that is stuck, or failed with ``internal``, back to submitted.

    ``seen_version`` is the version that the operator looked at: no effect if the job has changed,
    so a second click does nothing.
    """

    by: str
    reason: str
    seen_version: int


def sent_back(job: Job, command: Reopen | HandOut) -> tuple[JobReopened, ...]:
    """The event that sets the job back. Raises AlreadyFinished for one that has ended otherwise."""
    if isinstance(command, HandOut):
        if job.version != command.seen_version:
            return ()
    elif job.is_unfinished:
        return ()
    # A file that was rejected would be rejected again.
    is_internal = job.error is not None and job.error.code is FailureCode.INTERNAL
    can_be = job.is_unfinished or (job.status is JobStatus.FAILED and is_internal)
    if job.deletion_due or not can_be:
        raise AlreadyFinished(f"job {job.job_id} is {job.status}, not failed with code internal")
    return (
        JobReopened(user_id=job.user_id, job_id=job.job_id, by=command.by, reason=command.reason),
    )
