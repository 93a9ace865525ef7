"""The port of the event log. Implementations: ``dynamo_log``, ``gas.memory.log``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gas.events import Event, time_of
from gas.eventstore.guards import Guard
from gas.eventstore.rows import Row


class Conflict(Exception):
    """Another writer appended first: load the stream again and decide again."""


@dataclass(frozen=True, slots=True)
class EventKey:
    """Where an event is in the log; ``id`` begins with its time."""

    stream: str
    version: int
    id: str

    @property
    def time(self) -> datetime:
        """When the event was made, to the millisecond."""
        return time_of(self.id)


class EventLog(Protocol):
    """An append-only log of streams; a stream's projection row changes in the same transaction."""

    def read(self, stream: str) -> list[Event]:
        """All events of ``stream`` in order, strongly consistent; empty if there is none."""

    def append(self, events: Sequence[Event], row: Row, guards: Sequence[Guard] = ()) -> None:
        """Commit ``events`` of one stream, its ``row`` and the ``guards``: all or nothing.

        Raises Conflict if a version exists already, GuardFailed if a guard does not hold,
        ValueError if there are no events or too many for one transaction.
        """

    def unpublished(self, before: datetime, limit: int) -> list[Event]:
        """Up to ``limit`` events committed before that and not marked as published, unordered."""

    def mark_published(self, event: Event) -> None:
        """Remove ``event`` from the outbox; idempotent."""

    def newest(self, after: datetime, before: datetime) -> EventKey | None:
        """The newest event between the two moments, as an index knows it that lags by seconds."""

    def streams(self) -> Iterator[str]:
        """The name of every stream, in any order."""
