"""The index ``by-time`` of the log: the keys of all streams' events by hour, in shards.

It lags behind the table.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gas.aws.items import wire
from gas.events import first_id_at
from gas.eventstore.log import EventKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def hour_of(moment: datetime, shard: str) -> str:
    """The partition that has the events of that hour, in that shard."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H}#{shard}"


def newest_before(
    client: DynamoDBClient, table: str, partition: str, before: datetime, most: int
) -> list[EventKey]:
    """Up to ``most`` keys of a partition, of events before that moment, the newest first."""
    condition = "#hour = :hour AND event_id < :id"
    values = {":hour": partition, ":id": first_id_at(before)}
    return _keys(client, table, condition, values, ScanIndexForward=False, Limit=most)


def since(client: DynamoDBClient, table: str, partition: str, after: datetime) -> list[EventKey]:
    """The keys of a partition, of events from that moment on; the first 1 MB of them."""
    values = {":hour": partition, ":id": first_id_at(after)}
    return _keys(client, table, "#hour = :hour AND event_id >= :id", values)


def _keys(
    client: DynamoDBClient, table: str, condition: str, values: dict[str, str], **more: Any
) -> list[EventKey]:
    page = client.query(
        TableName=table,
        IndexName="by-time",
        KeyConditionExpression=condition,
        ExpressionAttributeNames={"#hour": "hour"},  # a reserved word
        ExpressionAttributeValues=wire(values),
        **more,
    )
    # By hand: this is read every second, and the general way takes five times as long.
    return [
        EventKey(item["stream"]["S"], int(item["version"]["N"]), item["event_id"]["S"])
        for item in page["Items"]
    ]
