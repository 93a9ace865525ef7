import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gas.events import InvalidEvent, UnknownEventType
from gas.memory.queue import MemoryQueue
from gas.messaging.consumer import Consumer
from gas.messaging.delivery import AlreadyDone, ConsumerPolicy, Interrupted, Postponed
from gas.messaging.queue import Message
from tests.support.clock import ManualClock
from tests.support.world import BEGINNING

QUICK = ConsumerPolicy(concurrency=2, poll_seconds=1, visibility_seconds=43_200, retry_seconds=1)


def consume(
    queue: MemoryQueue,
    handle: Callable[[str], None],
    until: Callable[[], object],
    policy: ConsumerPolicy = QUICK,
    give_up: Callable[[str, str], None] = lambda body, reason: None,
) -> bool:
    """Run a consumer until the condition holds; True if every handler finished."""
    stop = threading.Event()
    result: list[bool] = []
    consumer = Consumer(queue, handle, policy, give_up)
    thread = threading.Thread(target=lambda: result.append(consumer.run(stop)))
    thread.start()
    deadline = time.monotonic() + 20
    while not until() and time.monotonic() < deadline:
        time.sleep(0.005)
    stop.set()
    thread.join(20)
    assert until(), "the condition did not become true"
    return result[0]


def test_a_message_is_deleted_only_after_its_handler_returned() -> None:
    queue = MemoryQueue(ManualClock(BEGINNING))
    queue.send("hello")
    depths: list[int] = []
    assert consume(queue, lambda body: depths.append(queue.depth()), lambda: queue.depth() == 0)
    assert depths == [1]


def test_a_failed_message_comes_back_after_a_pause_and_then_succeeds() -> None:
    clock = ManualClock(BEGINNING)
    queue = MemoryQueue(clock)
    queue.send("hello")
    seen: list[datetime] = []

    def handle(body: str) -> None:
        seen.append(clock.time)
        if len(seen) == 1:
            raise OSError("a temporary fault")

    def done() -> bool:
        clock.time += timedelta(milliseconds=100)
        return queue.depth() == 0

    consume(queue, handle, done)
    assert len(seen) == 2
    assert seen[1] > seen[0]
    assert queue.dead == []


def test_a_message_that_is_not_an_event_is_dead_lettered_at_once_with_the_reason() -> None:
    queue = MemoryQueue(ManualClock(BEGINNING))
    queue.send("nonsense")

    def handle(body: str) -> None:
        raise InvalidEvent("not JSON")

    consume(queue, handle, lambda: queue.dead)
    assert queue.dead == [("nonsense", "not an event: not JSON")]


def test_after_the_last_attempt_the_message_is_given_up_and_dead_lettered() -> None:
    clock = ManualClock(BEGINNING)
    queue = MemoryQueue(clock)
    queue.send("poison")
    reasons: list[str] = []
    attempts: list[str] = []

    def handle(body: str) -> None:
        attempts.append(body)
        raise UnknownEventType("gas.job.completed.v9")

    def done() -> bool:
        clock.time += timedelta(seconds=5)
        return bool(queue.dead)

    consume(queue, handle, done, give_up=lambda body, reason: reasons.append(reason))
    assert len(attempts) == QUICK.max_receives - 1
    assert reasons == ["UnknownEventType: gas.job.completed.v9"]
    assert queue.dead == [("poison", "UnknownEventType: gas.job.completed.v9")]


def test_a_message_that_kills_its_process_is_given_up_at_its_last_delivery() -> None:
    clock = ManualClock(BEGINNING)
    queue = MemoryQueue(clock)
    queue.send("deadly")
    for _ in range(QUICK.max_receives - 1):  # processes that died
        queue.receive(1, 0, 1)
        clock.time += timedelta(seconds=2)
    handled: list[str] = []
    given_up: list[str] = []
    consume(
        queue,
        handled.append,
        lambda: queue.dead,
        give_up=lambda body, reason: given_up.append(body),
    )
    assert handled == []
    assert given_up == ["deadly"]


def test_a_message_whose_work_is_done_is_no_dead_letter() -> None:
    clock = ManualClock(BEGINNING)
    queue = MemoryQueue(clock)
    queue.send("done")
    for _ in range(QUICK.max_receives - 1):  # processes that died before they deleted it
        queue.receive(1, 0, 1)
        clock.time += timedelta(seconds=2)
    handled: list[str] = []

    def give_up(body: str, reason: str) -> None:
        raise AlreadyDone(body)

    consume(queue, handled.append, lambda: not queue.depth(), give_up=give_up)
    assert handled == []
    assert queue.dead == []


