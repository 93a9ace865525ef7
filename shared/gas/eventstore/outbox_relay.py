"""The relay publishes committed events whose publisher died before it could."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from gas.aws.errors import AwsError
from gas.eventstore.log import EventLog
from gas.eventstore.publisher import EventBus, publish_committed

logger = structlog.get_logger()

RELAY_BATCH = 100


class OutboxRelay:
    """Publishes, every ``seconds``, what has been unpublished for longer than that."""

    def __init__(
        self, log: EventLog, bus: EventBus, *, seconds: float, now: Callable[[], datetime]
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
