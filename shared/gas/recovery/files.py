"""Files after a recovery: what the log names is brought back, what it does not know is kept.

Everything here can be repeated, and services may run meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gas.archive.store import StoredCopy
from gas.domain.errors import IllegalStep
from gas.domain.job import COLD, Job, JobStatus
from gas.domain.job_rules import Restore
from gas.events import ResultFile, ResultKind
from gas.files import references
from gas.files.bucket import FileInfo
from gas.recovery.periods import LostPeriod
from gas.recovery.ports import Ports


@dataclass(frozen=True, slots=True)
class Finding:
    """A file of a lost period, and what was done: its ``job_id`` is None for an upload alone."""

    what: str
    bucket: str
    key: str
    user_id: str
    job_id: str | None = None


def bring_back_deleted(period: LostPeriod, ports: Ports) -> Iterator[Finding]:
    """Undo each deletion since the period began of a file that the restored log names.

    What a user deleted in the period is not among them: it was erased for good.
    """
    for key in ports.results.deleted_since(period.begins):
        user_id, job_id = _owner(key)
        job = ports.load(job_id) if job_id else None
        if job is None or not _is_alive(job):
            continue
        if key in {file.key for file in job.results}:
            ports.results.bring_back(key)
            yield Finding("brought back", "results", key, user_id, job_id)
        elif job.status in COLD:
            # Thawed and archived again in the period: a vault has lost the copy that the log names.
            ports.results.bring_back(key)
            if _adopt(job, key, ports):
                yield Finding("adopted as the result", "results", key, user_id, job_id)
            else:
                ports.results.delete([key])
    for copy in ports.store.deleted_since(period.begins):
        job = ports.load(copy.job_id)
        if job and _is_alive(job) and _names(job, copy):
            ports.store.bring_back(copy)
            yield Finding("brought back", "archive", copy.archive_id, job.user_id, job.job_id)
    for key in ports.inputs.deleted_since(period.begins):
        upload = ports.uploads.get(key.rpartition("/")[2])
        job = ports.load(upload.job_id) if upload and upload.job_id else None
        if job and _is_alive(job) and key == job.input.key:
            ports.inputs.bring_back(key)
            yield Finding("brought back", "inputs", key, job.user_id, job.job_id)


def keep_unknown(period: LostPeriod, ports: Ports) -> Iterator[Finding]:
    """Adopt or quarantine each file of the period that the restored log does not name."""
    until = _after(period, ports)
    for file in ports.results.stored_before(until):
        user_id, job_id = _owner(file.key)
        if not job_id or not period.concerns(file.stored_at):
            continue
        job = ports.load(job_id)
        if job and (not _is_alive(job) or file.key in {known.key for known in job.results}):
            continue
        if job and _adopt(job, file.key, ports):
            yield Finding("adopted as the result", "results", file.key, user_id, job_id)
            continue
        ports.results.quarantine(file.key, period.id)
        yield Finding("quarantined", "results", file.key, user_id, job_id)
    for copy in ports.store.stored_before(until):
        job = ports.load(copy.job_id)
        if not period.concerns(copy.stored_at) or (job and not _is_alive(job)):
            continue
        if job is None or not _names(job, copy):
            ports.store.quarantine(copy, period.id)
            user_id = job.user_id if job else copy.archive_id.partition("/")[0]
            yield Finding("quarantined", "archive", copy.archive_id, user_id, copy.job_id)


def unknown_uploads(period: LostPeriod, ports: Ports) -> Iterator[Finding]:
    """The uploads of the period whose job the log does not know, quarantined."""
    for file in ports.inputs.stored_before(_after(period, ports)):
        user_id, _, upload_id = file.key.rpartition("/")
        if not period.concerns(file.stored_at):
            continue
        upload = ports.uploads.get(upload_id)
        if upload and upload.job_id and ports.load(upload.job_id):
            continue
        ports.inputs.quarantine(file.key, period.id)
        job_id = upload.job_id if upload else None
        yield Finding("quarantined", "inputs", file.key, user_id, job_id)


def _adopt(job: Job, key: str, ports: Ports) -> bool:
    """Make a file the job's result if it is its archive, thawed in the lost period."""
    if job.status not in COLD or job.archive is None:
        return False
    info: FileInfo = ports.results.info(key)
    if (info.size_bytes, info.sha256) != (job.archive.size_bytes, job.archive.sha256):
        return False
    warm = ResultFile(
        kind=ResultKind.VCF, key=key, size_bytes=info.size_bytes, sha256=job.archive.sha256
    )
    try:
        return warm in ports.jobs.execute(job.job_id, Restore(warm), known=job).results
    except IllegalStep:
        return False


def _names(job: Job, copy: StoredCopy) -> bool:
    return job.archive is not None and job.archive.archive_id == copy.archive_id


def _is_alive(job: Job) -> bool:
    return job.status is not JobStatus.DELETED


def _after(period: LostPeriod, ports: Ports) -> datetime:
    # Nothing that was stored after the period is looked at.
    return min(period.ends, ports.now())


def _owner(key: str) -> tuple[str, str | None]:
    """The ids of user and job in the key of a result; no job for a file that is not a job's."""
    user_id, _, rest = key.partition("/")
    job_id = rest.partition("/")[0]
    return user_id, None if user_id == references.FOLDER else job_id or None