def test_a_postponed_message_is_sent_again_with_a_delay() -> None:
    queue = MemoryQueue(lambda: datetime.now(UTC))
    queue.send("early")
    handled: list[str] = []

    def handle(body: str) -> None:
        handled.append(body)
        if len(handled) == 1:
            raise Postponed(datetime.now(UTC) + timedelta(seconds=0.2))

    consume(queue, handle, lambda: queue.depth() == 0)
    assert len(handled) == 2
    assert queue.dead == []


def test_an_interrupted_message_is_returned_at_once() -> None:
    clock = ManualClock(BEGINNING)
    queue = MemoryQueue(clock)
    queue.send("long")
    began = threading.Event()
    stop = threading.Event()

    def handle(body: str) -> None:
        began.set()
        stop.wait(10)
        raise Interrupted

    consumer = Consumer(queue, handle, QUICK)
    thread = threading.Thread(target=consumer.run, args=(stop,))
    thread.start()
    assert began.wait(10)
    stop.set()
    thread.join(10)
    assert [message.body for message in queue.receive(1, 0, 30)] == ["long"]


def test_a_handler_that_does_not_end_is_abandoned_and_its_message_returned() -> None:
    clock = ManualClock(BEGINNING)
    queue = MemoryQueue(clock)
    queue.send("endless")
    began, release = threading.Event(), threading.Event()

    def handle(body: str) -> None:
        began.set()
        release.wait(30)

    impatient = ConsumerPolicy(
        concurrency=1, poll_seconds=1, visibility_seconds=600, stop_seconds=0.2
    )
    assert consume(queue, handle, began.is_set, impatient) is False
    assert len(queue.receive(1, 0, 30)) == 1
    release.set()


def test_no_more_handlers_run_than_allowed() -> None:
    queue = MemoryQueue(ManualClock(BEGINNING))
    for number in range(20):
        queue.send(str(number))
    lock = threading.Lock()
    running = [0, 0]

    def handle(body: str) -> None:
        with lock:
            running[0] += 1
            running[1] = max(running)
        time.sleep(0.01)
        with lock:
            running[0] -= 1

    consume(queue, handle, lambda: queue.depth() == 0)
    assert running[1] == QUICK.concurrency


def test_the_health_file_exists_until_the_consumer_stops(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    policy = ConsumerPolicy(poll_seconds=1, health_file=file)
    consume(
        MemoryQueue(ManualClock(BEGINNING)),
        lambda body: None,
        lambda: file.exists() or True,
        policy,
    )
    assert not file.exists()


@pytest.mark.parametrize("receives", [1, 2, 3, 4, 50])
def test_pauses_grow_but_stay_within_what_sqs_allows(receives: int) -> None:
    pause = ConsumerPolicy(retry_seconds=30).pause(receives)
    assert 15 <= pause <= 900


class CountingQueue(MemoryQueue):
    """Records how many messages each receive returned, and each delete deleted."""

    def __init__(self) -> None:
        super().__init__(ManualClock(BEGINNING))
        self.received: list[int] = []
        self.deleted: list[int] = []

    def receive(self, limit: int, wait_seconds: int, visibility_seconds: int) -> list[Message]:
        found = super().receive(limit, wait_seconds, visibility_seconds)
        self.received += [len(found)] if found else []
        return found

    def delete_all(self, messages: Sequence[Message]) -> None:
        self.deleted.append(len(messages))
        super().delete_all(messages)


def test_under_load_messages_are_received_and_deleted_several_at_once() -> None:
    queue = CountingQueue()
    for number in range(60):
        queue.send(f"job {number}")
    policy = replace(QUICK, concurrency=10)
    handled: list[str] = []

    def handle(body: str) -> None:
        time.sleep(0.002 * (len(handled) % 5))
        handled.append(body)

    assert consume(queue, handle, lambda: queue.depth() == 0, policy)
    assert sorted(handled) == sorted(f"job {number}" for number in range(60))
    assert sum(queue.deleted) == 60
    assert len(queue.deleted) <= 20
    assert len(queue.received) <= 20


def test_what_was_handled_before_a_stop_is_deleted_at_the_stop() -> None:
    queue = CountingQueue()
    queue.send("last")
    policy = replace(QUICK, delete_seconds=3_600)
    handled: list[str] = []
    consume(queue, handled.append, lambda: handled, policy)
    assert queue.depth() == 0
    assert queue.deleted == [1]
