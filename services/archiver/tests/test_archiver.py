from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from archiver import handler
from gas.domain.account import Downgrade, RecordToken, Upgrade
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import Archive, RequestRestore, Restore
from gas.events import ArchiveCopy, Event, ResultKind, Tier
from gas.eventstore.guards import Guard
from gas.eventstore.repository import JOB, JobRepository, Repository
from gas.eventstore.rows import Row
from gas.memory.log import MemoryEventLog
from gas.messaging.delivery import Postponed
from tests.support.archiver_ports import archiver_of, completed_event, due, handle
from tests.support.world import GRACE, World, warm_vcf


def complete_copies(world: World, job: Job) -> int:
    """How many complete copies of the job's result exist, warm and cold."""
    now = world.job(job.job_id)
    warm = now.result(ResultKind.VCF)
    is_warm = warm is not None and warm.key in world.results.objects
    is_cold = now.archive is not None and now.archive.archive_id in world.store.copies
    return int(is_warm) + int(is_cold)


def test_a_due_result_is_moved_to_cold_storage() -> None:
    world, job, event = due()
    handle(world, event, archiver_of(world))
    after = world.job(job.job_id)
    assert after.status is JobStatus.ARCHIVED
    assert len(world.store.copies) == 1
    warm = warm_vcf(job)
    assert warm.key not in world.results.objects
    assert len(world.results.objects) == len(ResultKind) - 1  # all but the VCF stay


def test_before_the_end_of_the_grace_period_the_message_is_postponed() -> None:
    world = World()
    job = world.completed(world.register())
    world.pass_time(GRACE - timedelta(seconds=1))
    with pytest.raises(Postponed) as later:
        handle(world, completed_event(world, job), archiver_of(world))
    assert job.available_since is not None
    assert later.value.due == job.available_since + GRACE
    assert world.store.copies == {}


def test_a_second_delivery_does_nothing() -> None:
    world, job, event = due()
    handle(world, event, archiver_of(world))
    copies, version = dict(world.store.copies), world.job(job.job_id).version
    handle(world, event, archiver_of(world))
    assert world.store.copies == copies
    assert world.job(job.job_id).version == version


def test_a_premium_users_result_stays() -> None:
    world, job, event = due()
    world.accounts.execute("user-1", Upgrade("p"))
    handle(world, event, archiver_of(world))
    assert world.store.copies == {}
    assert complete_copies(world, job) == 1


def test_a_job_is_not_read_where_its_user_had_premium_ever_since() -> None:
    world, job, event = due()
    world.accounts.execute("user-1", Upgrade("p"))
    world.pass_time(timedelta(seconds=1))
    unread = replace(archiver_of(world), jobs=cast("JobRepository", None))
    again = event.model_copy(update={"time": world.now()})  # as after a restore
    handle(world, again, unread)
    assert world.job(job.job_id).status is JobStatus.COMPLETED


def test_an_upgrade_after_a_crashed_archival_does_not_keep_the_warm_copy() -> None:
    world, job, event = due()
    warm = warm_vcf(job)
    world.archive(job)
    world.accounts.execute("user-1", Upgrade("p"))
    handle(world, event, archiver_of(world))
    assert warm.key not in world.results.objects
    assert complete_copies(world, job) == 1


class UpgradingLog(MemoryEventLog):
    """A log to which the user upgrades just before the archiver's append."""

    def __init__(self, world: World) -> None:
        super().__init__(world.db)
        self.world = world

    def append(
        self, events: Sequence[Event], row: Row | None, guards: Sequence[Guard] = ()
    ) -> None:
        if row and row.table == "jobs":
            self.world.accounts.execute("user-1", Upgrade("p"))
        super().append(events, row, guards)


def test_an_upgrade_during_the_archival_leaves_the_result_warm_and_no_cold_copy() -> None:
    world, job, event = due()
    racing = Repository(JOB, replace(world.write_context, log=UpgradingLog(world)))
    handle(world, event, replace(archiver_of(world), jobs=racing))
    after = world.job(job.job_id)
    assert after.status is JobStatus.COMPLETED
    assert world.store.copies == {}
    assert complete_copies(world, job) == 1


def test_a_crash_between_append_and_delete_is_finished_by_the_next_delivery() -> None:
    world, job, event = due()
    warm = warm_vcf(job)
    world.archive(job)
    assert warm.key in world.results.objects
    handle(world, event, archiver_of(world))
    assert warm.key not in world.results.objects
    assert complete_copies(world, job) == 1


def test_a_late_delivery_after_a_thaw_does_not_touch_the_new_copy() -> None:
    world, job, event = due()
    handle(world, event, archiver_of(world))
    assert world.job(job.job_id).archive is not None
    world.accounts.execute("user-1", Upgrade("p"))
    world.jobs.execute(job.job_id, RequestRestore(Tier.EXPEDITED, world.time))
    back = warm_vcf(job).model_copy(update={"key": "new"})
    world.results.objects["new"] = b"result"
    world.jobs.execute(job.job_id, Restore(back))
    handle(world, event, archiver_of(world))
    assert "new" in world.results.objects


