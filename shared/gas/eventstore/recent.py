"""What happened lately: times and types of the newest events, for operators.

The index by time has only keys, so the types are read from the events themselves: bounded, never
the whole log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from gas.aws.batches import get_all
from gas.aws.items import wire
from gas.events import first_id_at, time_of_id
from gas.eventstore.by_time import hour_of, newest_before
from gas.eventstore.dynamo_log import OUTBOX_SHARDS
from gas.eventstore.log import EventKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_HOUR = timedelta(hours=1)
_MAX_BATCH = 100  # of one BatchGetItem


@dataclass(frozen=True, slots=True)
class RecentEvent:
    """When an event was made, and its type."""

    at: datetime
    type: str


class RecentEvents(Protocol):
    """The newest events of the log."""

    def newest(self, before: datetime, hours: int, limit: int) -> list[RecentEvent]:
        """Up to ``limit`` events of so many hours before that moment, the newest first.

        Eventually consistent.
        """


class DynamoRecentEvents:
    """The newest events of ``<prefix>-events``."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-events"

    def newest(self, before: datetime, hours: int, limit: int) -> list[RecentEvent]:
        keys: list[EventKey] = []
        after = first_id_at(before - hours * _HOUR)
        for back in range(hours + 1):
            moment = before - back * _HOUR
            found = self._of_hour(moment, before, limit)
            keys += sorted(found, key=lambda key: key.id, reverse=True)
            if len(keys) >= limit:
                break
        wanted = [key for key in keys[:limit] if key.id >= after]
        batches = (wanted[n : n + _MAX_BATCH] for n in range(0, len(wanted), _MAX_BATCH))
        return [event for batch in batches for event in self._types(batch)]

    def _of_hour(self, moment: datetime, before: datetime, limit: int) -> list[EventKey]:
        partitions = [hour_of(moment, shard) for shard in OUTBOX_SHARDS]
        pages = (newest_before(self._client, self._table, p, before, limit) for p in partitions)
        return [key for page in pages for key in page]

    def _types(self, keys: Sequence[EventKey]) -> list[RecentEvent]:
        places = [wire({"stream": key.stream, "version": key.version}) for key in keys]
        names = ("event_id", "type")
        rows = [
            {name: item.get(name, {}).get("S", "") for name in names}
            for item in get_all(self._client, self._table, places, names, consistent=False)
        ]
        rows.sort(key=lambda row: row["event_id"], reverse=True)
        moments = ((time_of_id(row["event_id"]), row) for row in rows)
        return [RecentEvent(at, row["type"]) for at, row in moments if at]
