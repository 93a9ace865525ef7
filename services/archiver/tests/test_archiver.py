from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from archiver import handler
from archiver.handler import Ports
from gas.domain.account import Downgrade, Upgrade
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import Archive, Delete, RequestRestore, Restore
from gas.events import ArchiveCopy, Event, JobCompleted, ResultKind, Tier
from gas.eventstore.guards import Guard
from gas.eventstore.repository import JOB, Repository
from gas.eventstore.rows import Row
from gas.memory.log import MemoryEventLog
from gas.messaging.delivery import Postponed
from gas.messaging.fan_out import FanOut
from tests.support.world import GRACE, World


def ports_of(world: World) -> Ports:
    return Ports(
        jobs=world.jobs,
        job_table=world.job_table,
        accounts=world.account_table,
        results=world.results,
        inputs=world.inputs,
        store=world.store,
        fan_out=FanOut(world.fan_out),
        now=world.now,
        grace=GRACE,
    )


def handle(world: World, event: Event, ports: Ports) -> None:
    """Deliver the event, and what comes of it."""
    world.deliver(partial(handler.handle, ports=ports), event)


def completed_event(world: World, job: Job) -> Event:
    events = world.log.read(f"job/{job.job_id}")
    return next(event for event in reversed(events) if isinstance(event.data, JobCompleted))


def due() -> tuple[World, Job, Event]:
    world = World()
    job = world.completed(world.register())
    world.pass_time(GRACE)
    return world, job, completed_event(world, job)


def complete_copies(world: World, job: Job) -> int:
    """How many complete copies of the job's result exist, warm and cold."""
    now = world.jobs.load(job.job_id)
    assert now is not None
    warm = now.result(ResultKind.VCF)
    is_warm = warm is not None and warm.key in world.results.objects
    is_cold = now.archive is not None and now.archive.archive_id in world.store.copies
    return int(is_warm) + int(is_cold)


def test_a_due_result_is_moved_to_cold_storage() -> None:
    world, job, event = due()
    handle(world, event, ports_of(world))
    after = world.jobs.load(job.job_id)
    assert after is not None
    assert after.status is JobStatus.ARCHIVED
    assert len(world.store.copies) == 1
    warm = job.result(ResultKind.VCF)
    assert warm is not None
    assert warm.key not in world.results.objects
    assert len(world.results.objects) == len(ResultKind) - 1  # all but the VCF stay


def test_before_the_end_of_the_grace_period_the_message_is_postponed() -> None:
    world = World()
    job = world.completed(world.register())
    world.pass_time(GRACE - timedelta(seconds=1))
    with pytest.raises(Postponed) as later:
        handle(world, completed_event(world, job), ports_of(world))
    assert later.value.due == job.available_since + GRACE  # type: ignore[operator]
    assert world.store.copies == {}


def test_a_second_delivery_does_nothing() -> None:
    world, job, event = due()
    handle(world, event, ports_of(world))
    copies, version = dict(world.store.copies), world.jobs.load(job.job_id).version  # type: ignore[union-attr]
    handle(world, event, ports_of(world))
    assert world.store.copies == copies
    assert world.jobs.load(job.job_id).version == version  # type: ignore[union-attr]


def test_a_premium_users_result_stays() -> None:
    world, job, event = due()
    world.accounts.execute("user-1", Upgrade("p"))
    handle(world, event, ports_of(world))
    assert world.store.copies == {}
    assert complete_copies(world, job) == 1


class UpgradesMeanwhile(MemoryEventLog):
    """The user upgrades between the archiver's look and its append."""

    def __init__(self, world: World) -> None:
        super().__init__(world.db)
        self.world = world

    def append(self, events: Sequence[Event], row: Row, guards: Sequence[Guard] = ()) -> None:
        if row.table == "jobs":
            self.world.accounts.execute("user-1", Upgrade("p"))
        super().append(events, row, guards)


def test_an_upgrade_during_the_archival_leaves_the_result_warm_and_no_cold_copy() -> None:
    world, job, event = due()
    racing = Repository(JOB, replace(world.write_context, log=UpgradesMeanwhile(world)))
    handle(world, event, replace(ports_of(world), jobs=racing))
    after = world.jobs.load(job.job_id)
    assert after is not None
    assert after.status is JobStatus.COMPLETED
    assert world.store.copies == {}
    assert complete_copies(world, job) == 1


