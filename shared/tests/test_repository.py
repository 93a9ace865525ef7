from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ConnectionClosedError

from gas.domain.account import Register, Upgrade
from gas.domain.job import JobStatus
from gas.domain.job_rules import Archive, Start
from gas.events import ArchiveCopy, Event, Plan
from gas.eventstore.guards import Guard, GuardFailed, PlanIs
from gas.eventstore.log import Conflict
from gas.eventstore.outbox_relay import OutboxRelay
from gas.eventstore.repository import (
    ACCOUNT,
    JOB,
    MAX_CONFLICTS,
    JobRepository,
    Repository,
    WriteContext,
)
from gas.eventstore.rows import Row
from gas.memory.log import MemoryEventLog
from gas.memory.unreadable import MemoryUnreadableEvents
from tests.support.world import World

COPY = ArchiveCopy(store="s3", archive_id="cold", size_bytes=1, sha256="0" * 64)


class ContendedLog(MemoryEventLog):
    """A log to which another writer appends first, ``times`` times."""

    def __init__(self, world: World, times: int) -> None:
        super().__init__(world.db)
        self.times = times
        self.world = world

    def append(
        self, events: Sequence[Event], row: Row | None, guards: Sequence[Guard] = ()
    ) -> None:
        if self.times:
            self.times -= 1
            assert row
            self.world.jobs.execute(row.key["job_id"], Start("other/1", "b@1"))
        super().append(events, row, guards)


def jobs_on(world: World, log: MemoryEventLog) -> JobRepository:
    return Repository(JOB, replace(world.write_context, log=log))


def test_a_writer_that_comes_second_decides_again() -> None:
    world = World()
    job = world.submit(world.register())
    after = jobs_on(world, ContendedLog(world, 3)).execute(
        job.job_id, Start("mine/1", "b@1"), known=job
    )
    assert after.attempt == 4
    assert world.paused == [1, 2, 3]
    assert [event.streamversion for event in world.log.read(f"job/{job.job_id}")] == [1, 2, 3, 4, 5]


def test_a_writer_that_always_comes_second_gives_up() -> None:
    world = World()
    job = world.submit(world.register())
    with pytest.raises(Conflict):
        jobs_on(world, ContendedLog(world, 99)).execute(job.job_id, Start("mine/1", "b@1"))
    assert world.paused == list(range(1, MAX_CONFLICTS)), "no pause when nothing follows"


def test_a_failed_guard_leaves_nothing_behind() -> None:
    world = World()
    job = world.completed(world.register())
    world.accounts.execute("user-1", Upgrade("p"))
    published = len(world.bus.published)
    with pytest.raises(GuardFailed):
        world.jobs.execute(job.job_id, Archive(COPY), guards=[PlanIs("user-1", Plan.FREE, 1)])
    assert world.jobs.load(job.job_id) == job
    assert len(world.bus.published) == published


class UnreachableBus:
    """A bus that is down."""

    def publish(self, event: Event) -> None:
        raise ConnectionClosedError(endpoint_url="http://topic")


def test_an_event_that_could_not_be_published_is_relayed_later() -> None:
    world = World()
    context = WriteContext(world.log, UnreachableBus(), world.now, world.new_id, "/gas/test")
    Repository(ACCOUNT, context).execute("u", Register("u"))
    assert world.bus.published == []
    relay = OutboxRelay(world.log, world.bus, MemoryUnreadableEvents(), seconds=10, now=world.now)
    assert relay.sweep() == 0  # its own writer may still be going to publish it
    world.pass_time(timedelta(seconds=11))
    assert relay.sweep() == 1
    assert [event.type for event in world.bus.published] == ["gas.account.registered.v1"]
    assert relay.sweep() == 0


def test_a_repeated_command_writes_nothing() -> None:
    world = World()
    job = world.completed(world.register())
    archived = world.jobs.execute(job.job_id, Archive(COPY))
    again = world.jobs.execute(job.job_id, Archive(COPY), known=job)
    assert again == archived
    assert again.status is JobStatus.ARCHIVED
