"""The JSON object of a job in the REST API. Fields may be added, never changed or removed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from gas.domain.job import Job
from gas.tables.progress import Progress
from web.jobs.queue_position import QueuePosition
from web.live.watch import seconds_left
from web.live.words import parts_done


def job_json(
    job: Job,
    *,
    progress: Progress | None,
    archive_after: datetime | None,
    now: datetime,
    queue_position: QueuePosition | None = None,
) -> dict[str, Any]:
    """The job as a JSON object; times are UTC in RFC 3339, sizes in bytes.

    ``queue`` is null in lists: a position takes two queries for each job.
    """
    return {
        "job_id": job.job_id,
        "status": job.status,
        "filename": job.input.filename,
        "size_bytes": job.input_bytes,
        "fetched_from": job.input.fetched_from,
        "awaits_fetch": job.awaits_fetch,
        "bundle": job.bundle,
        "bundle_version": job.bundle_version,
        "split_multiallelics": job.split_multiallelics,
        "rerun_of": job.rerun_of,
        "submitted_at": _iso(job.submitted_at),
        "started_at": _iso(job.started_at),
        "completed_at": _iso(job.completed_at),
        "archived_at": _iso(job.archived_at),
        "archive_after": _iso(archive_after),
        "progress": _progress(job, progress, now),
        "queue": {
            "ahead": queue_position.ahead,
            "ahead_is_at_least": queue_position.is_at_least,
            "starts_in_seconds": round(queue_position.starts_in_seconds, 1)
            if queue_position.starts_in_seconds is not None
            else None,
        }
        if queue_position
        else None,
        "counts": job.counts,
        "error": {
            "code": job.error.code,
            "message": job.error.message,
            "line": job.error.line,
        }
        if job.error
        else None,
        "version": job.version,
    }


def _progress(job: Job, progress: Progress | None, now: datetime) -> dict[str, Any] | None:
    if progress is None:
        return None
    parts = parts_done(job, progress.fraction)
    left = seconds_left(progress.fraction, job.started_at, now)
    return {
        "fraction": progress.fraction,
        "variants": progress.variants,
        "seconds_left": None if left is None else round(left, 1),
        "parts": asdict(parts) if parts else None,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
