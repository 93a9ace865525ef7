"""What pages and API show of a user's jobs, and what users can do with them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gas.domain.account import Account
from gas.domain.errors import AlreadyFinished
from gas.domain.job import COLD, Job, JobStatus
from gas.domain.job_deletion import RequestDeletion, WithdrawDeletion
from gas.domain.job_rules import ArchivePolicy, Cancel, archive_due
from gas.events import Event, ResultFile, ResultKind
from gas.eventstore.log import EventLog
from gas.eventstore.repository import JobRepository
from gas.files.bucket import Files
from gas.files.references import index_key, sequence_key
from gas.tables.jobs import JobTable, Page
from gas.tables.progress import Progress, ProgressTable
from web.jobs.list_query import ListQuery, Tags, page_of
from web.jobs.listing import JobLists
from web.jobs.queue_position import QueuePosition, queue_position
from web.jobs.storage import Storage
from web.jobs.timeline import Step, steps_of
from web.problems import Problem, not_found
from web.recent import Recent

_MAX_LOG_BYTES = 256 << 10
_MAX_DOCUMENT_BYTES = 4 << 20  # the summary and the provenance have some KB
_MOST_KEPT_BYTES = 128 << 10  # of a summary that is kept in memory
_CUT = "\n… This is the beginning. Download the log to read all of it.\n"


@dataclass(frozen=True, slots=True)
class GenomeFiles:
    """Links to what a genome browser reads parts of: the bundle's FASTA and the annotated VCF."""

    reference: str
    reference_index: str
    variants: str
    variants_index: str


@dataclass(frozen=True, slots=True)
class JobService:
    """Every method takes the user's id, or a job that ``find`` returned for that user.

    So a user sees and changes only their own jobs. ``undo`` is how long a deletion can be undone.
    """

    jobs: JobRepository
    table: JobTable
    log: EventLog
    progress: ProgressTable
    results: Files
    storage: Storage
    archive_policy: ArchivePolicy
    lists: JobLists
    now: Callable[[], datetime]
    undo: timedelta
    _summaries: Recent[dict[str, Any]] = field(default_factory=Recent)

    def find(self, user_id: str, job_id: str) -> Job:
        """The user's job. Raises Problem (404) if it does not exist, is deleted, or not theirs."""
        job = self.table.get(user_id, job_id)
        if job is None or job.is_gone:
            raise not_found()
        return job

    def page(
        self, user_id: str, *, limit: int, cursor: str | None, status: JobStatus | None
    ) -> Page:
        """Up to ``limit`` of the user's jobs, newest first. Raises BadCursor."""
        return self.table.page(user_id, limit=limit, cursor=cursor, status=status)

    def search(
        self, user_id: str, query: ListQuery, tags: Tags, limit: int, cursor: str | None
    ) -> Page:
        """Up to ``limit`` (100) of the jobs that the question finds. Raises BadCursor."""
        page = page_of(self.lists.of(user_id), query, tags, limit, cursor)
        found = self.table.get_many(user_id, [job.job_id for job in page.jobs])
        alive = tuple(job for job in found if not job.is_gone)
        return Page(alive, page.cursor)

    def events(self, user_id: str, job_id: str) -> list[Event]:
        """The job's events, in order. Raises Problem (404)."""
        return self.log.read(f"job/{self.find(user_id, job_id).job_id}")

    def timeline(self, job: Job) -> list[Step]:
        """What happened to a job that ``find`` returned, up to its version."""
        return steps_of(self.log.read(f"job/{job.job_id}")[: job.version])

    def summary(self, job: Job) -> dict[str, Any]:
        """The counts of the result, also while it is archived. Raises Problem (409): none."""
        file = self._file(job, ResultKind.SUMMARY)

        def read() -> dict[str, Any]:
            found: dict[str, Any] = json.loads(self.read_text(job, ResultKind.SUMMARY))
            return found

        if file.size_bytes > _MOST_KEPT_BYTES:
            return read()
        return self._summaries.of(f"{file.key}/{file.sha256}", read)

    def progress_of(self, job: Job) -> Progress | None:
        """The progress of a job that runs or is fetched; None where none was recorded."""
        has_progress = job.status is JobStatus.RUNNING or job.awaits_fetch
        return self.progress.get(job.job_id) if has_progress else None

    def queue_position_of(self, job: Job) -> QueuePosition | None:
        """The queue position of a waiting job; None for any other."""
        is_waiting = job.status is JobStatus.SUBMITTED
        return queue_position(job, self.table, self.progress) if is_waiting else None

    def archive_after(self, job: Job, account: Account) -> datetime | None:
        """When the result moves to cold storage; None if it stays."""
        return archive_due(job, account, self.archive_policy)

    def result_url(self, job: Job, kind: ResultKind = ResultKind.VCF) -> str:
        """A link to the annotated VCF or a table. Raises Problem (409) if there is no result.

        The tables have the same content as the VCF, so they are not available while it is archived.
        """
        if job.status is not JobStatus.COMPLETED:
            raise no_result(job)
        file = job.result(kind)
        if file is None:
            raise _never_made()
        return self.storage.download_url(file.key, result_name(job, kind))

    def genome_files(self, job: Job) -> GenomeFiles:
        """Links for a genome browser, which last minutes. Raises Problem (409): no result now."""
        if job.status is not JobStatus.COMPLETED:
            raise no_result(job)
        vcf, index = job.result(ResultKind.VCF), job.result(ResultKind.INDEX)
        if not (vcf and index and job.bundle_version):
            raise _never_made()
        return GenomeFiles(
            reference=self.storage.reading_url(sequence_key(job.bundle_version)),
            reference_index=self.storage.reading_url(index_key(job.bundle_version)),
            variants=self.storage.reading_url(vcf.key),
            variants_index=self.storage.reading_url(index.key),
        )

    def log_url(self, job: Job) -> str:
        """A link to the whole log, also while the result is archived.

        Raises Problem (409) if the job has none.
        """
        file = self._file(job, ResultKind.LOG)
        return self.storage.download_url(file.key, result_name(job, ResultKind.LOG))

    def short_log(self, job: Job) -> str | None:
        """The log, or None if it is too long to be answered at once. Raises Problem (409)."""
        is_short = self._file(job, ResultKind.LOG).size_bytes <= _MAX_LOG_BYTES
        return self.read_text(job, ResultKind.LOG) if is_short else None

    def read_text(self, job: Job, kind: ResultKind) -> str:
        """The log, the summary or the provenance; also while the result is archived.

        A log is cut after 256 KiB, and the text says so: pages do not carry files. Raises Problem
        (409) if the job has none.
        """
        content = b""
        limit = _MAX_LOG_BYTES if kind is ResultKind.LOG else _MAX_DOCUMENT_BYTES
        for chunk in self.results.stream(self._file(job, kind).key):
            content += chunk
            if len(content) > limit:
                return content[:limit].decode("utf-8", "replace") + _CUT
        return content.decode("utf-8", "replace")

    def _file(self, job: Job, kind: ResultKind) -> ResultFile:
        file = job.result(kind)
        if file is None:
            raise no_result(job)
        return file

    def cancel(self, user_id: str, job_id: str) -> Job:
        """Cancel an unfinished job. Raises Problem: 404, or 409 if it has ended."""
        job = self.find(user_id, job_id)
        try:
            cancelled = self.jobs.execute(job.job_id, Cancel(user_id, "asked by the user"))
        except AlreadyFinished:
            raise Problem(
                409,
                "job-finished",
                "The job has ended",
                "A job that has ended cannot be cancelled. Delete it instead.",
            ) from None
        self.lists.note(cancelled)
        return cancelled

    def delete(self, user_id: str, job_id: str) -> Job:
        """Delete the job, cancelled first if it has not ended; it can be undone for a while.

        The archiver deletes it for good, with its files. Deleted twice, it stays deleted. Raises
        Problem (404).
        """
        job = self._own(user_id, job_id)
        reason, due = "asked by the user", self.now() + self.undo
        if job.is_unfinished:
            with contextlib.suppress(AlreadyFinished):  # it ended by itself in this moment
                self.jobs.execute(job.job_id, Cancel(user_id, reason))
        deleted = self.jobs.execute(job.job_id, RequestDeletion(user_id, reason, due))
        self.lists.note(deleted)
        return deleted

    def undo_delete(self, user_id: str, job_id: str) -> Job:
        """Take a deletion back; a job that is not deleted stays as it is.

        Raises Problem: 404, or 410 if the job is deleted for good.
        """
        job = self._own(user_id, job_id)
        try:
            kept = self.jobs.execute(job.job_id, WithdrawDeletion(user_id, "asked by the user"))
        except AlreadyFinished:
            raise _deleted_for_good() from None
        self.lists.note(kept)
        return kept

    def _own(self, user_id: str, job_id: str) -> Job:
        """The user's job, also a deleted one. Raises Problem (404)."""
        job = self.table.get(user_id, job_id)
        if job is None:
            raise not_found()
        return job


