"""The outbox relay, when the outbox has what cannot be published."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from botocore.exceptions import ConnectionClosedError

from gas.events import Event, JobSubmitted
from gas.eventstore.outbox_relay import OutboxRelay
from gas.memory.unreadable import MemoryUnreadableEvents
from tests.support.world import World

POISON = {
    "of a newer program": '{"type": "gas.job.mended.v3", "data": {}}',
    "of no type": '{"type": 7, "data": {}}',
    "not JSON": "\x00{",
    "empty": "",
    "deep": "[" * 30_000,
}


class Relaying:
    """A world whose outbox has poison, and behind it one event that can be published."""

    def __init__(self, *poison: str) -> None:
        self.world = World()
        for number, text in enumerate(poison):
            self.world.leave_in_outbox(f"job/poison-{number}", text)
        self.world.submit(self.world.register())
        good = self.world.last_event()
        self.world.leave_in_outbox(good.subject, good.to_json(), version=good.streamversion)
        self.world.bus.published.clear()
        self.world.pass_time(timedelta(minutes=10))
        self.dead = MemoryUnreadableEvents()
        self.relay = OutboxRelay(
            self.world.log, self.world.bus, self.dead, seconds=10, now=self.world.now
        )


@pytest.mark.parametrize("kind", POISON)
def test_what_cannot_be_published_is_set_aside_with_its_reason(kind: str) -> None:
    relaying = Relaying(POISON[kind])
    relaying.relay.sweep()
    (published,) = relaying.world.bus.published
    assert isinstance(published.data, JobSubmitted)
    (letter,) = relaying.dead.letters
    assert (letter.entry.stream, letter.entry.text) == ("job/poison-0", POISON[kind])
    assert letter.reason
    assert relaying.world.db.outbox == {}
    assert relaying.relay.sweep() == 0


def test_an_event_that_is_stored_under_another_name_is_set_aside() -> None:
    relaying = Relaying()
    event = relaying.world.log.read("account/user-1")[0]
    relaying.world.leave_in_outbox("account/somebody", event.to_json())
    relaying.world.pass_time(timedelta(minutes=10))
    relaying.relay.sweep()
    (letter,) = relaying.dead.letters
    assert letter.entry.stream == "account/somebody"
    assert "account/user-1" in letter.reason


def test_poison_that_cannot_be_set_aside_stays_and_stops_nothing() -> None:
    relaying = Relaying(POISON["not JSON"])

    def refuse(entry: object, reason: str) -> None:
        raise ConnectionClosedError(endpoint_url="http://queue")

    relaying.dead.put = refuse  # type: ignore[method-assign]
    relaying.relay.sweep()
    assert len(relaying.world.bus.published) == 1
    assert list(relaying.world.db.outbox) == [("job/poison-0", 1)]


def test_the_relay_outlives_an_error_that_nobody_foresaw() -> None:
    relaying = Relaying()
    stop, tries = threading.Event(), 0

    def fail(before: object, limit: int) -> None:
        nonlocal tries
        tries += 1
        if tries == 3:
            stop.set()
        raise RuntimeError("a fault of ours")

    relaying.world.log.unpublished = fail  # type: ignore[method-assign,assignment]
    relay = OutboxRelay(
        relaying.world.log, relaying.world.bus, relaying.dead, seconds=0.001, now=relaying.world.now
    )
    relay.run(stop)
    assert tries == 3


def test_an_event_that_brings_a_fault_of_ours_to_light_holds_up_no_other() -> None:
    relaying = Relaying()
    world = relaying.world
    good = world.log.read("account/user-1")[0]
    world.leave_in_outbox(good.subject, good.to_json(), version=good.streamversion)
    world.pass_time(timedelta(minutes=10))
    publish = world.bus.publish

    def fail_for_accounts(event: Event) -> None:
        if event.subject == good.subject:
            raise RuntimeError("a fault of ours")
        publish(event)

    world.bus.publish = fail_for_accounts  # type: ignore[method-assign]
    relaying.relay.sweep()
    assert [event.subject.partition("/")[0] for event in world.bus.published] == ["job"]
    assert list(world.db.outbox) == [(good.subject, good.streamversion)]


def test_the_age_of_the_oldest_event_is_a_metric(capsys: pytest.CaptureFixture[str]) -> None:
    relaying = Relaying()
    relaying.relay.sweep()
    relaying.relay.sweep()
    found = capsys.readouterr().out
    assert "outbox_age_seconds" in found
    assert "600" in found


def test_a_letter_tells_where_its_event_is_in_the_log() -> None:
    relaying = Relaying(POISON["of a newer program"])
    relaying.relay.sweep()
    (letter,) = relaying.dead.letters
    body = json.loads(letter.entry.to_json())
    assert body == {
        "stream": "job/poison-0",
        "version": 1,
        "event_id": letter.entry.event_id,
        "event": POISON["of a newer program"],
    }
    relaying.world.log.mark_unpublished(*letter.entry.key)
    assert list(relaying.world.db.outbox) == [("job/poison-0", 1)]
