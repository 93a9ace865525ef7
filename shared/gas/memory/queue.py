"""A queue, in memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gas.messaging.queue import Message


@dataclass
class _Letter:
    body: str
    visible_at: datetime
    receives: int = 0
    receipt: str = ""
    reason: str | None = None
    group: str | None = None


class MemoryQueue:
    """At-least-once delivery on a clock that the caller moves; never waits."""

    def __init__(self, now: Callable[[], datetime], *, delay_seconds: int = 0) -> None:
        self._now = now
        self._delay = delay_seconds
        self._letters: dict[str, _Letter] = {}
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
        for id, letter in list(self._letters.items()):
            if letter.visible_at <= now and len(taken) < limit:
                letter.receives += 1
                letter.receipt = f"{id}/{letter.receives}"
                letter.visible_at = now + timedelta(seconds=visibility_seconds)
                message = Message(
                    id, letter.body, letter.receipt, letter.receives, letter.reason, letter.group
                )
                taken.append(message)
        return taken

    def extend(self, message: Message, seconds: int) -> None:
        letter = self._letters.get(message.id)
        if letter:
            letter.visible_at = self._now() + timedelta(seconds=seconds)

    def delete(self, message: Message) -> None:
        self._letters.pop(message.id, None)

    def send(self, body: str, delay_seconds: int = 0, group: str | None = None) -> None:
        self._put(body, delay_seconds, group)

    def send_all(self, bodies: Sequence[str], group: str) -> None:
        for body in bodies:
            self._put(body, 0, group)

    def publish(self, body: str, group: str | None = None) -> None:
        """A message from a topic: it waits as long as the queue itself says."""
        self._put(body, self._delay, group)

    def dead_letter(self, message: Message, reason: str) -> None:
        self.dead.append((message.body, reason))
        self.delete(message)

    def depth(self) -> int:
        return len(self._letters)

    def make_visible(self) -> None:
        """Everything that is held or delayed can be received again now."""
        for letter in self._letters.values():
            letter.visible_at = min(letter.visible_at, self._now())

    def _put(self, body: str, delay_seconds: int, group: str | None) -> None:
        due = self._now() + timedelta(seconds=delay_seconds)
        self._letters[f"m{next(self._ids)}"] = _Letter(body, due, group=group)
