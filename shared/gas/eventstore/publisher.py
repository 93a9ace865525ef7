"""Publishing committed events to SNS, and the relay that publishes what a crash left behind."""

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
    """Delivers an event, at least once and in any order, to every consumer of its type."""

    def publish(self, event: Event) -> None:
        """Hand the event over; it is safe with the bus when this returns."""


def attributes(event: Event) -> dict[str, str]:
    """What subscriptions may filter on."""
    lane = {"lane": str(event.data.lane)} if isinstance(event.data, JobSubmitted) else {}
    return {"type": event.type, **lane}


class SnsEventBus:
    """The topic ``gas-events``; consumers filter on the attributes ``type`` and ``lane``."""

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
            MessageGroupId=event.data.user_id,  # standard queues share fairly between groups
        )


def publish_committed(log: EventLog, bus: EventBus, event: Event) -> None:
    """Publish an event that stands in the log, then clear its mark.

    A failure is logged and no more: the mark stands, so the relay will publish the event.
    """
    try:
        bus.publish(event)
        log.mark_published(event)
    except AwsError as error:
        logger.warning("event left to the relay", event_id=event.id, error=str(error))
