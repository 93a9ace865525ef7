"""Reconciliation of restores that cold storage did not announce in time."""

from __future__ import annotations

import contextlib

import structlog

from gas.archive.restore_request import request_restore
from gas.archive.store import Notice, Readiness, RestoreRequestPending
from gas.aws.errors import AwsError
from gas.domain.job import Job, JobStatus
from gas.events import ArchiveCopy
from gas.eventstore.rows import RESTORING, sortable_time
from gas.files.bucket import NoSuchFile
from reconciler.loading import loaded
from reconciler.ports import BATCH, Ports

logger = structlog.get_logger()


def check_overdue_restores(ports: Ports) -> None:
    """Ask cold storage for the state of every overdue restore, and repair what was lost.

    A copy that is readable gets the notice that was lost; a copy that nobody requested is
    requested.
    """
    open_jobs = ports.job_table.open(RESTORING, sortable_time(ports.now()), BATCH)
    # The index lags: only the stream shows whether the restore is still overdue.
    for _, job in loaded(((found, found.job_id) for found in open_jobs), ports):
        if job is None or job.archive is None or job.status is not JobStatus.RESTORING:
            continue
        if job.restore_expected_by is None or job.restore_expected_by > ports.now():
            continue
        try:
            _check(job, job.archive, ports)
        except (*AwsError, NoSuchFile) as error:
            # One copy with a problem must not block the others; the next period tries it again.
            logger.warning("overdue restore not checked", job_id=job.job_id, error=str(error))


def _check(job: Job, archive: ArchiveCopy, ports: Ports) -> None:
    readiness = ports.store.readiness(archive, job.retrieval)
    logger.warning(
        "restore overdue",
        job_id=job.job_id,
        readiness=readiness.name.lower(),
        metrics={"overdue_restores": 1},
    )
    if readiness is Readiness.READABLE:
        ports.notices.send(Notice(job.job_id, archive.archive_id, job.retrieval).to_json())
    with contextlib.suppress(RestoreRequestPending):
        # Also where the copy is readable or on its way: the store does not bill a request twice,
        # and the job gets a new expected time, so that it is checked again only after that.
        request_restore(job, ports.store, ports.jobs)
