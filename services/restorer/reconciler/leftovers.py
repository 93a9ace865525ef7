"""Reconciliation of files that no job refers to: unused uploads, and copies left by a crash."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TypeGuard

import structlog

from gas.domain.job import Job, JobStatus
from gas.files import references
from reconciler.loading import loaded
from reconciler.ports import Ports

logger = structlog.get_logger()

SAFE_AGE = timedelta(days=1)
"""Files younger than this are left alone: an attempt that runs may still append their event.

Twice as long as a message can be held by a consumer (12 hours, SQS's longest visibility timeout).
"""


def delete_unused_uploads(ports: Ports) -> None:
    """Delete every upload that was not submitted within a day, or whose job is deleted."""
    for key in ports.inputs.stored_before(ports.now() - SAFE_AGE):
        user_id, _, upload_id = key.rpartition("/")
        # A read first: nearly every upload belongs to a job, and a read costs a fifth of a write.
        upload = ports.uploads.get(upload_id)
        if upload and upload.job_id:
            job = ports.job_table.get(user_id, upload.job_id)
            # Nothing follows a deletion. The archiver may have failed at it for good.
            is_unused = job is not None and job.status is JobStatus.DELETED
        else:
            # The row first: once it is discarded the upload cannot become a job, so no job can lose
            # its input. `discard` refuses if it became a job since the read.
            is_unused = ports.uploads.discard(upload_id)
        if is_unused:
            logger.info("deleting unused upload", upload_id=upload_id)
            ports.inputs.delete([key])


def delete_orphans(ports: Ports) -> None:
    """Delete results and archives that no job refers to: a crash after a copy, before its event."""
    before = ports.now() - SAFE_AGE
    copies = ((copy, copy.job_id) for copy in ports.store.stored_before(before))
    for copy, job in loaded(copies, ports):
        if not _is_alive(job) or job.archive is None or job.archive.archive_id != copy.archive_id:
            logger.warning("deleting orphaned archive", archive_id=copy.archive_id)
            ports.store.delete(copy)
    for key, job in loaded(_results_of_jobs(before, ports), ports):
        if not _is_alive(job) or key not in {file.key for file in job.results}:
            logger.warning("deleting orphaned result", key=key)
            ports.results.delete([key])


def _results_of_jobs(before: datetime, ports: Ports) -> Iterator[tuple[str, str]]:
    """Keys of results, with the ids of their jobs."""
    for key in ports.results.stored_before(before):
        owner, _, rest = key.partition("/")
        if owner == references.FOLDER:
            continue
        if not rest:
            # Not of the form user/job/…, so not written by GAS: left to its owner.
            logger.warning("unknown key in the results bucket", key=key)
            continue
        yield key, rest.partition("/")[0]


def _is_alive(job: Job | None) -> TypeGuard[Job]:
    return job is not None and job.status is not JobStatus.DELETED
