"""The rules of a job: commands in, events out.

``decide`` returns no events where a command's aim is reached already, so commands are idempotent
and a handler may repeat them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gas.domain import job_deletion
from gas.domain.account import Account
from gas.domain.errors import AlreadyFinished, NoSuchAggregate, NotArchived, NotFinished
from gas.domain.job import COLD, Job, JobStatus
from gas.domain.job_input import RecordInput, recorded
from gas.domain.job_operations import HandOut, Reopen, sent_back
from gas.domain.job_split import SplitIntoParts, split_into_parts
from gas.events import (
    ArchiveCopy,
    FailureCode,
    InputFile,
    JobArchived,
    JobBody,
    JobCancelled,
    JobCompleted,
    JobDeleted,
    JobFailed,
    JobRestored,
    JobRestoreRequested,
    JobStarted,
    JobSubmitted,
    Lane,
    Plan,
    ResultFile,
    ResultKind,
    Tier,
)

GIVEN_UP = (
    "Something went wrong on our side, and repeated attempts did not help. The operators were"
    " notified. Your upload is safe: submit it again later, or contact them with the job's id."
)
"""The message for the user when attempts at a job have run out."""


@dataclass(frozen=True, slots=True)
class ArchivePolicy:
    """What of Free users goes to cold storage: results of ``min_bytes`` and more, after ``grace``.

    A smaller result costs more there than where it is.
    """

    grace: timedelta
    min_bytes: int = 0

    def is_archived(self, result: ResultFile) -> bool:
        """True if a Free user's result of that size goes to cold storage."""
        return result.size_bytes >= self.min_bytes


@dataclass(frozen=True, slots=True)
class Submit:
    """Submit an uploaded file for annotation.

    ``split_multiallelics`` makes a separate record of every alternate allele. ``rerun_of`` is the
    job whose input was copied, if this one runs it again.
    """

    job_id: str
    user_id: str
    input: InputFile
    bundle: str
    plan: Plan
    lane: Lane = Lane.SMALL
    split_multiallelics: bool = False
    rerun_of: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """Start an attempt; legal while the job runs, because an earlier attempt may have died."""

    engine: str
    bundle_version: str


@dataclass(frozen=True, slots=True)
class Complete:
    """Record that all result files are stored. ``seconds`` is the time that the attempt took."""

    results: tuple[ResultFile, ...]
    counts: dict[str, int]
    seconds: float
    archive_after: datetime | None


@dataclass(frozen=True, slots=True)
class Fail:
    """Record that there will be no result, and why. ``line`` is a 1-based line of the input.

    ``by`` and ``reason`` are those of an operator who ends the job.
    """

    code: FailureCode
    message: str
    line: int | None = None
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Archive:
    """Record that ``copy`` is a complete and checked copy of the result in cold storage."""

    copy: ArchiveCopy


@dataclass(frozen=True, slots=True)
class RequestRestore:
    """Record that the result was requested from cold storage.

    ``instead_of`` is the ``restore_expected_by`` of the job for which it was requested. The command
    has no effect if that has changed: another process has requested it since.
    """

    tier: Tier
    expected_by: datetime
    retrieval: str | None = None
    instead_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Restore:
    """Record that the result is available again, under a new key."""

    result: ResultFile


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel a job that has not finished."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a finished job at once; the archiver then deletes its files."""

    by: str
    reason: str


_Common = Submit | Start | SplitIntoParts | Complete | Fail | Archive | RequestRestore | Restore
JobCommand = _Common | RecordInput | Cancel | Reopen | HandOut | Delete | job_deletion.Command


def decide(job: Job | None, command: JobCommand) -> tuple[JobBody, ...]:
    """The events that follow from ``command``; none where its aim is reached already.

    Raises an IllegalStep that names the obstacle.
    """
    if isinstance(command, Submit):
        return () if job else (_submitted(command),)
    if job is None:
        raise NoSuchAggregate("there is no such job")
    match command:
        case Start() | Complete() | Fail():
            return _annotate(job, command)
        case SplitIntoParts():
            return split_into_parts(job, command)
        case RecordInput():
            return recorded(job, command)
        case Archive():
            return _archive(job, command)
        case RequestRestore() | Restore():
            return _bring_back(job, command)
        case Reopen() | HandOut():
            return sent_back(job, command)
        case Cancel() | Delete():
            return _cancel_or_delete(job, command)
        case _:
            return job_deletion.decide(job, command)


