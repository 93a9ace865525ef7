"""Queues and their dead letters."""

from __future__ import annotations

import time

import pytest

from gas.aws.clients import Aws
from gas.memory.queue import MemoryQueue
from gas.messaging.queue import FRESH, History, Message, Queue, SqsQueue
from gas.runtime.repositories import utc_now
from gas.settings import Settings


@pytest.fixture
def queue(settings: Settings | None) -> Queue:
    if settings is None:
        return MemoryQueue(utc_now)
    return SqsQueue(Aws(settings).sqs(), settings.named("annotator"))


def receive_one(queue: Queue, visibility_seconds: int = 30) -> tuple[str, int]:
    """The body and the receive count of the next message. Waits 20 s at most."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for message in queue.receive(1, 1, visibility_seconds):
            return message.body, message.receives
    raise AssertionError("no message arrived")


def test_a_received_message_is_hidden_until_it_is_returned(queue: Queue) -> None:
    queue.send("hello")
    (message,) = queue.receive(1, 1, 30)
    assert (message.body, message.receives) == ("hello", 1)
    assert queue.receive(1, 0, 30) == []
    queue.extend(message, 0)
    (again,) = queue.receive(1, 1, 30)
    assert again.receives == 2
    queue.delete(again)
    assert queue.depth() == 0


def test_a_message_keeps_the_group_of_its_user(queue: Queue) -> None:
    queue.send("of a user", 0, "user-1")
    (message,) = queue.receive(1, 1, 30)
    assert message.group == "user-1"
    queue.delete(message)


def test_messages_sent_in_one_batch_arrive_one_by_one_in_their_group(queue: Queue) -> None:
    queue.send_all([f"job {n}" for n in range(10)], "user-1")
    found: dict[str, str | None] = {}
    while messages := queue.receive(10, 1, 30):
        for message in messages:
            found[message.body] = message.group
            queue.delete(message)
    assert found.keys() == {f"job {n}" for n in range(10)}
    assert set(found.values()) <= {"user-1", None}


def test_messages_deleted_in_one_batch_do_not_come_back(queue: Queue) -> None:
    queue.send_all([f"job {n}" for n in range(5)], "user-1")
    found: dict[str, Message] = {}
    deadline = time.monotonic() + 20
    while len(found) < 5 and time.monotonic() < deadline:
        found |= {message.body: message for message in queue.receive(10, 1, 30)}
    kept = found.pop("job 0")
    queue.delete_all(list(found.values()))
    assert queue.depth() == 1
    queue.delete_all([kept])
    assert queue.depth() == 0


def test_a_delayed_message_arrives_when_it_is_due(queue: Queue) -> None:
    queue.send("later", 2)
    assert queue.receive(1, 0, 30) == []
    body, _ = receive_one(queue)
    assert body == "later"


def test_a_dead_letter_is_no_longer_in_its_queue(queue: Queue) -> None:
    queue.send("dead")
    deadline = time.monotonic() + 20
    is_dead = False
    while not is_dead and time.monotonic() < deadline:
        for message in queue.receive(10, 1, 30):
            if message.body == "dead":
                queue.dead_letter(message, "it was dead")
                is_dead = True
            else:
                queue.delete(message)
    assert is_dead
    assert queue.receive(1, 0, 1) == []


def test_a_copy_carries_what_became_of_earlier_ones(queue: Queue) -> None:
    queue.send("copy", 0, "user-1", History(failures=2, interruptions=3))
    (message,) = queue.receive(1, 1, 30)
    assert message.history == History(failures=2, interruptions=3)
    assert (message.receives, message.attempts) == (1, 3)
    queue.delete(message)
    queue.send("fresh")
    (message,) = queue.receive(1, 1, 30)
    assert message.history == FRESH
    queue.delete(message)
