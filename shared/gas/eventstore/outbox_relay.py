"""The outbox relay: publishes committed events whose own process died before it published them."""

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
"""Events of one sweep: enough to catch up, few enough to hold in memory."""


class OutboxRelay:
    """Every ``seconds``, publishes events that were committed longer than ``seconds`` ago.

    Younger ones are left alone: their own process is most likely about to publish them.
    """

    def __init__(
        self, log: EventLog, bus: EventBus, *, seconds: float, now: Callable[[], datetime]
    ) -> None:
        self._log = log
        self._bus = bus
        self._seconds = seconds
        self._now = now

    def sweep(self) -> int:
        """Publish one batch of unpublished events; returns their number."""
        before = self._now() - timedelta(seconds=self._seconds)
        unpublished = self._log.unpublished(before, RELAY_BATCH)
        for event in unpublished:
            logger.info("relaying an unpublished event", event_id=event.id, type=event.type)
            publish_committed(self._log, self._bus, event)
        return len(unpublished)

    def run(self, stop: threading.Event) -> None:
        """Sweep until ``stop`` is set; a full batch is followed by the next at once."""
        full = False
        while not stop.wait(0 if full else self._seconds):
            try:
                full = self.sweep() == RELAY_BATCH
            except AwsError as error:
                full = False
                logger.warning("sweeping the outbox failed", error=str(error))