def archive_due(job: Job, account: Account, policy: ArchivePolicy) -> datetime | None:
    """When the result has to move to cold storage; None if it has not to.

    The grace period begins when the result became available, the plan changed or a suspension
    ended, the latest of these: so a downgrade begins it for old results, and an old message cannot
    cut it short. Nothing of a suspended account moves: its user could not fetch it first. Nor does
    anything of a closed one, which is deleted.
    """
    if account.is_system or account.is_stopped or account.plan is not Plan.FREE:
        return None
    if job.status is not JobStatus.COMPLETED:
        return None
    result = job.result(ResultKind.VCF)
    if job.available_since is None or result is None or not policy.is_archived(result):
        return None
    begins = max(job.available_since, account.plan_since)
    return max(begins, account.reinstated_at or begins) + policy.grace


def _submitted(command: Submit) -> JobSubmitted:
    return JobSubmitted(
        user_id=command.user_id,
        job_id=command.job_id,
        input=command.input,
        bundle=command.bundle,
        plan=command.plan,
        lane=command.lane,
        split_multiallelics=command.split_multiallelics,
        rerun_of=command.rerun_of,
    )


def _annotate(job: Job, command: Start | Complete | Fail) -> tuple[JobBody, ...]:
    aim = {Complete: JobStatus.COMPLETED, Fail: JobStatus.FAILED}.get(type(command))
    if job.status is aim:
        return ()
    if not job.is_unfinished:
        raise AlreadyFinished(f"job {job.job_id} is {job.status}")
    ids = {"user_id": job.user_id, "job_id": job.job_id}
    match command:
        case Start(engine, bundle_version):
            attempt = job.attempt + 1
            return (
                JobStarted(**ids, attempt=attempt, engine=engine, bundle_version=bundle_version),
            )
        case Complete(results, counts, seconds, archive_after):
            summary = next(file.key for file in results if file.kind is ResultKind.SUMMARY)
            return (
                JobCompleted(
                    **ids,
                    results=results,
                    counts=counts,
                    summary_key=summary,
                    seconds=seconds,
                    archive_after=archive_after,
                ),
            )
        case Fail(code, message, line, by, reason):
            return (JobFailed(**ids, code=code, message=message, line=line, by=by, reason=reason),)


def _archive(job: Job, command: Archive) -> tuple[JobBody, ...]:
    if job.status in COLD:
        return ()
    warm = job.result(ResultKind.VCF)
    if job.status is not JobStatus.COMPLETED or warm is None:
        raise NotFinished(f"job {job.job_id} is {job.status}: no result to archive")
    ids = {"user_id": job.user_id, "job_id": job.job_id}
    return (JobArchived(**ids, archive=command.copy, keys_freed=(warm.key,)),)


def _bring_back(job: Job, command: RequestRestore | Restore) -> tuple[JobBody, ...]:
    ids = {"user_id": job.user_id, "job_id": job.job_id}
    if job.status is JobStatus.COMPLETED:
        return ()
    if job.status not in COLD or job.archive is None:
        raise NotArchived(f"job {job.job_id} is {job.status}: nothing in cold storage")
    match command:
        case RequestRestore(tier, expected_by, retrieval, instead_of):
            # Two processes that find the same overdue request append one event, not two.
            if instead_of != job.restore_expected_by:
                return ()
            return (
                JobRestoreRequested(**ids, tier=tier, expected_by=expected_by, retrieval=retrieval),
            )
        case Restore(result):
            return (JobRestored(**ids, results=(result,), archive_freed=job.archive.archive_id),)


def _cancel_or_delete(job: Job, command: Cancel | Delete) -> tuple[JobBody, ...]:
    ids = {"user_id": job.user_id, "job_id": job.job_id}
    match command:
        case Cancel(by, reason):
            if job.status is JobStatus.CANCELLED:
                return ()
            if not job.is_unfinished:
                raise AlreadyFinished(f"job {job.job_id} is {job.status}: too late to cancel")
            return (JobCancelled(**ids, by=by, reason=reason),)
        case Delete(by, reason):
            if job.status is JobStatus.DELETED:
                return ()
            if job.is_unfinished:
                raise NotFinished(f"job {job.job_id} is {job.status}: cancel it first")
            return (JobDeleted(**ids, by=by, reason=reason),)
