"""Where new events are in the log, of all streams, for a process that follows it.

By an index that lags behind, and an id is made before its event is committed. So each question goes
back some seconds, and an event may be named twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from gas.eventstore.by_time import hour_of, since
from gas.eventstore.dynamo_log import OUTBOX_SHARDS
from gas.eventstore.log import EventKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_HOUR = timedelta(hours=1)
_MAX_HOURS = 2


class EventFeed(Protocol):
    """Reads the newest part of the log."""

    def since(self, after: datetime, now: datetime) -> list[EventKey]:
        """Where the events of after that moment are; of the last two hours at most, unordered.

        A part of them where there are very many: 1 MB for each hour and shard.
        """


class DynamoEventFeed:
    """The index ``by-time`` of ``<prefix>-events``; four queries, eight around a full hour."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-events"

    def since(self, after: datetime, now: datetime) -> list[EventKey]:
        found: list[EventKey] = []
        first = max(after, now - _MAX_HOURS * _HOUR).replace(minute=0, second=0, microsecond=0)
        hours = [first + n * _HOUR for n in range(_MAX_HOURS + 1) if first + n * _HOUR <= now]
        for hour in hours:
            for shard in OUTBOX_SHARDS:
                found += since(self._client, self._table, hour_of(hour, shard), after)
        return found
