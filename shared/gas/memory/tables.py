"""The tables of jobs, accounts and uploads, in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from gas.aws.items import plain
from gas.domain.account import Account
from gas.domain.job import COLD, Job, JobStatus
from gas.events import Lane
from gas.eventstore.guards import idempotency_row
from gas.eventstore.rows import account_from, job_from
from gas.memory.log import MemoryDatabase
from gas.tables.jobs import BadCursor, Page, UnfinishedJob
from gas.tables.uploads import KeyUse, Upload

_UNFINISHED = ("user_id", "job_id", "open_at")


def jobs_of(database: MemoryDatabase, user_id: str) -> list[Job]:
    """The user's jobs, the oldest first."""
    with database.lock:
        rows = {
            key: item
            for (table, key), item in database.rows.items()
            if table == "jobs" and key[0] == user_id
        }
    return [job_from(rows[key]) for key in sorted(rows)]


class MemoryJobTable:
    """The projection of jobs."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    def get(self, user_id: str, job_id: str) -> Job | None:
        item = self._db.rows.get(("jobs", (user_id, job_id)))
        return job_from(item) if item else None

    def get_many(self, user_id: str, job_ids: Sequence[str]) -> list[Job]:
        found = (self.get(user_id, job_id) for job_id in job_ids)
        return [job for job in found if job]

    def page(
        self, user_id: str, *, limit: int, cursor: str | None, status: JobStatus | None
    ) -> Page:
        if cursor is not None and not cursor.startswith("after:"):
            raise BadCursor("this cursor was not given by an earlier page")
        last = cursor.removeprefix("after:") if cursor else "~"
        found = [
            job
            for job in reversed(jobs_of(self._db, user_id))
            if job.job_id < last and (not status or job.status is status) and not job.is_gone
        ]
        shown = tuple(found[:limit])
        return Page(shown, f"after:{shown[-1].job_id}" if len(found) > limit else None)

    def with_status(self, user_id: str, status: JobStatus) -> Iterator[Job]:
        yield from (job for job in jobs_of(self._db, user_id) if job.status is status)

    def has_input(self, user_id: str, key: str) -> bool:
        jobs = jobs_of(self._db, user_id)
        return any(job.input.key == key and job.status is not JobStatus.DELETED for job in jobs)

    def open(self, kind: str, before: str, limit: int, after: str = "") -> list[UnfinishedJob]:
        with self._db.lock:
            # Of the attributes alone: the simulation asks very often, and rows are large.
            rows = [
                plain({name: item[name] for name in _UNFINISHED})
                for (table, _), item in self._db.rows.items()
                if table == "jobs" and item.get("open") == {"S": kind}
            ]
        found = [
            UnfinishedJob(row["user_id"], row["job_id"], row["open_at"])
            for row in rows
            if after < row["open_at"] < before
        ]
        return sorted(found, key=lambda job: job.at)[:limit]

    def waiting(self, user_id: str, lane: Lane, limit: int) -> list[str]:
        jobs = jobs_of(self._db, user_id)
        found = [job for job in jobs if job.status is JobStatus.SUBMITTED and job.lane is lane]
        return [job.job_id for job in found][:limit]

    def count_waiting(self, user_id: str, most: int) -> int:
        jobs = jobs_of(self._db, user_id)
        return min(most, sum(job.status is JobStatus.SUBMITTED for job in jobs))

    def stored_bytes(self, user_id: str, most: int) -> int:
        return min(most, sum(job.stored_bytes for job in jobs_of(self._db, user_id)))

    def restored_after_or_cold(
        self, user_id: str, moment: datetime, job_id: str, limit: int
    ) -> tuple[list[str], list[str]]:
        jobs = jobs_of(self._db, user_id)
        back = sorted(
            (job.available_since, job.job_id)
            for job in jobs
            if job.status is JobStatus.COMPLETED and job.available_since and job.freed_archive
        )
        later = [id for at, id in back if (at, id) > (moment, job_id)][:limit]
        cold = [job.job_id for job in jobs if job.status in COLD]
        return later, cold[: limit - len(later)]


class MemoryAccountTable:
    """The projection of accounts."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    def get(self, user_id: str) -> Account | None:
        item = self._db.rows.get(("accounts", (user_id,)))
        return account_from(item) if item else None


class MemoryUploadTable:
    """The uploads and idempotency keys."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    def put(self, upload: Upload) -> None:
        with self._db.lock:
            known = self._db.uploads.get(upload.upload_id)
            if known is None or known.job_id is None:
                self._db.uploads[upload.upload_id] = upload

    def put_new(self, uploads: Sequence[Upload]) -> None:
        for upload in uploads:
            self.put(upload)

    def get(self, upload_id: str) -> Upload | None:
        return self._db.uploads.get(upload_id)

    def get_all(self, upload_ids: Collection[str]) -> dict[str, Upload]:
        found = {upload_id: self._db.uploads.get(upload_id) for upload_id in upload_ids}
        return {upload_id: upload for upload_id, upload in found.items() if upload}

    def count_open(self, user_id: str, now: int, most: int) -> int:
        with self._db.lock:
            uploads = list(self._db.uploads.values())
        ours = (upload for upload in uploads if upload.user_id == user_id)
        return min(most, sum((upload.expires_at or 0) > now for upload in ours))

    def discard(self, upload_id: str) -> bool:
        with self._db.lock:
            upload = self._db.uploads.get(upload_id)
            if upload and upload.job_id:
                return False
            self._db.uploads.pop(upload_id, None)
            return True

    def forget(self, upload_id: str) -> None:
        with self._db.lock:
            self._db.uploads.pop(upload_id, None)

    def forget_source(self, upload_id: str) -> None:
        with self._db.lock:
            if upload := self._db.uploads.get(upload_id):
                self._db.uploads[upload_id] = replace(upload, source_url=None)

    def all_open(self, user_id: str, limit: int) -> list[str]:
        with self._db.lock:
            uploads = list(self._db.uploads.values())
        ours = [one.upload_id for one in uploads if one.user_id == user_id and not one.job_id]
        return ours[:limit]

    def use_of_key(self, user_id: str, key: str) -> KeyUse | None:
        claim = self._db.keys.get(idempotency_row(user_id, key))
        return KeyUse(claim.job_id, claim.body_sha256) if claim else None
