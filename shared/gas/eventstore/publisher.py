"""The one place where events are published: to the SNS topic, after they were committed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from botocore.exceptions import BotoCoreError

from gas.aws.errors import AwsError
from gas.aws.gathering import Deferred, Gathered
from gas.events import Event, JobSubmitted
from gas.eventstore.log import MOST_MARKS, EventLog

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

logger = structlog.get_logger()

# Limits of one request: Amazon SNS API reference, "PublishBatch".
_MAX_BATCH = 10
_MAX_BYTES = 250_000  # SNS counts 262,144 bytes, with names and types of attributes
_ATTRIBUTE_BYTES = 200
_LINGER_SECONDS = 0.02

_Entry = dict[str, Any]  # the arguments of a request to publish


class NotPublished(BotoCoreError):
    """SNS refused one event of a batch; the others were published."""

    fmt = "SNS refused the event: {code}"


class EventBus(Protocol):
    """Delivers events, at least once and in any order, to every consumer of their type."""

    def publish(self, event: Event) -> None:
        """Publish the event; when this returns, the bus has stored it durably."""


def attributes(event: Event) -> dict[str, str]:
    """The attributes that subscriptions filter on: ``type``, and ``lane`` of a submission."""
    lane = {"lane": str(event.data.lane)} if isinstance(event.data, JobSubmitted) else {}
    return {"type": event.type, **lane}


class SnsEventBus:
    """The SNS topic with that ARN. What several threads publish at once is one request."""

    def __init__(self, client: SNSClient, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn
        self._gathered = Gathered(
            self._publish_all, most=_MAX_BATCH, linger_seconds=_LINGER_SECONDS
        )

    def publish(self, event: Event) -> None:
        self._gathered.submit(event)

    def _publish_all(self, events: Sequence[Event]) -> list[BaseException | None]:
        errors: list[BaseException | None] = []
        for batch in _batches([_entry(event) for event in events]):
            errors += self._publish_batch(batch)
        return errors

    def _publish_batch(self, entries: list[_Entry]) -> list[BaseException | None]:
        if len(entries) == 1:
            self._client.publish(TopicArn=self._topic_arn, **entries[0])
            return [None]
        numbered: Any = [{"Id": str(n), **entry} for n, entry in enumerate(entries)]
        answer = self._client.publish_batch(
            TopicArn=self._topic_arn, PublishBatchRequestEntries=numbered
        )
        refused = {failed["Id"]: failed["Code"] for failed in answer.get("Failed", [])}
        return [
            NotPublished(code=refused[str(n)]) if str(n) in refused else None
            for n in range(len(entries))
        ]


def _entry(event: Event) -> _Entry:
    return {
        "Message": event.to_json(),
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value}
            for name, value in attributes(event).items()
        },
        # Standard SQS queues deliver fairly between message groups, here between users.
        "MessageGroupId": event.data.user_id,
    }


def _batches(entries: list[_Entry]) -> Iterator[list[_Entry]]:
    """The entries in batches that SNS takes, whose texts are at most 256 KB together."""
    batch: list[_Entry] = []
    size = 0
    for entry in entries:
        own = len(entry["Message"].encode()) + _ATTRIBUTE_BYTES
        if batch and size + own > _MAX_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += own
    if batch:
        yield batch


class Marks(Protocol):
    """Removes events from the outbox: the log itself, or ``DeferredMarks``."""

    def mark_published(self, stream: str, version: int) -> None:
        """Remove the event with that place from the outbox; idempotent."""


class DeferredMarks:
    """Removes events from the outbox within ``seconds``, many in one request.

    An event whose process dies before is published once more, by the relay. So the relay must
    leave younger events than ``seconds`` alone.
    """

    def __init__(self, log: EventLog, seconds: float) -> None:
        self._deferred = Deferred(log.mark_all_published, most=MOST_MARKS, seconds=seconds)

    def mark_published(self, stream: str, version: int) -> None:
        self._deferred.add((stream, version))

    def flush(self) -> None:
        """Remove now those that are left: the process ends."""
        self._deferred.flush()


def publish_committed(marks: Marks, bus: EventBus, event: Event) -> None:
    """Publish a committed event, then remove it from the outbox.

    Never raises an AWS error: the event stays in the outbox, and the relay will publish it.
    """
    try:
        # In this order: a crash in between publishes twice. The other order would lose the event.
        bus.publish(event)
        marks.mark_published(event.subject, event.streamversion)
    except AwsError as error:
        # The command has succeeded with the commit, so its caller must not see a failure.
        logger.warning("event left for the relay", event_id=event.id, error=str(error))
