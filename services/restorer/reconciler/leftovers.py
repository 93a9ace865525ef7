"""Reconciliation of files that no job refers to: unused uploads, and copies left by a crash.

The log decides what is deleted, and only where it is complete: what was stored while events were
lost (``gas.recovery``) is put in quarantine instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TypeGuard

import structlog

from gas.archive.store import StoredCopy
from gas.domain.job import Job, JobStatus
from gas.files import references
from gas.files.bucket import StoredFile
from gas.recovery.periods import UNCOMMITTED_FOR, LostPeriod, concerned
from reconciler.loading import loaded
from reconciler.ports import Ports

logger = structlog.get_logger()

SAFE_AGE = UNCOMMITTED_FOR
"""Files younger than this are left alone: an attempt that runs may still append their event."""


def delete_unused_uploads(ports: Ports) -> None:
    """Delete every upload that was not submitted within a day, or whose job is deleted."""
    periods = lost_periods(ports)
    for file in ports.inputs.stored_before(ports.now() - SAFE_AGE):
        user_id, _, upload_id = file.key.rpartition("/")
        # A read first: nearly every upload belongs to a job, and a read costs a fifth of a write.
        upload = ports.uploads.get(upload_id)
        if upload and upload.job_id:
            job = ports.job_table.get(user_id, upload.job_id)
            # Nothing follows a deletion. The archiver may have failed at it for good.
            if job is not None and job.status is JobStatus.DELETED:
                logger.info("erasing the upload of a deleted job", upload_id=upload_id)
                ports.inputs.erase(file.key)
        elif period := concerned(file.stored_at, periods):
            _quarantined("upload", file.key, period)
            ports.inputs.quarantine(file.key, period.id)
        elif upload is None and ports.job_table.has_input(user_id, file.key):
            # The row of a submitted upload never expires: the table has lost it.
            logger.warning("the upload of a job has no row", upload_id=upload_id)
        # The row first: once it is discarded the upload cannot become a job, so no job can lose
        # its input. `discard` refuses if it became a job since the read.
        elif ports.uploads.discard(upload_id):
            logger.info("deleting unused upload", upload_id=upload_id)
            ports.inputs.delete([file.key])


def delete_orphans(ports: Ports) -> None:
    """Delete results, archives and parts that no job refers to.

    A crash left them, after a copy and before its event.
    """
    periods = lost_periods(ports)
    before = ports.now() - SAFE_AGE
    copies = ((copy, copy.job_id) for copy in ports.store.stored_before(before))
    for copy, job in loaded(copies, ports):
        _check_copy(copy, job, periods, ports)
    for file, job in loaded(_results_of_jobs(before, ports), ports):
        _check_result(file, job, periods, ports)
    for file, job in loaded(_parts_of_jobs(before, ports), ports):
        _check_part(file, job, ports)
    for bucket in (ports.store, ports.results, ports.inputs, ports.parts):
        if aborted := bucket.abort_unfinished(before):
            logger.warning("aborted copies in parts that a crash left", copies=aborted)


def _results_of_jobs(before: datetime, ports: Ports) -> Iterator[tuple[StoredFile, str]]:
    """Results, with the ids of their jobs."""
    for file in ports.results.stored_before(before):
        owner, _, rest = file.key.partition("/")
        if owner == references.FOLDER:
            continue
        if not rest:
            # Not of the form user/job/…, so not written by GAS: left to its owner.
            logger.warning("unknown key in the results bucket", key=file.key)
            continue
        yield file, rest.partition("/")[0]


def _parts_of_jobs(before: datetime, ports: Ports) -> Iterator[tuple[StoredFile, str]]:
    """Plans and parts of large files, with the ids of their jobs."""
    for file in ports.parts.stored_before(before):
        yield file, file.key.partition("/")[2].partition("/")[0]


def lost_periods(ports: Ports) -> list[LostPeriod]:
    """The open periods, after a last look whether the log was restored."""
    ports.watch.check()
    return ports.periods.all()


def _check_copy(copy: StoredCopy, job: Job | None, periods: list[LostPeriod], ports: Ports) -> None:
    if job is not None and not _is_alive(job):
        logger.warning("erasing the archive of a deleted job", archive_id=copy.archive_id)
        ports.store.erase(job.user_id, job.job_id, copy)
    elif job and job.archive and job.archive.archive_id == copy.archive_id:
        return
    elif period := concerned(copy.stored_at, periods):
        _quarantined("archive", copy.archive_id, period)
        ports.store.quarantine(copy, period.id)
    else:
        logger.warning("deleting orphaned archive", archive_id=copy.archive_id)
        ports.store.delete(copy)


def _check_result(
    file: StoredFile, job: Job | None, periods: list[LostPeriod], ports: Ports
) -> None:
    if job is not None and not _is_alive(job):
        logger.warning("erasing the result of a deleted job", key=file.key)
        ports.results.erase(file.key)
    elif job and file.key in {known.key for known in job.results}:
        return
    elif period := concerned(file.stored_at, periods):
        _quarantined("result", file.key, period)
        ports.results.quarantine(file.key, period.id)
    else:
        logger.warning("deleting orphaned result", key=file.key)
        ports.results.delete([file.key])


def _check_part(file: StoredFile, job: Job | None, ports: Ports) -> None:
    # None is kept for an operator: a job makes its parts anew from its input.
    if job and job.is_unfinished and job.split:
        folder = job.split.plan_key.rpartition("/")[0]
        if file.key.startswith(f"{folder}/"):
            return
    logger.info("deleting a part that no job needs", key=file.key)
    ports.parts.delete([file.key])


def _quarantined(kind: str, key: str, period: LostPeriod) -> None:
    logger.warning(
        "no event names the file, but events are lost: quarantined",
        kind=kind,
        key=key,
        period=period.id,
        metrics={"quarantined": 1},
    )


def _is_alive(job: Job | None) -> TypeGuard[Job]:
    return job is not None and job.status is not JobStatus.DELETED