def test_a_crash_between_append_and_delete_is_finished_by_the_next_delivery() -> None:
    world, job, event = due()
    warm = job.result(ResultKind.VCF)
    assert warm is not None
    copy = world.store.put(job.user_id, job.job_id, warm)
    world.jobs.execute(job.job_id, Archive(copy))
    assert warm.key in world.results.objects
    handle(world, event, ports_of(world))
    assert warm.key not in world.results.objects
    assert complete_copies(world, job) == 1


def test_a_late_delivery_after_a_thaw_does_not_touch_the_new_copy() -> None:
    world, job, event = due()
    handle(world, event, ports_of(world))
    archived = world.jobs.load(job.job_id)
    assert archived is not None
    assert archived.archive is not None
    world.accounts.execute("user-1", Upgrade("p"))
    world.jobs.execute(job.job_id, RequestRestore(Tier.EXPEDITED, world.time))
    back = job.result(ResultKind.VCF).model_copy(update={"key": "new"})  # type: ignore[union-attr]
    world.results.objects["new"] = b"result"
    world.jobs.execute(job.job_id, Restore(back))
    handle(world, event, ports_of(world))
    assert "new" in world.results.objects


def test_the_warm_copy_that_a_crashed_archival_left_is_deleted_even_after_the_thaw() -> None:
    world, job, event = due()
    warm = job.result(ResultKind.VCF)
    assert warm is not None
    world.jobs.execute(job.job_id, Archive(world.store.put(job.user_id, job.job_id, warm)))
    world.accounts.execute("user-1", Upgrade("p"))
    world.results.objects["new"] = b"result"
    world.jobs.execute(job.job_id, Restore(warm.model_copy(update={"key": "new"})))
    handle(world, event, ports_of(world))
    assert warm.key not in world.results.objects
    assert "new" in world.results.objects


def test_a_downgrade_archives_every_finished_result_after_the_grace_period() -> None:
    world = World()
    user = world.register()
    world.accounts.execute(user, Upgrade("p"))
    jobs = [world.completed(user) for _ in range(3)]
    world.pass_time(timedelta(days=1))
    world.accounts.execute(user, Downgrade("r"))
    event = world.last_event()
    with pytest.raises(Postponed):
        handle(world, event, ports_of(world))
    world.pass_time(GRACE)
    fresh = world.completed(user)
    with pytest.raises(
        Postponed
    ):  # the fresh result has its own grace; the others do not wait for it
        handle(world, event, ports_of(world))
    statuses = [world.jobs.load(job.job_id).status for job in jobs]  # type: ignore[union-attr]
    assert statuses == [JobStatus.ARCHIVED] * 3
    assert world.jobs.load(fresh.job_id).status is JobStatus.COMPLETED  # type: ignore[union-attr]


def test_an_interrupted_downgrade_is_finished_by_the_next_delivery() -> None:
    world = World()
    user = world.register()
    world.accounts.execute(user, Upgrade("p"))
    job = world.completed(user)
    world.accounts.execute(user, Downgrade("r"))
    event = world.last_event()
    world.pass_time(GRACE)
    warm = job.result(ResultKind.VCF)
    assert warm is not None
    world.jobs.execute(job.job_id, Archive(world.store.put(user, job.job_id, warm)))
    assert warm.key in world.results.objects  # the process died before it freed the warm copy
    handler.handle(event, job.job_id, ports_of(world))
    assert warm.key not in world.results.objects
    assert complete_copies(world, job) == 1


def test_a_deleted_job_leaves_no_file() -> None:
    world, job, event = due()
    handle(world, event, ports_of(world))
    world.jobs.execute(job.job_id, Delete("u", "r"))
    handle(world, world.last_event(), ports_of(world))
    assert world.results.objects == {}
    assert world.inputs.objects == {}
    assert world.store.copies == {}


def test_the_losing_copy_of_a_race_is_deleted_and_the_winning_one_kept() -> None:
    world, job, event = due()
    warm = job.result(ResultKind.VCF)
    assert warm is not None
    winner = ArchiveCopy(store="s3", archive_id="winner", size_bytes=6, sha256=warm.sha256)
    world.store.copies["winner"] = b"result"

    class AnotherWins(MemoryEventLog):
        def append(self, events: Sequence[Event], row: Row, guards: Sequence[Guard] = ()) -> None:
            if world.jobs.load(job.job_id).status is JobStatus.COMPLETED:  # type: ignore[union-attr]
                world.jobs.execute(job.job_id, Archive(winner))
            super().append(events, row, guards)

    racing = Repository(JOB, replace(world.write_context, log=AnotherWins(world.db)))
    handle(world, event, replace(ports_of(world), jobs=racing))
    assert list(world.store.copies) == ["winner"]
    assert complete_copies(world, job) == 1
