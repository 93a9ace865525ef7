"""Request a job's result from cold storage, and append that to the job's stream.

In ``gas`` because three processes do it: restorer, reconciler and thawer.
"""

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
    """Request the restore of an archived job's result; ``job`` is its state as loaded just now.

    Raises RestoreRequestPending.
    """
    if job.archive is None:
        return
    # Requested before appended: a crash in between requests again, which is free. In the other
    # order the job would wait for a restore that nobody requested.
    promise = store.request_restore(job.user_id, job.job_id, job.archive, job.restore_tier)
    # For a job that is restoring already, this request replaces the earlier one.
    command = RequestRestore(
        promise.tier, promise.expected_by, promise.retrieval, job.restore_expected_by
    )
    try:
        jobs.execute(job.job_id, command, known=job, cause=cause)
    except IllegalStep as reason:
        logger.info("restore no longer needed", job_id=job.job_id, reason=str(reason))
    else:
        logger.info("restore requested", job_id=job.job_id, tier=promise.tier)
