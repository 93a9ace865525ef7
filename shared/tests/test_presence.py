"""A worker says what it does with each of its queues."""

from __future__ import annotations

import threading
from datetime import datetime

from botocore.exceptions import EndpointConnectionError

from gas.memory.presence import MemoryPresenceTable
from gas.memory.queue import MemoryQueue
from gas.messaging.consumer import Consumer
from gas.messaging.delivery import ConsumerPolicy
from gas.runtime.presence import Presence
from gas.runtime.repositories import utc_now
from gas.tables.presence import WorkerSign


class Away(MemoryPresenceTable):
    """Fails once."""

    is_away = True

    def say(self, sign: WorkerSign) -> None:
        if self.is_away:
            self.is_away = False
            raise EndpointConnectionError(endpoint_url="dynamodb")
        super().say(sign)


def test_a_sign_tells_what_is_handled_and_how_long_it_had_waited() -> None:
    table, queue, stop = MemoryPresenceTable(), MemoryQueue(utc_now), threading.Event()
    presence = Presence("archiver", table, utc_now)
    queue.send("a message")
    seen: list[WorkerSign] = []

    def handle(_: str) -> None:
        presence.say()
        seen.extend(table.present(utc_now(), 9))
        stop.set()

    consumer = Consumer(queue, handle, ConsumerPolicy(concurrency=1))
    presence.add("archiver", consumer)
    presence.say()
    (idle,) = table.present(utc_now(), 9)
    assert (idle.service, idle.queue, idle.handling) == ("archiver", "archiver", 0)
    assert idle.waited_seconds is None
    consumer.run(stop)
    (busy,) = seen
    assert busy.handling == 1
    assert isinstance(busy.taken_at, datetime)
    assert busy.waited_seconds is not None
    assert 0 <= busy.waited_seconds < 60


def test_a_sign_that_is_lost_is_followed_by_another() -> None:
    table, stop = Away(), threading.Event()
    presence = Presence("thawer", table, utc_now)
    presence.add("thawer", Consumer(MemoryQueue(utc_now), lambda _: None, ConsumerPolicy()))
    presence.say()
    assert table.present(utc_now(), 9) == []
    thread = threading.Thread(target=presence.run, args=(stop,))
    thread.start()
    presence.add("thawer-large", Consumer(MemoryQueue(utc_now), lambda _: None, ConsumerPolicy()))
    while len(table.present(utc_now(), 9)) < 2:
        assert thread.is_alive()
        stop.wait(0.01)
    stop.set()
    presence.add("last", Consumer(MemoryQueue(utc_now), lambda _: None, ConsumerPolicy()))
    thread.join(20)
    assert not thread.is_alive()
