from functools import partial

import pytest

from gas.domain.account import Downgrade, Upgrade
from gas.domain.job import JobStatus
from gas.events import Event
from gas.files.bucket import NoSuchFile
from gas.messaging.fan_out import FanOut
from restorer import handler
from restorer.handler import Ports
from tests.support.world import World, archive_id


def archived_jobs(count: int) -> tuple[World, list[str], Ports]:
    """That many archived jobs of ``user-1``: their ids, and the ports of the restorer."""
    world = World()
    user = world.register()
    ids = []
    for _ in range(count):
        ids.append(world.archive(world.completed(user)).job_id)
    ports = Ports(
        world.jobs,
        world.job_table,
        world.account_table,
        world.store,
        FanOut(world.fan_out),
        world.now,
    )
    return world, ids, ports


def handle(world: World, event: Event, ports: Ports) -> None:
    """Handle the event and the messages of its fan-out."""
    world.deliver(partial(handler.handle, ports=ports), event)


def upgrade(world: World) -> Event:
    world.accounts.execute("user-1", Upgrade("p"))
    return world.last_event()


def test_a_restore_is_requested_for_every_archived_job() -> None:
    world, ids, ports = archived_jobs(40)
    warm = world.completed("user-1")
    handle(world, upgrade(world), ports)
    assert len(world.store.asked) == 40
    assert {world.job(id).status for id in ids} == {JobStatus.RESTORING}
    assert world.job(warm.job_id).status is JobStatus.COMPLETED


def test_one_job_is_requested_without_a_message_of_its_own_and_two_with() -> None:
    for count, messages in ((1, 0), (2, 2)):
        world, ids, ports = archived_jobs(count)
        handler.handle(upgrade(world), None, ports)
        assert world.fan_out.depth() == messages
        is_requested = world.job(ids[0]).status is JobStatus.RESTORING
        assert is_requested == (count == 1)


def test_no_restore_is_requested_twice() -> None:
    world, _, ports = archived_jobs(3)
    event = upgrade(world)
    handle(world, event, ports)
    handle(world, event, ports)
    assert len(world.store.asked) == 3


def test_the_cause_of_a_restore_is_the_upgrade() -> None:
    world, ids, ports = archived_jobs(1)
    event = upgrade(world)
    handle(world, event, ports)
    requested = world.log.read(f"job/{ids[0]}")[-1]
    assert requested.causationid == event.id


def test_no_restore_is_requested_for_a_user_who_went_back_to_free() -> None:
    world, _, ports = archived_jobs(2)
    event = upgrade(world)
    world.accounts.execute("user-1", Downgrade("r"))
    handle(world, event, ports)
    assert world.store.asked == []


def test_a_missing_copy_does_not_stop_the_other_restores() -> None:
    world, ids, ports = archived_jobs(3)
    del world.store.copies[archive_id(world.job(ids[0]))]
    with pytest.raises(NoSuchFile):
        handle(world, upgrade(world), ports)
    assert [world.job(id).status for id in ids] == [
        JobStatus.ARCHIVED,
        JobStatus.RESTORING,
        JobStatus.RESTORING,
    ]