def _deleted_for_good() -> Problem:
    return Problem(
        410,
        "job-deleted",
        "The job is deleted",
        "It was deleted for good before you took it back. If you still have the file, upload it"
        " again.",
    )


def no_result(job: Job) -> Problem:
    """The problem (409) that says why a job has no result now, and what to do."""
    if job.status in COLD:
        detail = (
            "The result is being restored from the archive. We mail you when you can download it."
            if job.status is JobStatus.RESTORING
            else "The result is in the archive. Upgrade to Premium to get it back."
        )
        return Problem(409, "result-archived", "The result is archived", detail)
    if job.error:
        return Problem(409, "job-failed", "The job failed", job.error.message, code=job.error.code)
    if job.status is JobStatus.CANCELLED:
        return Problem(
            409,
            "job-cancelled",
            "The job was cancelled",
            "A cancelled job has no result. Submit the file again.",
        )
    detail = f"The job is {job.status}. Try again when it is completed."
    return Problem(409, "result-not-ready", "The result is not ready", detail)


def _never_made() -> Problem:
    """The problem (409) of a file that GAS did not write yet when the job ran."""
    return Problem(
        409,
        "result-not-made",
        "The job has no such file",
        "GAS did not write this file yet when the job ran. Submit the file again to get it.",
    )


_SUFFIXES = {
    ResultKind.LOG: ".log.txt",
    ResultKind.VCF: ".annot.vcf.gz",
    ResultKind.TABLE: ".annot.tsv.gz",
    ResultKind.VARIANTS: ".variants.parquet",
}


def result_name(job: Job, kind: ResultKind = ResultKind.VCF) -> str:
    """The file name of a downloaded result: ``my.annot.vcf.gz`` for the upload ``my.vcf``."""
    stem = job.input.filename
    for suffix in (".gz", ".bgz", ".vcf"):
        if stem.lower().endswith(suffix):
            stem = stem[: -len(suffix)]
    return stem + _SUFFIXES[kind]
