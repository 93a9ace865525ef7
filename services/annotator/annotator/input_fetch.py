"""The input of a job whose user gave an address: fetched, stored as an upload, and recorded.

The order is: fetch, store under the key of the upload, append ``job.input_fetched``, forget the
address. An attempt that finds the file stored, because an earlier one died, records that one. If
two fetch at once, the first to append decides: the event pins the content.
"""

from __future__ import annotations

import tempfile
import time
from datetime import timedelta
from pathlib import Path

import structlog

from annotator.fetching.reading import FetchFailed, TooLarge
from annotator.heartbeat import AttemptHeartbeat, Cancelled
from annotator.ports import Ports
from annotator.rejection import Rejected
from annotator.runner.parent import Stopped
from gas.domain.errors import AlreadyFinished
from gas.domain.job import Job
from gas.domain.job_input import RecordInput
from gas.domain.source_url import BadUrl, SourceUrl, parse
from gas.events import Event, FailureCode
from gas.files.bucket import FileInfo, NoSuchFile
from gas.observability import tracing

logger = structlog.get_logger()

_TRIES = 3
_TICK = timedelta(seconds=1)
_FORGOTTEN = (
    "The address of the file is no longer known. Submit it again, or upload the file itself."
)


def fetched(job: Job, cause: Event, heartbeat: AttemptHeartbeat) -> Job:
    """The job with its input in storage. Raises Rejected if that cannot be had."""
    if not job.input.fetched_from:
        return job
    ports = heartbeat.ports
    if job.awaits_fetch:
        job = _with_input(job, cause, heartbeat)
    forget(job, ports)
    return job


def _with_input(job: Job, cause: Event, heartbeat: AttemptHeartbeat) -> Job:
    ports = heartbeat.ports
    try:
        with tracing.span("fetch"):
            info = _stored(job, heartbeat)
        stored = job.input.model_copy(
            update={
                "size_bytes": info.size_bytes,
                "etag": info.etag.strip('"'),
                "version_id": info.version_id,
            }
        )
        fetched = ports.jobs.execute(job.job_id, RecordInput(stored), known=job, cause=cause)
    except (Rejected, Cancelled, AlreadyFinished):
        forget(job, ports)
        raise
    if heartbeat.is_long:  # that of the fetch is not the annotation's
        ports.progress.record(job.job_id, 0.0, 0, fetched.attempt)
    return fetched


def forget(job: Job, ports: Ports) -> None:
    """Remove the address, which may hold secrets, once nothing will be fetched any more."""
    if job.input.fetched_from:
        ports.uploads.forget_source(_upload_id(job))


def _stored(job: Job, heartbeat: AttemptHeartbeat) -> FileInfo:
    inputs = heartbeat.ports.inputs
    try:
        return inputs.info(job.input.key)
    except NoSuchFile:
        _fetch(job, heartbeat)
        return inputs.info(job.input.key)


def _fetch(job: Job, heartbeat: AttemptHeartbeat) -> None:
    ports = heartbeat.ports
    upload = ports.uploads.get(_upload_id(job))
    if upload is None or not upload.source_url:
        raise Rejected(FailureCode.FETCH_FAILED, _FORGOTTEN)
    with tempfile.TemporaryDirectory(prefix="gas-", dir=ports.settings.work_folder) as folder:
        path = Path(folder) / "fetched"
        try:
            url = parse(upload.source_url, ports.fetcher.rules.ports)
            _fetch_file(job, url, path, upload.size_bytes, heartbeat)
        except BadUrl as bad:
            raise Rejected(FailureCode.FETCH_FAILED, str(bad)) from None
        except TooLarge as large:
            raise Rejected(FailureCode.LIMIT_EXCEEDED, str(large)) from None
        except FetchFailed as failed:
            raise Rejected(FailureCode.FETCH_FAILED, f"{failed} Nothing was kept.") from None
        heartbeat.beat()
        ports.inputs.put(job.input.key, path, "application/octet-stream")


def _fetch_file(
    job: Job, url: SourceUrl, path: Path, most_bytes: int, heartbeat: AttemptHeartbeat
) -> None:
    """Try until it is there. Raises FetchFailed, Stopped, Interrupted, Cancelled."""
    told = _Teller(job, heartbeat)
    for attempt in range(1, _TRIES + 1):
        try:
            heartbeat.ports.fetcher.fetch(url, path, most_bytes, told)
            break
        except FetchFailed as failed:
            if not failed.may_pass or attempt == _TRIES:
                raise
            # Not the address: it may be signed.
            logger.info("a fetch is tried again", job_id=job.job_id, host=url.host)
            told.pause(attempt * heartbeat.ports.settings.fetch_pause_seconds)


class _Teller:
    """Says how far a fetch is, once a second, and ends it where the job or the process ends."""

    def __init__(self, job: Job, heartbeat: AttemptHeartbeat) -> None:
        self._is_stopping = heartbeat.ports.is_stopping
        self._on_tick = heartbeat.annotating(job)
        self._now = heartbeat.ports.now
        self._told_at = self._now()

    def __call__(self, size: int, total: int | None) -> None:
        if self._is_stopping():
            raise Stopped
        now = self._now()
        if now - self._told_at >= _TICK:
            self._told_at = now
            self._on_tick(size / total if total else 0.0, 0)

    def pause(self, seconds: float) -> None:
        """Wait, still telling."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self(0, None)
            time.sleep(min(left, _TICK.total_seconds()))


def _upload_id(job: Job) -> str:
    return job.input.key.rpartition("/")[2]
