"""What operators do with a job that does not get any further: fail it, or hand it out again."""

from __future__ import annotations

from dataclasses import dataclass

from gas.domain.job import Job, JobStatus
from gas.domain.job_operations import HandOut
from gas.domain.job_rules import Fail
from gas.events import FailureCode
from gas.eventstore.repository import JobRepository

ENDED_BY_OPERATOR = (
    "The operators of this installation ended this job because it did not get any further. The"
    " fault is not your file's. Your upload is safe: run the job again, or contact them with the"
    " job's id."
)
"""The message for the user of a job that an operator ended."""


@dataclass(frozen=True, slots=True)
class JobAdministration:
    """``by`` is the operator, whom events keep."""

    jobs: JobRepository
    by: str

    def fail(self, job_id: str, reason: str) -> Job:
        """End the job; no effect if it has failed. Raises an IllegalStep if it ended otherwise."""
        command = Fail(FailureCode.INTERNAL, ENDED_BY_OPERATOR, None, by=self.by, reason=reason)
        return self.jobs.execute(job_id, command)

    def hand_out(self, job_id: str, seen_version: int, reason: str) -> bool:
        """Let an annotator begin the job anew; False if it has changed since ``seen_version``.

        Raises an IllegalStep if it ended otherwise than by a fault of ours.
        """
        job = self.jobs.execute(job_id, HandOut(self.by, reason, seen_version))
        if job.status is not JobStatus.SUBMITTED or job.version != seen_version + 1:
            return False
        # After a crash before this, reconciliation publishes it: the job has waited for long. So
        # does a second click, and one message more does no harm.
        self.jobs.publish_again(job_id)
        return True
