"""What operators look at, in memory: recent events, stored bytes, counts of queues."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from gas.aws.items import plain
from gas.events import CATALOGUE, time_of_id
from gas.eventstore.recent import RecentEvent
from gas.memory.log import MemoryDatabase
from gas.memory.queue import MemoryQueue
from gas.messaging.queue_counts import QueueCounts
from gas.tables.stored import Stored, summed


class MemoryRecentEvents:
    """The newest events of the log."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    def newest(self, before: datetime, hours: int, limit: int) -> list[RecentEvent]:
        after = before - timedelta(hours=hours)
        with self._db.lock:
            entries = [entry for stream in self._db.streams.values() for entry in stream]
        timed = ((time_of_id(entry.event_id), entry) for entry in entries)
        found = [
            RecentEvent(at, CATALOGUE.parse(entry.text).type)
            for at, entry in timed
            if at and after <= at < before
        ]
        return sorted(found, key=lambda event: event.at, reverse=True)[:limit]


class MemoryStoredTable:
    """The bytes of all users' jobs."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    def total(self, since: datetime) -> Stored:
        with self._db.lock:
            rows = [
                plain({name: item[name] for name in ("job_id", "stored_bytes")})
                for (table, _), item in self._db.rows.items()
                if table == "jobs" and "stored_bytes" in item
            ]
        kept = [(str(row["job_id"]), int(row["stored_bytes"])) for row in rows]
        return summed(kept, since, is_all=True)


class MemoryQueueCounter:
    """Counts queues by their short names; a queue that is not there has no message."""

    def __init__(self, queues: Mapping[str, MemoryQueue]) -> None:
        self._queues = queues

    def count(self, name: str) -> QueueCounts:
        queue = self._queues.get(name)
        return queue.counts() if queue else QueueCounts(0, 0, 0)
