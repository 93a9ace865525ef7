"""Projection rows as an operator handles them: all of them, rebuilt or compared with the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gas.platform.journal import ACCOUNT, JOB
from gas.platform.log import EventLog
from gas.platform.rows import Item, Row, plain, wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEYS = {"jobs": ("user_id", "job_id"), "accounts": ("user_id",)}
_STREAM_ID = {"jobs": ("job", "job_id"), "accounts": ("account", "user_id")}
_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the log says. ``what`` says how, for a person."""

    stream: str
    what: str


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


def rebuild(log: EventLog, tables: ProjectionTables) -> tuple[int, int]:
    """Write every row from the log, and drop rows that no stream accounts for.

    Safe while the services run. Gives the numbers of rows written and dropped.
    """
    written = 0
    for stream in log.streams():
        row = folded(log, stream)
        written += bool(row and tables.put(row))
    dropped = 0
    for row in tables.rows():
        if not log.read(stream_of(row)):
            tables.delete(row)
            dropped += 1
    return written, dropped


def verify(log: EventLog, tables: ProjectionTables) -> Iterator[Difference]:
    """Every row that differs from the fold of its stream, lacks, or should not be there."""
    for stream in log.streams():
        if complaint := _compare(log, tables, stream):
            yield Difference(stream, complaint)
    for row in tables.rows():
        if not log.read(stream_of(row)):
            yield Difference(stream_of(row), "the row has no events")


def _compare(log: EventLog, tables: ProjectionTables, stream: str) -> str | None:
    complaint = None
    for _ in range(_LOOKS):  # a stream that grows between two reads is no difference
        row = folded(log, stream)
        if row is None:
            return None
        found = tables.get(row)
        if found == row.item:
            return None
        if found is None:
            complaint = "the row is missing"
        else:
            names = sorted(
                name for name in {*row.item, *found} if row.item.get(name) != found.get(name)
            )
            complaint = f"the row differs in {', '.join(names)}"
    return complaint
