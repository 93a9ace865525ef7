from dataclasses import replace
from datetime import timedelta

import pytest

from gas.domain.account import SYSTEM_USER_ID, Account, Downgrade, Register, Upgrade
from gas.domain.errors import (
    AlreadyFinished,
    IllegalStep,
    NoSuchAggregate,
    NotArchived,
    NotFinished,
    OutOfOrder,
)
from gas.domain.job import Job, JobStatus
from gas.domain.job_operations import Reopen
from gas.domain.job_rules import (
    Archive,
    ArchivePolicy,
    Cancel,
    Complete,
    Delete,
    Fail,
    JobCommand,
    RequestRestore,
    Restore,
    Start,
    archive_due,
    decide,
)
from gas.events import ArchiveCopy, FailureCode, Plan, ResultFile, ResultKind, Tier
from gas.eventstore.repository import JOB
from gas.eventstore.rows import job_from, job_row
from tests.support.world import BEGINNING, GRACE, World

POLICY = ArchivePolicy(GRACE)
COPY = ArchiveCopy(store="s3", archive_id="cold-1", size_bytes=6, sha256="0" * 64)
WARM = ResultFile(kind=ResultKind.VCF, key="warm-2", size_bytes=6, sha256="0" * 64)
SUMMARY = ResultFile(kind=ResultKind.SUMMARY, key="s", size_bytes=6, sha256="0" * 64)
START = Start("engine/1", "human-mt@1")
COMPLETE = Complete((WARM, SUMMARY), {"records": 1}, 0.5, None)
FAIL = Fail(FailureCode.NOT_VCF, "no", 1)
REQUEST_RESTORE = RequestRestore(Tier.EXPEDITED, BEGINNING)
CANCEL = Cancel("u", "r")
DELETE = Delete("u", "r")
REOPEN = Reopen("operator", "repaired")
COMMANDS: dict[str, JobCommand] = {
    "start": START,
    "complete": COMPLETE,
    "fail": FAIL,
    "archive": Archive(COPY),
    "request_restore": REQUEST_RESTORE,
    "restore": Restore(WARM),
    "cancel": CANCEL,
    "reopen": REOPEN,
    "delete": DELETE,
}
COMMANDS_TO = {
    JobStatus.SUBMITTED: [],
    JobStatus.RUNNING: ["start"],
    JobStatus.COMPLETED: ["start", "complete"],
    JobStatus.FAILED: ["start", "fail"],
    JobStatus.CANCELLED: ["cancel"],
    JobStatus.ARCHIVED: ["start", "complete", "archive"],
    JobStatus.RESTORING: ["start", "complete", "archive", "request_restore"],
    JobStatus.DELETED: ["cancel", "delete"],
}
OUTCOMES: dict[JobStatus, dict[str, JobStatus | type[IllegalStep] | None]] = {
    # The outcome of each command: a status, None for "nothing to do", or the error that it raises.
    JobStatus.SUBMITTED: {
        "start": JobStatus.RUNNING,
        "complete": JobStatus.COMPLETED,
        "fail": JobStatus.FAILED,
        "archive": NotFinished,
        "request_restore": NotArchived,
        "restore": NotArchived,
        "cancel": JobStatus.CANCELLED,
        "reopen": None,
        "delete": NotFinished,
    },
    JobStatus.RUNNING: {
        "start": JobStatus.RUNNING,
        "complete": JobStatus.COMPLETED,
        "fail": JobStatus.FAILED,
        "archive": NotFinished,
        "request_restore": NotArchived,
        "restore": NotArchived,
        "cancel": JobStatus.CANCELLED,
        "reopen": None,
        "delete": NotFinished,
    },
    JobStatus.COMPLETED: {
        "start": AlreadyFinished,
        "complete": None,
        "fail": AlreadyFinished,
        "archive": JobStatus.ARCHIVED,
        "request_restore": None,
        "restore": None,
        "cancel": AlreadyFinished,
        "reopen": AlreadyFinished,
        "delete": JobStatus.DELETED,
    },
    JobStatus.FAILED: {
        "start": AlreadyFinished,
        "complete": AlreadyFinished,
        "fail": None,
        "archive": NotFinished,
        "request_restore": NotArchived,
        "restore": NotArchived,
        "cancel": AlreadyFinished,
        "reopen": AlreadyFinished,
        "delete": JobStatus.DELETED,
    },
    JobStatus.CANCELLED: {
        "start": AlreadyFinished,
        "complete": AlreadyFinished,
        "fail": AlreadyFinished,
        "archive": NotFinished,
        "request_restore": NotArchived,
        "restore": NotArchived,
        "cancel": None,
        "reopen": AlreadyFinished,
        "delete": JobStatus.DELETED,
    },
    JobStatus.ARCHIVED: {
        "start": AlreadyFinished,
        "complete": AlreadyFinished,
        "fail": AlreadyFinished,
        "archive": None,
        "request_restore": JobStatus.RESTORING,
        "restore": JobStatus.COMPLETED,
        "cancel": AlreadyFinished,
        "reopen": AlreadyFinished,
        "delete": JobStatus.DELETED,
    },
    JobStatus.RESTORING: {
        "start": AlreadyFinished,
        "complete": AlreadyFinished,
        "fail": AlreadyFinished,
        "archive": None,
        "request_restore": None,
        "restore": JobStatus.COMPLETED,
        "cancel": AlreadyFinished,
        "reopen": AlreadyFinished,
        "delete": JobStatus.DELETED,
    },
    JobStatus.DELETED: {
        "start": AlreadyFinished,
        "complete": AlreadyFinished,
        "fail": AlreadyFinished,
        "archive": NotFinished,
        "request_restore": NotArchived,
        "restore": NotArchived,
        "cancel": AlreadyFinished,
        "reopen": AlreadyFinished,
        "delete": None,
    },
}


