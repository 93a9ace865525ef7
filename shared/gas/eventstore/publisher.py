"""The one place where events are published: to the SNS topic, after they were committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import structlog

from gas.aws.errors import AwsError
from gas.events import Event, JobSubmitted
from gas.eventstore.log import EventLog

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

logger = structlog.get_logger()


class EventBus(Protocol):
    """Delivers events, at least once and in any order, to every consumer of their type."""

    def publish(self, event: Event) -> None:
        """Publish the event; when this returns, the bus has stored it durably."""


def attributes(event: Event) -> dict[str, str]:
    """The attributes that subscriptions filter on: ``type``, and ``lane`` of a submission."""
    lane = {"lane": str(event.data.lane)} if isinstance(event.data, JobSubmitted) else {}
    return {"type": event.type, **lane}


class SnsEventBus:
    """The SNS topic with that ARN."""

    def __init__(self, client: SNSClient, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def publish(self, event: Event) -> None:
        self._client.publish(
            TopicArn=self._topic_arn,
            Message=event.to_json(),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in attributes(event).items()
            },
            # Standard SQS queues deliver fairly between message groups, here between users.
            MessageGroupId=event.data.user_id,
        )


def publish_committed(log: EventLog, bus: EventBus, event: Event) -> None:
    """Publish a committed event, then remove it from the outbox.

    Never raises an AWS error: the event stays in the outbox, and the relay will publish it.
    """
    try:
        # In this order: a crash in between publishes twice. The other order would lose the event.
        bus.publish(event)
        log.mark_published(event.subject, event.streamversion)
    except AwsError as error:
        # The command has succeeded with the commit, so its caller must not see a failure.
        logger.warning("event left for the relay", event_id=event.id, error=str(error))
