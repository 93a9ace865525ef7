"""The port of the event log. Implementations: ``dynamo_log``, ``gas.memory.log``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from gas.events import Event, time_of_id
from gas.eventstore.guards import Guard
from gas.eventstore.rows import Row
from gas.eventstore.sweep import Page, Segment


class Conflict(Exception):
    """Another writer appended first: load the stream again and decide again."""


MOST_MARKS = 25
"""Events that are removed from the outbox in one request: DynamoDB takes so many statements."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
# A letter must fit in a message of SQS, also where each character is escaped.
_MAX_TEXT_CHARACTERS = 30_000


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it is stored: its place in the log, and its text, which may be unreadable."""

    stream: str
    version: int
    event_id: str
    text: str

    @property
    def key(self) -> tuple[str, int]:
        """Its place in the log: stream and version."""
        return self.stream, self.version

    def to_json(self) -> str:
        """Place and text as a JSON object; a very long text is cut, for the log has it whole."""
        place = {"stream": self.stream, "version": self.version, "event_id": self.event_id}
        return json.dumps(place | {"event": self.text[:_MAX_TEXT_CHARACTERS]})


@dataclass(frozen=True, slots=True)
class EventKey:
    """Where an event is in the log; ``id`` begins with its time."""

    stream: str
    version: int
    id: str

    @property
    def time(self) -> datetime:
        """When the event was made, to the millisecond; long ago if its id does not say."""
        return time_of_id(self.id) or _LONG_AGO


class EventLog(Protocol):
    """An append-only log of streams; a stream's projection row changes in the same transaction."""

    def read(self, stream: str) -> list[Event]:
        """All events of ``stream`` in order, strongly consistent; empty if there is none.

        Raises one of ``UNREADABLE`` where an event cannot be read.
        """

    def stored(self, stream: str) -> list[StoredEvent]:
        """All events of ``stream`` as they are stored, readable or not, strongly consistent."""

    def append(
        self, events: Sequence[Event], row: Row | None, guards: Sequence[Guard] = ()
    ) -> None:
        """Commit ``events`` of one stream, its ``row`` and the ``guards``: all or nothing.

        Raises Conflict if a version exists already, GuardFailed if a guard does not hold,
        ValueError if there are no events or too many for one transaction.
        """

    def unpublished(self, before: datetime, limit: int) -> list[StoredEvent]:
        """Up to ``limit`` events committed before that and not marked as published, unordered."""

    def mark_published(self, stream: str, version: int) -> None:
        """Remove the event with that place from the outbox; idempotent."""

    def mark_all_published(self, places: Sequence[tuple[str, int]]) -> None:
        """The same for up to ``MOST_MARKS`` places; those without an event are no error."""

    def mark_unpublished(self, stream: str, version: int) -> None:
        """Put the event with that place into the outbox again; no effect if there is none."""

    def newest(self, after: datetime, before: datetime) -> EventKey | None:
        """The newest event between the two moments, as an index knows it that lags by seconds."""

    def event_page(self, segment: Segment, after: str | None) -> Page[StoredEvent]:
        """All events of a segment of the log, page by page, strongly consistent.

        Streams come in any order; the events of one mostly together and in their order, but a
        page or a segment may end within a stream.
        """

    def begun(self, streams: Sequence[str]) -> set[str]:
        """Those of up to ``BATCH`` streams whose first event there is, strongly consistent."""