def job_in(status: JobStatus) -> tuple[World, Job]:
    """A job with that status."""
    world = World()
    job = world.submit(world.register())
    for name in COMMANDS_TO[status]:
        job = world.jobs.execute(job.job_id, COMMANDS[name])
    assert job.status is status
    return world, job


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("status", JobStatus)
def test_every_command_in_every_status_has_the_outcome_of_the_table(
    status: JobStatus, name: str
) -> None:
    world, job = job_in(status)
    wanted = OUTCOMES[status][name]
    if isinstance(wanted, JobStatus):
        assert world.jobs.execute(job.job_id, COMMANDS[name]).status is wanted
    elif wanted is None:
        assert decide(job, COMMANDS[name]) == ()
    else:
        with pytest.raises(wanted):
            decide(job, COMMANDS[name])


@pytest.mark.parametrize("status", JobStatus)
def test_the_projection_row_is_the_fold_in_every_status(status: JobStatus) -> None:
    world, job = job_in(status)
    assert job_from(job_row(job).item) == job
    assert JOB.fold(world.log.read(f"job/{job.job_id}")) == job
    assert world.job_table.get(job.user_id, job.job_id) == job


def test_archiving_frees_the_warm_vcf_and_nothing_else() -> None:
    _, job = job_in(JobStatus.ARCHIVED)
    assert job.freed_keys == ("warm-2",)
    assert job.results == (SUMMARY,)
    assert job.archive == COPY


def test_a_restored_job_differs_only_in_the_key_of_its_result() -> None:
    world, job = job_in(JobStatus.RESTORING)
    back = WARM.model_copy(update={"key": "warm-3"})
    job = world.jobs.execute(job.job_id, Restore(back))
    assert job.result(ResultKind.VCF) == back
    assert job.archive is None
    assert job.archived_at is None
    assert job.freed_archive
    assert job.freed_archive.archive_id == "cold-1"


