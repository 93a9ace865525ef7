"""Asking cold storage for a job's result, and saying so in the log."""

from __future__ import annotations

import structlog

from gas.archive.store import ArchiveStore
from gas.domain.errors import IllegalStep
from gas.domain.job import Job
from gas.domain.job_rules import RequestRestore
from gas.events import Event
from gas.eventstore.repository import JobRepository

logger = structlog.get_logger()


def request_restore(
    job: Job, store: ArchiveStore, jobs: JobRepository, cause: Event | None = None
) -> None:
    """Ask for an archived job's result; ``job`` is as its row was a moment ago.

    Raises AskedByAnother.
    """
    if job.archive is None:
        return
    promise = store.request_restore(job.user_id, job.job_id, job.archive)
    # A job that is already being restored is asked for instead of what it was promised before.
    command = RequestRestore(
        promise.tier, promise.expected_by, promise.retrieval, job.restore_expected_by
    )
    try:
        jobs.execute(job.job_id, command, known=job, cause=cause)
    except IllegalStep as reason:
        logger.info("no longer to be restored", job_id=job.job_id, reason=str(reason))
    else:
        logger.info("restore requested", job_id=job.job_id, tier=promise.tier)
