"""Publishing committed events to SNS, and the relay that publishes what a crash left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from gas.events import Event, JobSubmitted
from gas.platform.aws import AwsError
from gas.platform.log import EventLog

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

logger = structlog.get_logger()

RELAY_BATCH = 100


class Bus(Protocol):
    """Delivers an event, at least once and in any order, to every consumer of its type."""

    def publish(self, event: Event) -> None:
        """Hand the event over; it is safe with the bus when this returns."""


def attributes(event: Event) -> dict[str, str]:
    """What subscriptions may filter on."""
    lane = {"lane": str(event.data.lane)} if isinstance(event.data, JobSubmitted) else {}
    return {"type": event.type, **lane}


class SnsBus:
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


def publish_committed(log: EventLog, bus: Bus, event: Event) -> None:
    """Publish an event that stands in the log, then clear its mark.

    A failure is logged and no more: the mark stands, so the relay will publish the event.
    """
    try:
        bus.publish(event)
        log.mark_published(event)
    except AwsError as error:
        logger.warning("event left to the relay", event_id=event.id, error=str(error))


class Relay:
    """Publishes, every ``seconds``, what has been unpublished for longer than that."""

    def __init__(
        self, log: EventLog, bus: Bus, *, seconds: float, now: Callable[[], datetime]
    ) -> None:
        self._log = log
        self._bus = bus
        self._seconds = seconds
        self._now = now

    def sweep(self) -> int:
        """Publish one batch; gives the number of events that were left behind."""
        before = self._now() - timedelta(seconds=self._seconds)
        left_behind = self._log.unpublished(before, RELAY_BATCH)
        for event in left_behind:
            logger.info("relaying an event left behind", event_id=event.id, type=event.type)
            publish_committed(self._log, self._bus, event)
        return len(left_behind)

    def run(self, stop: threading.Event) -> None:
        """Sweep until ``stop`` is set; a full batch is followed by the next at once."""
        full = False
        while not stop.wait(0 if full else self._seconds):
            try:
                full = self.sweep() == RELAY_BATCH
            except AwsError as error:
                full = False
                logger.warning("the outbox could not be swept", error=str(error))
