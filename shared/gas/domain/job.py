"""A job as the fold of its events. The rules of what may follow are in ``job_rules``."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from gas.domain.errors import OutOfOrder
from gas.events import (
    ArchiveCopy,
    Event,
    FailureCode,
    InputFile,
    JobArchived,
    JobCancelled,
    JobCompleted,
    JobDeleted,
    JobDeletionRequested,
    JobDeletionWithdrawn,
    JobFailed,
    JobInputFetched,
    JobReopened,
    JobRestored,
    JobRestoreRequested,
    JobSplit,
    JobStarted,
    JobSubmitted,
    Lane,
    Plan,
    ResultFile,
    ResultKind,
    Tier,
)


class JobStatus(StrEnum):
    """The status of a job. The API promises these values, but never shows ``deleted``."""

    SUBMITTED = "submitted"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    ARCHIVED = "archived"
    RESTORING = "restoring"
    CANCELLED = "cancelled"
    DELETED = "deleted"


UNFINISHED = frozenset({JobStatus.SUBMITTED, JobStatus.RUNNING})
"""The annotator still has work to do."""

COLD = frozenset({JobStatus.ARCHIVED, JobStatus.RESTORING})
"""The annotated VCF is in cold storage only."""


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed; ``line`` is the 1-based line of the input that caused it, if one did."""

    code: FailureCode
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """The parts that the file was cut into, and where their plan is.

    ``version`` is the job's with this split: it is the split's own number, as attempts are counted
    anew when a job is reopened.
    """

    parts: int
    plan_key: str
    attempt: int
    version: int


@dataclass(frozen=True, slots=True)
class Job:
    """The state of the stream ``job/<job_id>`` after ``version`` events.

    ``available_since`` is when the result last became downloadable: the grace period of a Free user
    begins then. ``rerun_of`` is the job that was run again as this one. ``ended_at`` is when the
    job completed, failed or was cancelled, ``changed_at`` the time of the last event. ``attempt``
    counts from 1; 0 means none has started. ``split`` is the plan of its parts, where it was cut
    into some; it may be that of an earlier attempt, see ``running_split``. ``seconds`` is how long
    the last attempt took. ``archive`` is the copy in cold storage, while there is one, and
    ``retrieval`` the id of its restore request. ``freed_keys`` (warm files) and ``freed_archive``
    (a cold copy) are what the last archival or restore made unnecessary. They can always be
    deleted, so a handler that finds them finishes a deletion that a crash cut short.
    ``deletion_due`` is when the job will be deleted, if its user does not take that back.
    """

    job_id: str
    user_id: str
    version: int
    status: JobStatus
    input: InputFile
    bundle: str
    plan_at_submission: Plan
    submitted_at: datetime
    changed_at: datetime | None = None
    lane: Lane = Lane.SMALL
    split_multiallelics: bool = False
    rerun_of: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    ended_at: datetime | None = None
    available_since: datetime | None = None
    archived_at: datetime | None = None
    archive_after: datetime | None = None
    attempt: int = 0
    engine: str | None = None
    bundle_version: str | None = None
    split: Split | None = None
    results: tuple[ResultFile, ...] = ()
    counts: dict[str, int] | None = None
    seconds: float | None = None
    error: JobError | None = None
    archive: ArchiveCopy | None = None
    restore_tier: Tier | None = None
    restore_requested_at: datetime | None = None
    restore_expected_by: datetime | None = None
    retrieval: str | None = None
    freed_keys: tuple[str, ...] = ()
    freed_archive: ArchiveCopy | None = None
    deletion_due: datetime | None = None

    @property
    def is_unfinished(self) -> bool:
        """True while the annotator still has work to do."""
        return self.status in UNFINISHED

    @property
    def running_split(self) -> Split | None:
        """The parts that are annotated now; None for a job that does not run, or runs as a whole.

        Also None between the start of an attempt and its own split.
        """
        if self.status is not JobStatus.RUNNING or self.split is None:
            return None
        return self.split if self.split.attempt == self.attempt else None

    @property
    def awaits_fetch(self) -> bool:
        """True while the input is to be fetched from an address first."""
        return self.is_unfinished and bool(self.input.fetched_from) and not self.input.etag

    @property
    def input_bytes(self) -> int:
        """The size of the input that is stored; 0 where it was not fetched."""
        return self.input.size_bytes if self.input.etag else 0

    @property
    def is_gone(self) -> bool:
        """True for what its user has deleted, also while that can still be taken back."""
        return self.status is JobStatus.DELETED or self.deletion_due is not None

    @property
    def stored_bytes(self) -> int:
        """The size of all that is kept of the job: input, warm results, copy in cold storage."""
        if self.is_gone:
            return 0
        cold = self.archive.size_bytes if self.archive else 0
        input_bytes = self.input.size_bytes if self.awaits_fetch else self.input_bytes
        return input_bytes + cold + sum(file.size_bytes for file in self.results)

    def result(self, kind: ResultKind) -> ResultFile | None:
        """The warm result file of that kind, or None where there is none."""
        return next((file for file in self.results if file.kind is kind), None)


