"""The input of a job that is fetched from an address: the command and its rule."""

from dataclasses import dataclass

from gas.domain.errors import AlreadyFinished
from gas.domain.job import Job
from gas.events import InputFile, JobInputFetched


@dataclass(frozen=True, slots=True)
class RecordInput:
    """Record that the input is stored; no effect if that is recorded, or none was awaited."""

    input: InputFile


def recorded(job: Job, command: RecordInput) -> tuple[JobInputFetched, ...]:
    """The event of the input that was fetched. Raises AlreadyFinished if the job has ended."""
    if not job.is_unfinished:
        raise AlreadyFinished(f"job {job.job_id} is {job.status}")
    # Of two that fetched at once, the first decides which content is the job's.
    if not job.awaits_fetch:
        return ()
    return (JobInputFetched(user_id=job.user_id, job_id=job.job_id, input=command.input),)
