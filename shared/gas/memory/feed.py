"""Where new events are, in memory."""

from __future__ import annotations

from datetime import datetime, timedelta

from gas.events import first_id_at
from gas.eventstore.log import EventKey
from gas.memory.log import MemoryDatabase

_AHEAD = timedelta(seconds=1)  # ids can be ahead of the clock


class MemoryEventFeed:
    """The newest part of the log."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    def since(self, after: datetime, now: datetime) -> list[EventKey]:
        first, end = first_id_at(after), first_id_at(now + _AHEAD)
        with self._db.lock:
            return [
                EventKey(entry.stream, entry.version, entry.event_id)
                for stream in self._db.streams.values()
                for entry in stream
                if first <= entry.event_id < end
            ]
