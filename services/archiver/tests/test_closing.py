"""The end of an account: everything goes, in two rounds, and nothing that is late survives."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from archiver import closing, handler
from archiver.ports import Ports
from gas.domain.account import Close, RecordErased, Suspend, Upgrade
from gas.domain.errors import AccountIsClosed, IllegalStep
from gas.domain.job import JobStatus
from gas.domain.job_rules import Start, Submit
from gas.events import AccountErased, Event, InputFile, Plan
from gas.eventstore.guards import AccountIsOpen, GuardFailed
from gas.eventstore.rows import account_from, account_row
from gas.messaging.delivery import Postponed
from gas.messaging.fan_out import fan_out_handler
from gas.tables.personal import FILTERS, PersonalRow
from gas.tables.profiles import ApiToken, Profile
from gas.tables.uploads import Upload
from tests.support.archiver_ports import archiver_of
from tests.support.world import World

WHOLE = closing.SETTLES_AFTER + timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ports(world: World) -> Ports:
    return archiver_of(world)


def close(world: World, user: str) -> Event:
    world.accounts.execute(user, Close(by=user, reason="asked by the user"))
    return world.last_event()


def deliver(world: World, ports: Ports, event: Event) -> None:
    """Handle the event and its fan-out, which is there also where the event is postponed."""
    handle = partial(handler.handle, ports=ports)
    try:
        handle(event, None)
    finally:
        for message in world.fan_out.receive(10, 0, 60):
            world.fan_out.delete(message)
            fan_out_handler(handle)(message.body)


def furnish(world: World, user: str) -> None:
    """Give the user a profile with a token, a filter, and an upload that is not submitted."""
    world.profiles.save(Profile(user, "i", user, f"{user}@example.org", "Ada"))
    world.profiles.add_token(user, ApiToken("f" * 64, "abcd", "2026-01-01T00:00:00+00:00"), 5)
    world.personal.add([PersonalRow(user, f"{FILTERS}/1", 1, {"name": "rare"})], {})
    world.uploads.put(Upload(f"up-{user}", user, f"{user}/up-{user}", "f.vcf", 1, expires_at=1))
    world.inputs.write(f"{user}/up-{user}", b"half")


def test_everything_of_the_user_goes_and_nothing_of_another(world: World, ports: Ports) -> None:
    ada, bob = world.register("ada"), world.register("bob")
    for user in (ada, bob):
        furnish(world, user)
    world.accounts.execute(ada, Upgrade("paid"))
    archived, done = world.archive(world.completed(ada)), world.completed(ada)
    waiting, running = world.submit(ada), world.submit(ada)
    world.jobs.execute(running.job_id, Start("engine/1", "human-mt@1"))
    others = world.archive(world.completed(bob))
    event = close(world, ada)
    with pytest.raises(Postponed) as postponed:
        deliver(world, ports, event)
    assert postponed.value.due == event.time + closing.SETTLES_AFTER
    for job in (archived, done, waiting, running):
        assert world.job(job.job_id).status is JobStatus.DELETED
    assert [one.type.split(".")[2] for one in world.log.read(f"job/{running.job_id}")] == [
        *("submitted", "started", "cancelled", "deleted")
    ]
    assert world.uploads.get("up-ada") is None
    world.pass_time(WHOLE)
    deliver(world, ports, event)
    assert world.inputs.kept("ada/") == world.results.kept("ada/") == []
    assert list(world.store.stored_before(world.now() + WHOLE)) != []  # of the other user
    assert {copy.job_id for copy in world.store.stored_before(world.now() + WHOLE)} == {
        others.job_id
    }
    assert world.personal.page(ada, "", 9) == []
    profile = world.profiles.get(ada)
    assert profile is not None, "the notifier deletes it, after its last mail"
    assert profile.tokens == ()
    last = world.last_event()
    assert last.data == AccountErased(user_id=ada, jobs=4)
    kept = world.profiles.get(bob)
    assert kept is not None
    assert len(kept.tokens) == 1
    assert len(world.personal.page(bob, "", 9)) == 1
    assert world.uploads.get("up-bob") is not None
    assert world.inputs.kept("bob/up-") == ["bob/up-bob"]
    assert world.job(others.job_id).status is JobStatus.ARCHIVED


def test_what_arrives_late_goes_with_the_second_round(world: World, ports: Ports) -> None:
    user = world.register()
    event = close(world, user)
    with pytest.raises(Postponed):
        deliver(world, ports, event)
    world.inputs.write(f"{user}/late", b"sent with a form of before")
    world.uploads.put(Upload("late", user, f"{user}/late", "f.vcf", 1, expires_at=1))
    world.pass_time(WHOLE)
    with pytest.raises(Postponed):
        deliver(world, ports, event)
    assert world.uploads.get("late") is None
    world.pass_time(WHOLE)
    deliver(world, ports, event)
    assert world.inputs.kept("") == []
    events = len(world.log.read(f"account/{user}"))
    deliver(world, ports, event)
    assert len(world.log.read(f"account/{user}")) == events, "a second delivery does nothing"


def test_nothing_is_submitted_behind_the_end_of_an_account(world: World) -> None:
    user = world.register()
    file = InputFile(bucket="inputs", key="k", size_bytes=1, etag="e", filename="f.vcf")
    command = Submit("job", user, file, "human-mt", Plan.FREE)
    close(world, user)
    with pytest.raises(GuardFailed):
        world.jobs.begin("job", command, guards=[AccountIsOpen(user)])
    assert world.log.read("job/job") == []


def test_after_the_end_of_an_account_comes_only_the_record_that_it_is_erased(world: World) -> None:
    user = world.register()
    with pytest.raises(IllegalStep):
        world.accounts.execute(user, RecordErased(0))
    closed = world.accounts.execute(user, Close(user, "asked"))
    assert closed.is_closed
    assert closed.is_stopped
    assert world.accounts.execute(user, Close("ops", "again")) == closed
    for command in (Upgrade("p"), Suspend("ops", "r")):
        with pytest.raises(AccountIsClosed):
            world.accounts.execute(user, command)
    erased = world.accounts.execute(user, RecordErased(3))
    assert world.accounts.execute(user, RecordErased(4)) == erased
    assert account_from(account_row(erased).item) == erased
