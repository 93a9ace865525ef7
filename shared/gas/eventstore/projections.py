"""Projection rows as an operator handles them: all of them, rebuilt or compared with the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gas.aws.items import Item, plain, wire
from gas.eventstore.log import EventLog
from gas.eventstore.repository import ACCOUNT, JOB
from gas.eventstore.rows import Row

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEYS = {"jobs": ("user_id", "job_id"), "accounts": ("user_id",)}
_STREAM_ID = {"jobs": ("job", "job_id"), "accounts": ("account", "user_id")}


class ProjectionTables:
    """The tables ``<prefix>-jobs`` and ``<prefix>-accounts``, whole."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def get(self, row: Row) -> Item | None:
        """What stands at the row's key now."""
        answer = self._client.get_item(
            TableName=f"{self._prefix}-{row.table}", Key=wire(row.key), ConsistentRead=True
        )
        item: Item | None = answer.get("Item")
        return item

    def put(self, row: Row) -> bool:
        """Write the row, unless a newer one stands there; False in that case."""
        try:
            self._client.put_item(
                TableName=f"{self._prefix}-{row.table}",
                Item=row.item,
                ConditionExpression="attribute_not_exists(version) OR version <= :version",
                ExpressionAttributeValues={":version": row.item["version"]},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def rows(self) -> Iterator[Row]:
        """The key of every row of both tables, in no order; ``item`` is the key alone."""
        for table, keys in _KEYS.items():
            pages = self._client.get_paginator("scan").paginate(
                TableName=f"{self._prefix}-{table}",
                ProjectionExpression=", ".join(keys),
                ConsistentRead=True,
            )
            for page in pages:
                for item in page["Items"]:
                    yield Row(table, plain(item), item)

    def delete(self, row: Row) -> None:
        """Remove a row."""
        self._client.delete_item(TableName=f"{self._prefix}-{row.table}", Key=wire(row.key))


def stream_of(row: Row) -> str:
    """The stream that a row is the projection of."""
    kind, key = _STREAM_ID[row.table]
    return f"{kind}/{row.key[key]}"


def folded(log: EventLog, stream: str) -> Row | None:
    """The row that the log gives for a stream; None for a stream without events."""
    events = log.read(stream)
    if not events:
        return None
    if stream.startswith("job/"):
        job = JOB.fold(events)
        return JOB.row(job) if job else None
    account = ACCOUNT.fold(events)
    return ACCOUNT.row(account) if account else None
