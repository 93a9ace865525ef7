"""What happened lately: times and types of the newest events, for operators.

The index by time has only keys, so the types are read from the events themselves: bounded, never
the whole log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from gas.aws.items import plain, wire
from gas.events import first_id_at, time_of_id
from gas.eventstore.dynamo_log import OUTBOX_SHARDS, hour_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_HOUR = timedelta(hours=1)
_MAX_BATCH = 100  # of one BatchGetItem
_STREAM = {"#stream": "stream", "#type": "type"}  # reserved words


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
        keys: list[dict[str, Any]] = []
        after = first_id_at(before - hours * _HOUR)
        for back in range(hours + 1):
            moment = before - back * _HOUR
            keys += sorted(
                self._of_hour(moment, before, limit), key=lambda key: key["event_id"], reverse=True
            )
            if len(keys) >= limit:
                break
        wanted = [key for key in keys[:limit] if key["event_id"] >= after]
        batches = (wanted[n : n + _MAX_BATCH] for n in range(0, len(wanted), _MAX_BATCH))
        return [found for batch in batches for found in self._types(batch)]

    def _of_hour(self, moment: datetime, before: datetime, limit: int) -> list[dict[str, Any]]:
        found = []
        for shard in OUTBOX_SHARDS:
            page = self._client.query(
                TableName=self._table,
                IndexName="by-time",
                KeyConditionExpression="#hour = :hour AND event_id < :before",
                ExpressionAttributeNames={"#hour": "hour"},
                ExpressionAttributeValues=wire(
                    {":hour": hour_of(moment, shard), ":before": first_id_at(before)}
                ),
                ScanIndexForward=False,
                Limit=limit,
            )
            found += [plain(item) for item in page["Items"]]
        return found

    def _types(self, keys: Sequence[dict[str, Any]]) -> list[RecentEvent]:
        answer = self._client.batch_get_item(
            RequestItems={
                self._table: {
                    "Keys": [
                        wire({"stream": key["stream"], "version": key["version"]}) for key in keys
                    ],
                    "ProjectionExpression": "#stream, version, event_id, #type",
                    "ExpressionAttributeNames": _STREAM,
                }
            }
        )
        rows = [plain(item) for item in answer["Responses"].get(self._table, [])]
        rows.sort(key=lambda row: str(row["event_id"]), reverse=True)
        moments = ((time_of_id(str(row["event_id"])), row) for row in rows)
        return [RecentEvent(at, str(row.get("type", ""))) for at, row in moments if at]
