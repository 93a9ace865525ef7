"""The log is restored to an earlier time and nobody tells: the reconciler must notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from gas.domain.job import Job
from gas.events import CATALOGUE
from gas.recovery.periods import LostPeriod
from gas.tables.uploads import Upload
from reconciler.leftovers import delete_orphans, delete_unused_uploads
from reconciler.loop import reconcile
from reconciler.ports import Ports
from tests.support.reconciler_ports import reconciler_of
from tests.support.world import World, archive_id, warm_vcf

DAY = timedelta(days=1, hours=1)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ports(world: World) -> Ports:
    return reconciler_of(world)


def restore_log(world: World, since: datetime) -> None:
    """Forget every event after that moment; rows, files and uploads stay as they are."""
    for stream, entries in list(world.db.streams.items()):
        world.db.streams[stream] = [e for e in entries if CATALOGUE.parse(e.text).time <= since]
        if not world.db.streams[stream]:
            del world.db.streams[stream]


def live_an_hour(world: World, ports: Ports) -> tuple[datetime, Job, Job]:
    """A job before the moment that is returned, which is archived after it, and a job after it."""
    before = world.completed(world.register())
    reconcile(ports)
    since = world.time
    world.pass_time(timedelta(minutes=30))
    archived = world.archive(before)
    after = world.completed("user-1")
    world.pass_time(timedelta(minutes=1))
    reconcile(ports)
    return since, archived, after


def files(world: World) -> set[str]:
    return {*world.inputs.objects, *world.results.objects, *world.store.copies}


def test_a_restored_log_is_noticed_and_no_file_of_the_lost_period_is_deleted(
    world: World, ports: Ports
) -> None:
    since, archived, after = live_an_hour(world, ports)
    world.uploads.put(Upload("lost", "user-1", after.input.key, "f", 1, 1))  # restored as well
    before = files(world)
    restore_log(world, since)
    for _ in range(5):
        world.pass_time(DAY)
        reconcile(ports)
    assert files(world) == before
    (period,) = world.periods.all()
    assert period.begins <= since <= period.ends
    assert world.results.quarantined[warm_vcf(after).key] == period.id
    assert world.store.cold.quarantined == {archive_id(archived): period.id}
    assert after.input.key in world.inputs.quarantined


@pytest.mark.parametrize("delete", [delete_orphans, delete_unused_uploads])
def test_a_log_that_was_restored_this_minute_is_noticed_before_files_are_deleted(
    delete: Callable[[Ports], None], world: World, ports: Ports
) -> None:
    since, _, after = live_an_hour(world, ports)
    world.uploads.put(Upload("lost", "user-1", after.input.key, "f", 1, 1))  # restored as well
    world.pass_time(DAY)
    before = files(world)
    restore_log(world, since)
    delete(ports)
    assert files(world) == before


def test_events_after_the_restart_do_not_hide_that_older_ones_are_lost(
    world: World, ports: Ports
) -> None:
    since, _, after = live_an_hour(world, ports)
    restore_log(world, since)
    newest = world.submit("user-1")
    world.pass_time(timedelta(minutes=1))
    reconcile(ports)
    assert len(world.periods.all()) == 1
    world.pass_time(DAY)
    reconcile(ports)
    assert warm_vcf(after).key in world.results.objects
    seen = world.witness.seen()
    assert seen is None or seen.stream == f"job/{newest.job_id}"


def test_what_was_stored_before_and_after_a_lost_period_is_removed_as_ever(
    world: World, ports: Ports
) -> None:
    world.register()
    user_files = [f"user-1/{world.new_id()}/attempt/my.vcf" for _ in range(3)]
    world.results.write(user_files[0], b"long before")
    world.pass_time(3 * DAY)
    world.results.write(user_files[1], b"in the period")
    period = LostPeriod("p", world.time, world.time + timedelta(hours=1), "a test")
    ports.periods.open(period)
    world.pass_time(2 * DAY)
    world.results.write(user_files[2], b"after")
    world.pass_time(2 * DAY)
    reconcile(ports)
    assert set(world.results.objects) == {user_files[1]}
    ports.periods.close("p")
    world.pass_time(DAY)
    reconcile(ports)
    assert set(world.results.objects) == set()


def test_a_log_that_only_grows_opens_no_period(world: World, ports: Ports) -> None:
    live_an_hour(world, ports)
    for _ in range(3):
        world.pass_time(DAY)
        reconcile(ports)
        world.completed("user-1")
    assert world.periods.all() == []


def test_the_input_of_a_job_is_kept_if_its_row_is_lost(world: World, ports: Ports) -> None:
    job = world.submit(world.register())
    assert world.uploads.get(job.input.key.rpartition("/")[2]) is None
    world.pass_time(DAY)
    reconcile(ports)
    assert job.input.key in world.inputs.objects
