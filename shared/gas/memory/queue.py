"""A queue, in memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gas.messaging.queue import FRESH, History, Message
from gas.messaging.queue_counts import QueueCounts


@dataclass
class _Stored:
    body: str
    visible_at: datetime
    sent_at: datetime
    receives: int = 0
    receipt: str = ""
    reason: str | None = None
    group: str | None = None
    history: History = FRESH


class MemoryQueue:
    """At-least-once delivery by the clock ``now``, which a test moves; ``receive`` never waits.

    ``dead`` has the bodies and reasons of dead letters.
    """

    def __init__(self, now: Callable[[], datetime], *, delay_seconds: int = 0) -> None:
        self._now = now
        self._delay = delay_seconds
        self._messages: dict[str, _Stored] = {}
        self._ids = itertools.count(1)
        self.dead: list[tuple[str, str]] = []

    def receive(
        self,
        limit: int,
        wait_seconds: int,  # noqa: ARG002
        visibility_seconds: int,
    ) -> list[Message]:
        now = self._now()
        taken: list[Message] = []
        for id, stored in list(self._messages.items()):
            if stored.visible_at <= now and len(taken) < limit:
                stored.receives += 1
                stored.receipt = f"{id}/{stored.receives}"
                stored.visible_at = now + timedelta(seconds=visibility_seconds)
                message = Message(
                    id, stored.body, stored.receipt, stored.receives, stored.reason, stored.group
                )
                taken.append(replace(message, history=stored.history, sent_at=stored.sent_at))
        return taken

    def extend(self, message: Message, seconds: int) -> None:
        stored = self._messages.get(message.id)
        if stored:
            stored.visible_at = self._now() + timedelta(seconds=seconds)

    def delete(self, message: Message) -> None:
        self._messages.pop(message.id, None)

    def delete_all(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self.delete(message)

    def send(
        self,
        body: str,
        delay_seconds: int = 0,
        group: str | None = None,
        history: History = FRESH,
    ) -> None:
        self._put(body, delay_seconds, group, history)

    def send_all(self, bodies: Sequence[str], group: str) -> None:
        for body in bodies:
            self._put(body, 0, group)

    def publish(self, body: str, group: str | None = None) -> None:
        """A message from a topic: it gets the delay of the queue itself, as in SQS."""
        self._put(body, self._delay, group)

    def put_letter(self, body: str, reason: str) -> str:
        """Put a dead letter here, where this is a dead-letter queue; returns its id."""
        self._put(body, 0, None)
        id = next(reversed(self._messages))
        self._messages[id].reason = reason
        return id

    def dead_letter(self, message: Message, reason: str) -> None:
        self.dead.append((message.body, reason))
        self.delete(message)

    def depth(self) -> int:
        return len(self._messages)

    def counts(self) -> QueueCounts:
        """Its messages; what is hidden is in flight if it was received, and else delayed."""
        hidden = [m for m in self._messages.values() if m.visible_at > self._now()]
        in_flight = sum(message.receives > 0 for message in hidden)
        return QueueCounts(len(self._messages) - len(hidden), in_flight, len(hidden) - in_flight)

    def make_visible(self) -> None:
        """Make every hidden or delayed message visible now."""
        for stored in self._messages.values():
            stored.visible_at = min(stored.visible_at, self._now())

    def _put(
        self, body: str, delay_seconds: int, group: str | None, history: History = FRESH
    ) -> None:
        due = self._now() + timedelta(seconds=delay_seconds)
        self._messages[f"m{next(self._ids)}"] = _Stored(
            body, due, self._now(), group=group, history=history
        )
