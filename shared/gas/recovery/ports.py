"""What recovery works with, passed in so that tests can replace it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from gas.archive.store import ArchiveStore
from gas.domain.job import Job
from gas.eventstore.repository import BROKEN_STREAM, JobRepository, WriteContext
from gas.files.bucket import Files
from gas.recovery.periods import LostPeriods
from gas.tables.uploads import UploadTable

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ports:
    """The log, the buckets, and the table of uploads."""

    jobs: JobRepository
    write_context: WriteContext
    uploads: UploadTable
    inputs: Files
    results: Files
    store: ArchiveStore
    periods: LostPeriods
    now: Callable[[], datetime]

    def load(self, job_id: str) -> Job | None:
        """The job; None if the log has no events of it, or none that can be read.

        Nothing is known about such a job, so its files are kept.
        """
        try:
            return self.jobs.load(job_id)
        except BROKEN_STREAM as fault:
            logger.error("events cannot be read, files are kept", job_id=job_id, reason=str(fault))
            return None
