"""Files that no job refers to: unused uploads, results and archives left by a crash."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeGuard

import structlog

from gas.domain.job import Job, JobStatus
from reconciler.ports import Ports

logger = structlog.get_logger()

SAFE_AGE = timedelta(days=1)
"""Twice as long as a message can be held: what was stored before that will not be named now."""


def unused_uploads(ports: Ports) -> None:
    """Remove every upload that was not submitted for a day."""
    for key in ports.inputs.stored_before(ports.now() - SAFE_AGE):
        upload_id = key.rsplit("/", 1)[-1]
        if ports.uploads.discard(upload_id):
            logger.info("an upload was never submitted", upload_id=upload_id)
            ports.inputs.delete([key])


def orphans(ports: Ports) -> None:
    """Remove results and archives that no job names: a crash fell between the copy and the log."""
    before = ports.now() - SAFE_AGE
    for copy in ports.store.stored_before(before):
        job = ports.jobs.load(copy.job_id)
        if not _is_alive(job) or job.archive is None or job.archive.archive_id != copy.archive_id:
            logger.warning("an archive of no job", archive_id=copy.archive_id)
            ports.store.delete(copy)
    for key in ports.results.stored_before(before):
        _, _, rest = key.partition("/")
        if not rest:
            logger.warning("a key that is not ours", key=key)
            continue
        job = ports.jobs.load(rest.partition("/")[0])
        if not _is_alive(job) or key not in {file.key for file in job.results}:
            logger.warning("a result of no job", key=key)
            ports.results.delete([key])


def _is_alive(job: Job | None) -> TypeGuard[Job]:
    return job is not None and job.status is not JobStatus.DELETED