def evolve(job: Job | None, event: Event) -> Job:
    """The job after ``event``. Raises OutOfOrder if the event does not follow."""
    expected = job.version + 1 if job else 1
    if event.streamversion != expected:
        raise OutOfOrder(f"{event.subject}: version {event.streamversion}, expected {expected}")
    if job is None:
        return _first(event)
    return replace(_next(job, event), version=event.streamversion, changed_at=event.time)


def _first(event: Event) -> Job:
    body = event.data
    if not isinstance(body, JobSubmitted):
        raise OutOfOrder(f"{event.type} cannot be the first event of {event.subject}")
    return Job(
        job_id=body.job_id,
        user_id=body.user_id,
        version=1,
        status=JobStatus.SUBMITTED,
        input=body.input,
        bundle=body.bundle,
        plan_at_submission=body.plan,
        submitted_at=event.time,
        changed_at=event.time,
        lane=body.lane,
        split_multiallelics=body.split_multiallelics,
        rerun_of=body.rerun_of,
    )


def _next(job: Job, event: Event) -> Job:
    match event.data:
        case JobInputFetched() as body:
            return replace(job, input=body.input)
        case JobStarted() as body:
            return replace(
                job,
                status=JobStatus.RUNNING,
                started_at=event.time,
                attempt=body.attempt,
                engine=body.engine,
                bundle_version=body.bundle_version,
            )
        case JobSplit() as body:
            split = Split(body.parts, body.plan_key, body.attempt, event.streamversion)
            return replace(job, split=split)
        case JobCompleted() as body:
            return replace(
                job,
                status=JobStatus.COMPLETED,
                completed_at=event.time,
                ended_at=event.time,
                available_since=event.time,
                archive_after=body.archive_after,
                results=body.results,
                counts=body.counts,
                seconds=body.seconds,
            )
        case JobFailed() as body:
            return replace(
                job,
                status=JobStatus.FAILED,
                ended_at=event.time,
                error=JobError(body.code, body.message, body.line),
            )
        case JobArchived() as body:
            return _archived(job, body, event.time)
        case JobRestoreRequested() as body:
            return replace(
                job,
                status=JobStatus.RESTORING,
                restore_tier=body.tier,
                # The first request counts, so that the time to restore includes repeated ones.
                restore_requested_at=job.restore_requested_at or event.time,
                restore_expected_by=body.expected_by,
                retrieval=body.retrieval,
            )
        case JobRestored() as body:
            return _restored(job, body, event.time)
        case JobCancelled():
            return replace(job, status=JobStatus.CANCELLED, ended_at=event.time)
        case JobReopened():
            return replace(
                job,
                status=JobStatus.SUBMITTED,
                ended_at=None,
                error=None,
                attempt=0,
                # What failed may be in the plan, so the file is cut anew.
                split=None,
            )
        case JobDeletionRequested() | JobDeletionWithdrawn() | JobDeleted() as body:
            return _deleting(job, body)
    raise OutOfOrder(f"{event.type} cannot follow in {event.subject}")


def _deleting(job: Job, body: JobDeletionRequested | JobDeletionWithdrawn | JobDeleted) -> Job:
    due = body.due if isinstance(body, JobDeletionRequested) else None
    status = JobStatus.DELETED if isinstance(body, JobDeleted) else job.status
    return replace(job, status=status, deletion_due=due)


def _archived(job: Job, body: JobArchived, time: datetime) -> Job:
    return replace(
        job,
        status=JobStatus.ARCHIVED,
        archived_at=time,
        archive=body.archive,
        freed_keys=body.keys_freed,
        results=tuple(file for file in job.results if file.key not in body.keys_freed),
    )


def _restored(job: Job, body: JobRestored, time: datetime) -> Job:
    return replace(
        job,
        status=JobStatus.COMPLETED,
        available_since=time,
        archived_at=None,
        archive_after=None,
        archive=None,
        freed_archive=job.archive,
        restore_tier=None,
        restore_requested_at=None,
        restore_expected_by=None,
        retrieval=None,
        results=(*job.results, *body.results),
    )
