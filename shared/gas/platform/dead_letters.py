"""Dead-letter queues as an operator handles them: look at what is there, send it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gas.platform.queue import MAX_BATCH, Message, SqsQueue

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

QUEUES = ("annotator", "annotator-large", "archiver", "restorer", "thawer", "notifier")
_LOOK_SECONDS = 30
_MOVE_SECONDS = 60


class DeadLetters:
    """The dead-letter queue of one of our queues."""

    def __init__(self, client: SQSClient, queue: str) -> None:
        self._home = SqsQueue(client, queue)
        self._dead = SqsQueue(client, f"{queue}-dlq")

    def count(self) -> int:
        """About how many messages are there."""
        return self._dead.depth()

    def look(self, limit: int) -> Iterator[Message]:
        """Up to ``limit`` messages, which are hidden from others for half a minute."""
        yield from self._take(limit, _LOOK_SECONDS)

    def redrive(self, limit: int) -> int:
        """Send up to ``limit`` messages back to where they failed; gives how many went."""
        moved = 0
        for message in self._take(limit, _MOVE_SECONDS):
            self._home.send(message.body, group=message.group)
            self._dead.delete(message)  # sent first: a crash in between repeats, never loses
            moved += 1
        return moved

    def _take(self, limit: int, seconds: int) -> Iterator[Message]:
        left = min(limit, self.count())
        while left > 0:
            batch = self._dead.receive(min(left, MAX_BATCH), 1, seconds)
            if not batch:
                return
            yield from batch
            left -= len(batch)
