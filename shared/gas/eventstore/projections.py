"""Projection rows for rebuilding and verifying: all rows, read and written by key.

Services write rows through ``repository`` and read them through ``gas.tables``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gas.aws.batches import get_all
from gas.aws.items import Item, end_of, plain, start_of, wire
from gas.events import Event
from gas.eventstore.log import EventLog
from gas.eventstore.repository import ACCOUNT, BUNDLE, JOB, LETTER
from gas.eventstore.rows import Row
from gas.eventstore.sweep import Page, Segment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLES = ("jobs", "accounts")
_KEYS = {"jobs": ("user_id", "job_id"), "accounts": ("user_id",)}
_STREAM_ID = {"jobs": ("job", "job_id"), "accounts": ("account", "user_id")}


class ProjectionTables:
    """The tables ``<prefix>-jobs`` and ``<prefix>-accounts``."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def get(self, row: Row) -> Item | None:
        """The stored item at the row's key, strongly consistent, or None."""
        answer = self._client.get_item(
            TableName=f"{self._prefix}-{row.table}", Key=wire(row.key), ConsistentRead=True
        )
        item: Item | None = answer.get("Item")
        return item

    def get_all(self, rows: Sequence[Row]) -> dict[tuple[str, ...], Item]:
        """The stored items at the keys of up to 100 rows, by table and key; strongly consistent."""
        found: dict[tuple[str, ...], Item] = {}
        for table, names in _KEYS.items():
            # By id: a damaged log may have two streams of one row, and DynamoDB wants each key once
            keys = {row.id: wire(row.key) for row in rows if row.table == table}
            for item in get_all(self._client, f"{self._prefix}-{table}", list(keys.values())):
                found[(table, *(item[name]["S"] for name in names))] = item
        return found

    def put(self, row: Row) -> bool:
        """Write the row, unless a newer version is stored; False in that case."""
        try:
            self._client.put_item(
                TableName=f"{self._prefix}-{row.table}",
                Item=row.item,
                # A service may have written a newer row since the stream was read.
                ConditionExpression="attribute_not_exists(version) OR version <= :version",
                ExpressionAttributeValues={":version": row.item["version"]},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def put_back(self, row: Row, instead_of: int) -> bool:
        """Write the row in place of a newer one of that version; False if that has changed."""
        try:
            self._client.put_item(
                TableName=f"{self._prefix}-{row.table}",
                Item=row.item,
                ConditionExpression="version = :seen",
                ExpressionAttributeValues=wire({":seen": instead_of}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def row_page(self, table: str, segment: Segment, after: str | None) -> Page[Row]:
        """Rows of a segment of a table, in any order; ``item`` has the key attributes only."""
        answer = self._client.scan(
            TableName=f"{self._prefix}-{table}",
            ProjectionExpression=", ".join(_KEYS[table]),
            ConsistentRead=True,
            Segment=segment.number,
            TotalSegments=segment.total,
            **start_of(after),
        )
        return Page([Row(table, plain(item), item) for item in answer["Items"]], end_of(answer))

    def delete(self, row: Row) -> None:
        """Delete the row."""
        self._client.delete_item(TableName=f"{self._prefix}-{row.table}", Key=wire(row.key))


def stream_of(row: Row) -> str:
    """The name of the stream that the row is the projection of."""
    kind, key = _STREAM_ID[row.table]
    return f"{kind}/{row.key[key]}"


def folded(log: EventLog, stream: str) -> Row | None:
    """The row that the stream's events add up to; None for a stream without events or a projection.

    Raises one of ``BROKEN_STREAM``.
    """
    return row_of(stream, log.read(stream))


def row_of(stream: str, events: Sequence[Event]) -> Row | None:
    """The row that those events of the stream add up to; None without events or a projection.

    Raises OutOfOrder.
    """
    if not events:
        return None
    if stream.startswith("job/"):
        job = JOB.fold(events)
        return JOB.row(job) if job else None
    if stream.startswith("letter/"):
        LETTER.fold(events)  # only to see whether it can be read
        return None
    if stream.startswith("bundle/"):
        BUNDLE.fold(events)  # as above
        return None
    account = ACCOUNT.fold(events)
    return ACCOUNT.row(account) if account else None
