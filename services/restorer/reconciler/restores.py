"""Restores that cold storage did not announce in time."""

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
from reconciler.ports import BATCH, Ports

logger = structlog.get_logger()


def overdue_restores(ports: Ports) -> None:
    """Ask cold storage itself about every restore that it has not announced in time."""
    for found in ports.job_table.open(RESTORING, sortable_time(ports.now()), BATCH):
        job = ports.jobs.load(found.job_id)
        if job is None or job.archive is None or job.status is not JobStatus.RESTORING:
            continue
        if job.restore_expected_by is None or job.restore_expected_by > ports.now():
            continue
        try:
            _overdue(job, job.archive, ports)
        except (*AwsError, NoSuchFile) as error:
            # A copy that cannot be asked about holds up nobody else's; its turn comes again.
            logger.warning("a restore stays overdue", job_id=job.job_id, error=str(error))


def _overdue(job: Job, archive: ArchiveCopy, ports: Ports) -> None:
    readiness = ports.store.readiness(archive, job.retrieval)
    logger.warning(
        "a restore is overdue",
        job_id=job.job_id,
        it_is=readiness.value,
        metrics={"overdue_restores": 1},
    )
    if readiness is Readiness.READABLE:
        ports.notices.send(Notice(job.job_id, archive.archive_id, job.retrieval).to_json())
    with contextlib.suppress(RestoreRequestPending):
        # A request that is under way is only promised anew: the store does not bill it twice.
        request_restore(job, ports.store, ports.jobs)
