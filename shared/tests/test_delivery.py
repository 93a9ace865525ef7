"""How often a message is tried, over all its copies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from gas.memory.queue import MemoryQueue
from gas.messaging.delivery import (
    MAX_INTERRUPTIONS,
    ConsumerPolicy,
    Interrupted,
    MessageDelivery,
    Postponed,
    Refused,
)
from tests.support.clock import ManualClock
from tests.support.world import BEGINNING

ATTEMPTS = ConsumerPolicy().max_receives - 1


class Deliveries:
    """A queue with one message, which ``handle`` gets again and again."""

    def __init__(self, handle: Callable[[str], None]) -> None:
        self.clock = ManualClock(BEGINNING)
        self.queue = MemoryQueue(self.clock)
        self.queue.send("body", group="user")
        self.given_up: list[str] = []
        self.handled = 0

        def counted(body: str) -> None:
            self.handled += 1
            handle(body)

        self._delivery = MessageDelivery(
            self.queue,
            counted,
            lambda body, reason: self.given_up.append(reason),
            ConsumerPolicy(),
            self.clock,
        )

    def next(self) -> bool:
        """Deliver the message when it is due; False if there is none any more."""
        self.clock.time += timedelta(seconds=1000)
        for message in self.queue.receive(1, 0, 30):
            assert message.group == "user"
            self._delivery.deliver(message)
            return True
        return False


def test_a_message_that_fails_between_postponements_runs_out_of_attempts() -> None:
    def handle(body: str) -> None:
        if deliveries.handled % 2:
            raise LookupError("it cannot be built")
        raise Postponed(deliveries.clock.time + timedelta(seconds=180))

    deliveries = Deliveries(handle)
    for _ in range(2 * ATTEMPTS):
        deliveries.next()
    assert deliveries.given_up == ["LookupError: it cannot be built"]
    assert deliveries.queue.dead == [("body", "LookupError: it cannot be built")]
    assert not deliveries.next()


def test_postponements_alone_use_up_no_attempt() -> None:
    def handle(body: str) -> None:
        raise Postponed(deliveries.clock.time + timedelta(seconds=180))

    deliveries = Deliveries(handle)
    assert all(deliveries.next() for _ in range(10 * ATTEMPTS))
    assert deliveries.given_up == []


def test_orderly_interruptions_use_up_no_attempt() -> None:
    def handle(body: str) -> None:
        if deliveries.handled < MAX_INTERRUPTIONS:
            raise Interrupted

    deliveries = Deliveries(handle)
    for _ in range(MAX_INTERRUPTIONS):
        assert deliveries.next()
    assert deliveries.given_up == []
    assert deliveries.queue.dead == []
    assert not deliveries.next(), "it was handled in the end"


def test_failures_before_an_interruption_still_count() -> None:
    def handle(body: str) -> None:
        if deliveries.handled == 2:
            raise Interrupted
        raise OSError("no disk")

    deliveries = Deliveries(handle)
    for _ in range(ATTEMPTS):
        deliveries.next()
    assert deliveries.given_up == []
    deliveries.next()
    assert deliveries.given_up == ["OSError: no disk"]


def test_a_message_that_is_always_interrupted_is_given_up_some_day() -> None:
    def handle(body: str) -> None:
        raise Interrupted

    deliveries = Deliveries(handle)
    while deliveries.next():
        assert deliveries.handled <= MAX_INTERRUPTIONS + ATTEMPTS
    assert len(deliveries.given_up) == 1
    assert deliveries.handled == MAX_INTERRUPTIONS + ATTEMPTS


def test_what_was_refused_for_good_is_dead_lettered_at_once() -> None:
    def handle(body: str) -> None:
        raise Refused("MessageRejected: not verified")

    deliveries = Deliveries(handle)
    deliveries.next()
    assert deliveries.queue.dead == [("body", "MessageRejected: not verified")]
    assert not deliveries.next()