def test_only_a_job_that_failed_on_our_side_can_be_reopened() -> None:
    world, job = job_in(JobStatus.RUNNING)
    world.jobs.execute(job.job_id, Fail(FailureCode.INTERNAL, "sorry"))
    reopened = world.jobs.execute(job.job_id, REOPEN)
    assert reopened.status is JobStatus.SUBMITTED
    assert reopened.error is None
    assert world.jobs.execute(job.job_id, START).attempt == 1
    world.jobs.execute(job.job_id, Fail(FailureCode.INTERNAL, "again"))
    world.jobs.execute(job.job_id, DELETE)
    with pytest.raises(AlreadyFinished):
        world.jobs.execute(job.job_id, REOPEN)


def test_commands_on_a_missing_job_are_refused() -> None:
    with pytest.raises(NoSuchAggregate):
        decide(None, START)


def test_events_can_only_be_folded_in_order() -> None:
    world, job = job_in(JobStatus.COMPLETED)
    events = world.log.read(f"job/{job.job_id}")
    with pytest.raises(OutOfOrder):
        JOB.fold([events[0], events[2]])
    with pytest.raises(OutOfOrder):
        JOB.fold(events[1:])


def test_repeated_registrations_and_plan_changes_do_nothing() -> None:
    world = World()
    first = world.accounts.execute("u", Register("u"))
    assert world.accounts.execute("u", Register("u")) == first
    world.pass_time(timedelta(hours=1))
    premium = world.accounts.execute("u", Upgrade("pay-1"))
    assert world.accounts.execute("u", Upgrade("pay-2")) == premium
    assert premium.plan_since == BEGINNING + timedelta(hours=1)
    assert world.accounts.execute("u", Downgrade("r")).plan is Plan.FREE
    assert len(world.log.read("account/u")) == 3


def test_the_grace_period_starts_with_the_later_of_result_and_plan() -> None:
    _, job = job_in(JobStatus.COMPLETED)
    account = Account("u", Plan.FREE, BEGINNING, BEGINNING, 1)
    later = BEGINNING + timedelta(days=1)
    assert archive_due(job, account, POLICY) == BEGINNING + GRACE
    assert archive_due(job, replace(account, plan_since=later), POLICY) == later + GRACE
    assert archive_due(replace(job, available_since=later), account, POLICY) == later + GRACE


def test_a_result_that_must_stay_is_never_due() -> None:
    free = Account("u", Plan.FREE, BEGINNING, BEGINNING, 1)
    premium = replace(free, plan=Plan.PREMIUM)
    _, completed = job_in(JobStatus.COMPLETED)
    assert archive_due(completed, premium, POLICY) is None
    for status in set(JobStatus) - {JobStatus.COMPLETED}:
        assert archive_due(job_in(status)[1], free, POLICY) is None


def test_a_result_that_is_smaller_than_what_is_archived_stays() -> None:
    free = Account("u", Plan.FREE, BEGINNING, BEGINNING, 1)
    _, job = job_in(JobStatus.COMPLETED)
    result = job.result(ResultKind.VCF)
    assert result
    size = result.size_bytes
    assert archive_due(job, free, ArchivePolicy(GRACE, size)) == BEGINNING + GRACE
    assert archive_due(job, free, ArchivePolicy(GRACE, size + 1)) is None


def test_the_account_of_the_system_is_neither_archived_nor_downgraded() -> None:
    world = World()
    world.register(SYSTEM_USER_ID)
    free = world.account_table.get(SYSTEM_USER_ID)
    assert free
    assert free.plan is Plan.FREE
    job = world.completed(SYSTEM_USER_ID)
    assert archive_due(job, free, POLICY) is None, "not even before it is on Premium"
    world.accounts.execute(SYSTEM_USER_ID, Upgrade("nobody"))
    with pytest.raises(IllegalStep, match="stays on Premium"):
        world.accounts.execute(SYSTEM_USER_ID, Downgrade("r"))