def test_the_warm_copy_that_a_crashed_archival_left_is_deleted_even_after_the_thaw() -> None:
    world, job, event = due()
    warm = warm_vcf(job)
    world.archive(job)
    world.accounts.execute("user-1", Upgrade("p"))
    world.results.objects["new"] = b"result"
    world.jobs.execute(job.job_id, Restore(warm.model_copy(update={"key": "new"})))
    handle(world, event, archiver_of(world))
    assert warm.key not in world.results.objects
    assert "new" in world.results.objects


def test_the_event_of_a_restore_deletes_only_what_its_own_archival_may_have_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, job, _ = due()
    first = warm_vcf(job)
    world.archive(job)
    world.accounts.execute("user-1", Upgrade("p"))
    world.results.objects["new"] = b"result"
    back = world.jobs.execute(job.job_id, Restore(first.model_copy(update={"key": "new"})))
    restored = world.last_event()
    delete, deletions = world.results.delete, 0

    def counted(keys: Iterable[str]) -> None:
        nonlocal deletions
        deletions += 1
        delete(keys)

    monkeypatch.setattr(world.results, "delete", counted)
    handle(world, restored, archiver_of(world))
    assert deletions == 0, "the message of the completion deletes what its archival left"
    world.accounts.execute("user-1", Downgrade("r"))
    world.archive(back)
    handle(world, restored, archiver_of(world))
    assert deletions == 1
    assert "new" not in world.results.objects


def test_a_downgrade_archives_every_finished_result_after_the_grace_period() -> None:
    world = World()
    user = world.register()
    world.accounts.execute(user, Upgrade("p"))
    jobs = [world.completed(user) for _ in range(3)]
    world.pass_time(timedelta(days=1))
    world.accounts.execute(user, Downgrade("r"))
    event = world.last_event()
    with pytest.raises(Postponed):
        handle(world, event, archiver_of(world))
    world.pass_time(GRACE)
    fresh = world.completed(user)
    with pytest.raises(Postponed):  # only the fresh result waits, for its own grace period
        handle(world, event, archiver_of(world))
    statuses = [world.job(job.job_id).status for job in jobs]
    assert statuses == [JobStatus.ARCHIVED] * 3
    assert world.job(fresh.job_id).status is JobStatus.COMPLETED


def test_an_interrupted_downgrade_is_finished_by_the_next_delivery() -> None:
    world = World()
    user = world.register()
    world.accounts.execute(user, Upgrade("p"))
    job = world.completed(user)
    world.accounts.execute(user, Downgrade("r"))
    event = world.last_event()
    world.pass_time(GRACE)
    warm = warm_vcf(job)
    world.archive(job)
    assert warm.key in world.results.objects  # the process died before it deleted the warm copy
    handler.handle(event, job.job_id, archiver_of(world))
    assert warm.key not in world.results.objects
    assert complete_copies(world, job) == 1


def test_the_losing_copy_of_a_race_is_deleted_and_the_winning_one_kept() -> None:
    world, job, event = due()
    warm = warm_vcf(job)
    winner = ArchiveCopy(store="s3", archive_id="winner", size_bytes=6, sha256=warm.sha256)
    world.store.copies["winner"] = b"result"

    class ContendedLog(MemoryEventLog):
        def append(
            self, events: Sequence[Event], row: Row | None, guards: Sequence[Guard] = ()
        ) -> None:
            if world.job(job.job_id).status is JobStatus.COMPLETED:
                world.jobs.execute(job.job_id, Archive(winner))
            super().append(events, row, guards)

    racing = Repository(JOB, replace(world.write_context, log=ContendedLog(world.db)))
    handle(world, event, replace(archiver_of(world), jobs=racing))
    assert list(world.store.copies) == ["winner"]
    assert complete_copies(world, job) == 1


class TokenMakingLog(UpgradingLog):
    """A log to which the user's new API token comes just before the archiver's append, once."""

    def append(
        self, events: Sequence[Event], row: Row | None, guards: Sequence[Guard] = ()
    ) -> None:
        if row and row.table == "jobs" and len(self.read("account/user-1")) == 1:
            self.world.accounts.execute("user-1", RecordToken("wxyz"))
        MemoryEventLog.append(self, events, row, guards)


def test_a_change_of_the_account_that_is_not_of_its_plan_only_delays_the_archival() -> None:
    world, job, event = due()
    racing = Repository(JOB, replace(world.write_context, log=TokenMakingLog(world)))
    ports = replace(archiver_of(world), jobs=racing)
    with pytest.raises(Postponed):
        handle(world, event, ports)
    assert world.store.copies == {}
    handle(world, event, ports)
    assert world.job(job.job_id).status is JobStatus.ARCHIVED
    assert complete_copies(world, job) == 1
