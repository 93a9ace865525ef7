"""What is left of a deleted job is erased: shares, marks and files, in all their versions."""

from __future__ import annotations

from archiver.ports import Ports
from gas.domain.job import JobStatus
from gas.tables.personal import forget_job


def clean_up(job_id: str, ports: Ports) -> None:
    """Delete what is left of a deleted job: its shares and marks, and all its files.

    Files are results, what was made of them, input and the copy in cold storage, in all their
    versions.
    """
    job = ports.jobs.load(job_id)
    if job is None or job.status is not JobStatus.DELETED:
        return
    forget_job(ports.personal, job.user_id, job_id)
    # Every version: what a user deletes must not be brought back by anyone.
    for bucket in (ports.results, ports.parts):
        bucket.erase(f"{job.user_id}/{job_id}/")
    ports.inputs.erase(job.input.key)
    ports.store.erase(job.user_id, job_id, job.archive)
