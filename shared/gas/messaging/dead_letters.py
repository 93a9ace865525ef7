"""Dead-letter queues for the operator: look at messages, send them back, or discard them.

What puts messages there is ``delivery``, or SQS itself after ``maxReceiveCount`` deliveries.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import structlog

from gas.domain.errors import IllegalStep
from gas.domain.job import JobStatus
from gas.domain.job_operations import Reopen
from gas.events import CATALOGUE, UNREADABLE, JobSubmitted
from gas.eventstore.log import EventLog, StoredEvent
from gas.eventstore.repository import BROKEN_STREAM, JobRepository
from gas.messaging.executions import job_of
from gas.messaging.queue import MAX_BATCH, Message, Queue, SqsQueue, reason_attribute

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

logger = structlog.get_logger()

QUEUES = (
    *("annotator", "annotator-large", "annotator-parts", "archiver", "restorer", "thawer"),
    *("notifier", "notifier-feedback"),
)
"""The short names of all queues that have a dead-letter queue."""

OUTBOX = "outbox"
"""Not a queue: the outbox has a dead-letter queue too, for events that cannot be published."""

DEAD_LETTER_QUEUES = (*QUEUES, OUTBOX)
"""The short names of everything that has a dead-letter queue."""

MAX_MESSAGES = 100_000
"""No command looks at more messages of one queue: below SQS's 120,000 messages in flight."""

# A message that an operator looks at must soon be visible again, for the next command.
_PEEK_VISIBILITY_SECONDS = 5
# Long enough to send and delete a batch; nobody else may receive it meanwhile.
_MOVE_VISIBILITY_SECONDS = 60


class LeftDead(Exception):
    """The letter must stay dead, since its handler would fail again; the message says why."""


class UnreadableEventQueue:
    """The dead-letter queue of the outbox; a letter is the event's place and text as JSON."""

    def __init__(self, client: SQSClient, prefix: str) -> None:
        self._client = client
        self._name = f"{prefix}-{OUTBOX}-dlq"

    def put(self, entry: StoredEvent, reason: str) -> None:
        """Send the letter."""
        self._client.send_message(
            # Asked for only now, which is rarely: a worker may start before its queues are made.
            QueueUrl=self._client.get_queue_url(QueueName=self._name)["QueueUrl"],
            MessageBody=entry.to_json(),
            MessageAttributes=reason_attribute(reason),
        )


def log_left(message: Message, reason: str) -> None:
    """What is done about a letter that stays, unless a caller does more."""
    logger.warning("a dead letter was not sent back", message_id=message.id, reason=reason)


class DeadLetters:
    """The dead-letter queue ``dead``; ``send_back`` sends a letter to where it came from."""

    def __init__(self, dead: Queue, send_back: Callable[[Message], None]) -> None:
        self._dead = dead
        self._send_back = send_back

    @classmethod
    def of(
        cls, client: SQSClient, queue: str, send_back: Callable[[Message], None] | None = None
    ) -> DeadLetters:
        """Those of the SQS queue with that full name; ``send_back`` replaces sending to it."""
        dead = SqsQueue(client, f"{queue}-dlq")
        return cls(dead, send_back or _sender(SqsQueue(client, queue)))

    def count(self) -> int:
        """About how many messages are in the dead-letter queue."""
        return self._dead.depth()

    def peek(self, limit: int) -> Iterator[Message]:
        """Up to ``limit`` messages. Other receivers do not see them for 5 seconds."""
        for batch in self._batches(limit, _PEEK_VISIBILITY_SECONDS):
            yield from batch

    def look(self, limit: int) -> list[Message]:
        """Up to ``limit`` messages, which every other receiver sees again at once."""
        found = [*self.peek(limit)]
        for message in found:
            self._dead.extend(message, 0)
        return found

    def redrive(
        self,
        message_id: str | None,
        before: Callable[[Message], None],
        limit: int = MAX_MESSAGES,
        left: Callable[[Message, str], None] = log_left,
    ) -> int:
        """Send one message, or all for None, back to the queue it came from; returns how many.

        ``before`` is called with each message before it is sent; where it raises LeftDead, the
        message stays, and ``left`` is called with the reason. Looks at ``limit`` messages.
        """
        moved = 0
        for message in self._chosen(message_id, limit):
            try:
                before(message)
            except LeftDead as reason:
                left(message, str(reason))  # still hidden, so that it is not received once more
                continue
            # Sent before it is deleted: a crash in between makes a duplicate, but loses nothing.
            self._send_back(message)
            self._dead.delete(message)
            moved += 1
        return moved

    def discard(
        self,
        message_id: str | None,
        before: Callable[[Message], None] = lambda _: None,
        limit: int = MAX_MESSAGES,
    ) -> int:
        """Delete one message, or all for None, for good; returns how many.

        ``before`` is called with each message before it is deleted. Looks at ``limit`` messages.
        """
        gone = 0
        for message in self._chosen(message_id, limit):
            before(message)
            self._dead.delete(message)
            gone += 1
        return gone

    def _chosen(self, message_id: str | None, limit: int) -> Iterator[Message]:
        for batch in self._batches(limit, _MOVE_VISIBILITY_SECONDS):
            chosen = [message for message in batch if message_id in {None, message.id}]
            for message in batch:
                if message not in chosen:
                    # Visible again at once: SQS cannot receive by id, so others were received too.
                    self._dead.extend(message, 0)
            yield from chosen
            if message_id and chosen:
                return

    def _batches(self, limit: int, visibility_seconds: int) -> Iterator[Sequence[Message]]:
        # Bounded by the count at the beginning: messages that become visible again would otherwise
        # be received for ever.
        left = min(limit, self.count())
        while left > 0:
            batch = self._dead.receive(min(left, MAX_BATCH), 1, visibility_seconds)
            if not batch:
                return
            yield batch
            left -= len(batch)


def _sender(queue: Queue) -> Callable[[Message], None]:
    return lambda message: queue.send(message.body, group=message.group)


def put_into_outbox(message: Message, log: EventLog) -> None:
    """Let the relays try the event of a letter of ``UnreadableEventQueue`` again."""
    place = json.loads(message.body)
    log.mark_unpublished(place["stream"], place["version"])


def reopen(
    message: Message,
    jobs: JobRepository,
    by: str = "operator",
    reason: str = "dead letter sent back",
) -> None:
    """Reopen the job that a dead letter is about: the job failed when the message was given up.

    Without it the annotator would skip the message, because the job has ended. That of a part is
    skipped even so, as its execution is over: the job is begun anew. Raises LeftDead where the
    events of the job cannot be read.
    """
    of_part = job_of(message.body)
    job_id = of_part or _submitted_in(message.body)
    if job_id is None:
        return
    try:
        job = jobs.execute(job_id, Reopen(by, reason))
    except IllegalStep:
        return  # the job ended in another way, so the annotator will skip the message
    except BROKEN_STREAM as fault:
        raise LeftDead(f"the events of job {job_id} cannot be read: {fault}") from None
    if of_part and job.status is JobStatus.SUBMITTED:
        jobs.publish_again(job_id)


def _submitted_in(body: str) -> str | None:
    try:
        event = CATALOGUE.parse(body)
    except UNREADABLE:
        return None
    return event.data.job_id if isinstance(event.data, JobSubmitted) else None
