"""The outbox relay: publishes committed events whose own process died before it published them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from gas.aws.errors import AwsError
from gas.events import CATALOGUE, UNREADABLE, Event, InvalidEvent, time_of_id
from gas.eventstore.log import EventLog, StoredEvent
from gas.eventstore.publisher import EventBus, publish_committed

logger = structlog.get_logger()

RELAY_BATCH = 100
"""Events of one sweep: enough to catch up, few enough to hold in memory."""

# How often each process logs the age of the outbox: CloudWatch's own resolution.
_MEASURE_EVERY = timedelta(minutes=1)


class UnreadableEvents(Protocol):
    """Where events go that no relay of this version can publish, for the operator to look at."""

    def put(self, entry: StoredEvent, reason: str) -> None:
        """Keep the event durably, with the reason."""


class OutboxRelay:
    """Every ``seconds``, publishes events that were committed longer than ``seconds`` ago.

    Younger ones are left alone: their own process is most likely about to publish them. What
    cannot be read goes to ``unreadable``, so that it neither ends the relay nor holds up others.
    """

    def __init__(
        self,
        log: EventLog,
        bus: EventBus,
        unreadable: UnreadableEvents,
        *,
        seconds: float,
        now: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._bus = bus
        self._unreadable = unreadable
        self._seconds = seconds
        self._now = now
        self._measured_at: datetime | None = None

    def sweep(self) -> int:
        """Publish one batch of unpublished events; returns their number."""
        before = self._now() - timedelta(seconds=self._seconds)
        unpublished = self._log.unpublished(before, RELAY_BATCH)
        self._measure(unpublished)
        for entry in unpublished:
            try:
                self._relay(entry)
            except Exception as error:
                # A fault of ours that one event brings to light holds up no other.
                logger.exception("event left for the relay", stream=entry.stream, error=str(error))
        return len(unpublished)

    def _relay(self, entry: StoredEvent) -> None:
        try:
            event = _read(entry)
        except UNREADABLE as fault:
            self._set_aside(entry, f"{type(fault).__name__}: {fault}")
            return
        logger.info("relaying an unpublished event", event_id=event.id, type=event.type)
        publish_committed(self._log, self._bus, event)

    def _set_aside(self, entry: StoredEvent, reason: str) -> None:
        try:
            # In this order: a crash in between keeps it twice, the other order would forget it.
            self._unreadable.put(entry, reason)
            self._log.mark_published(*entry.key)
        except AwsError as error:
            logger.warning("unreadable event left in the outbox", error=str(error))
            return
        logger.error(
            "unreadable event set aside",
            stream=entry.stream,
            version=entry.version,
            reason=reason,
            metrics={"unreadable_events": 1},
        )

    def _measure(self, unpublished: Sequence[StoredEvent]) -> None:
        """Log the age of the oldest event, at most once a minute; 0 for an empty outbox."""
        now = self._now()
        if self._measured_at and now - self._measured_at < _MEASURE_EVERY:
            return
        self._measured_at = now
        times = (time_of_id(entry.event_id) for entry in unpublished)
        oldest = min((time for time in times if time), default=now)
        age = max(0.0, (now - oldest).total_seconds())
        logger.info("outbox", metrics={"outbox_age_seconds": age})

    def run(self, stop: threading.Event) -> None:
        """Sweep until ``stop`` is set; a full batch is followed by the next at once."""
        full = False
        while not stop.wait(0 if full else self._seconds):
            try:
                full = self.sweep() == RELAY_BATCH
            except AwsError as error:
                full = False
                logger.warning("sweeping the outbox failed", error=str(error))
            except Exception as error:
                # Without a relay events are lost in silence, so it outlives faults of our own. The
                # alarm on the outbox's age tells if it never gets further.
                full = False
                logger.exception("sweeping the outbox failed", error=str(error))


def _read(entry: StoredEvent) -> Event:
    """Read the event. Raises one of ``UNREADABLE``."""
    event = CATALOGUE.parse(entry.text)
    if (event.subject, event.streamversion) != entry.key:
        # Its mark is at the place where it is stored: published as it is, it would never leave.
        raise InvalidEvent(f"it names itself {event.subject} version {event.streamversion}")
    return event
