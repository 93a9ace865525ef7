"""The rules of a deletion that can be taken back for a while: commands in, events out.

Until it happens the job is what it was, so nothing that concerns it is missed meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime

from gas.domain.errors import AlreadyFinished, NotFinished
from gas.domain.job import Job, JobStatus
from gas.events import JobBody, JobDeleted, JobDeletionRequested, JobDeletionWithdrawn


@dataclass(frozen=True, slots=True)
class RequestDeletion:
    """Delete a job that has ended, at ``due``."""

    by: str
    reason: str
    due: datetime


@dataclass(frozen=True, slots=True)
class WithdrawDeletion:
    """Take a requested deletion back; legal until it has happened."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class CarryOutDeletion:
    """Delete the job for good, if its deletion is still requested for ``due``."""

    by: str
    reason: str
    due: datetime


Command = RequestDeletion | WithdrawDeletion | CarryOutDeletion


def decide(job: Job, command: Command) -> tuple[JobBody, ...]:
    """The events that follow. Raises NotFinished, or AlreadyFinished for what is deleted."""
    ids = {"user_id": job.user_id, "job_id": job.job_id, "by": command.by}
    match command:
        case RequestDeletion(_, reason, due):
            if job.deletion_due or job.status is JobStatus.DELETED:
                return ()
            if job.is_unfinished:
                raise NotFinished(f"job {job.job_id} is {job.status}: cancel it first")
            return (JobDeletionRequested(**ids, reason=reason, due=due),)
        case WithdrawDeletion(_, reason):
            if job.status is JobStatus.DELETED:
                raise AlreadyFinished(f"job {job.job_id} is deleted")
            return (JobDeletionWithdrawn(**ids, reason=reason),) if job.deletion_due else ()
        case CarryOutDeletion(_, reason, due):
            # Another time: it was taken back, and perhaps requested again.
            is_wanted = job.status is not JobStatus.DELETED and job.deletion_due == due
            return (JobDeleted(**ids, reason=reason),) if is_wanted else ()
