"""Dead-letter queues as an operator handles them: look, send back, throw away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from gas.domain.errors import IllegalStep
from gas.domain.job_rules import Reopen
from gas.events import CATALOGUE, InvalidEvent, JobSubmitted, UnknownEventType
from gas.eventstore.repository import JobRepository
from gas.messaging.queue import MAX_BATCH, Message, SqsQueue

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

QUEUES = ("annotator", "annotator-large", "archiver", "restorer", "thawer", "notifier")
_LOOK_SECONDS = 5
_MOVE_SECONDS = 60
MOST = 100_000
"""No command looks at more dead letters of one queue than these."""


class DeadLetters:
    """The dead-letter queue of one of our queues."""

    def __init__(self, client: SQSClient, queue: str) -> None:
        self._home = SqsQueue(client, queue)
        self._dead = SqsQueue(client, f"{queue}-dlq")

    def count(self) -> int:
        """About how many messages are there."""
        return self._dead.depth()

    def peek(self, limit: int) -> Iterator[Message]:
        """Up to ``limit`` messages, which are hidden from others for a few seconds."""
        for batch in self._batches(limit, _LOOK_SECONDS):
            yield from batch

    def redrive(self, message_id: str | None, before: Callable[[Message], None]) -> int:
        """Send one message, or all of them, back to where they failed; gives how many went.

        ``before`` is called with each before it goes.
        """
        moved = 0
        for message in self._chosen(message_id):
            before(message)
            self._home.send(message.body, group=message.group)
            self._dead.delete(message)  # sent first: a crash in between repeats, never loses
            moved += 1
        return moved

    def discard(self, message_id: str | None) -> int:
        """Throw one message, or all of them, away for good; gives how many went."""
        gone = 0
        for message in self._chosen(message_id):
            self._dead.delete(message)
            gone += 1
        return gone

    def _chosen(self, message_id: str | None) -> Iterator[Message]:
        for batch in self._batches(MOST, _MOVE_SECONDS):
            chosen = [message for message in batch if message_id in {None, message.id}]
            for message in batch:
                if message not in chosen:
                    self._dead.extend(message, 0)
            yield from chosen
            if message_id and chosen:
                return

    def _batches(self, limit: int, seconds: int) -> Iterator[list[Message]]:
        left = min(limit, self.count())
        while left > 0:
            batch = self._dead.receive(min(left, MAX_BATCH), 1, seconds)
            if not batch:
                return
            yield batch
            left -= len(batch)


def reopen(message: Message, jobs: JobRepository) -> None:
    """Let the job that a dead letter was about be tried again: its user was told that it failed."""
    try:
        event = CATALOGUE.parse(message.body)
    except (InvalidEvent, UnknownEventType):
        return
    if isinstance(event.data, JobSubmitted):
        try:
            jobs.execute(event.data.job_id, Reopen("operator", "dead letter sent back"))
        except IllegalStep:
            return  # it ended in another way, so the message will do nothing
