"""The port of the event log: events are appended in one transaction with their projection row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from gas.events import Event
from gas.eventstore.guards import Guard
from gas.eventstore.rows import Row


class Conflict(Exception):
    """Another writer was first: load the stream again and decide anew."""


class EventLog(Protocol):
    """An append-only log of streams, with the projection kept in step."""

    def read(self, stream: str) -> list[Event]:
        """All events of ``stream`` in order, as of now (strongly consistent)."""

    def append(self, events: Sequence[Event], row: Row, guards: Sequence[Guard] = ()) -> None:
        """Commit ``events`` of one stream, its ``row`` and the ``guards``: all or nothing.

        Raises Conflict if a version exists already, GuardFailed if a guard does not hold.
        """

    def unpublished(self, before: datetime, limit: int) -> list[Event]:
        """Up to ``limit`` events committed before that moment and not yet known as published."""

    def mark_published(self, event: Event) -> None:
        """Take ``event`` out of the outbox; harmless when repeated."""

    def streams(self) -> Iterator[str]:
        """The name of every stream, in no order."""
