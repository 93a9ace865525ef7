"""Signs of worker processes: each says about once a minute that it is there, and what it does.

They are for operators, and may be lost: nothing else reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from gas.aws.items import Item, plain, wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

GONE_AFTER = timedelta(minutes=3)
"""A process that has not been heard of for so long is taken for one that has ended."""
_KEPT = timedelta(hours=1)
_CONSUMER = "workers"


@dataclass(frozen=True, slots=True)
class WorkerSign:
    """What a process says of one queue that it consumes.

    ``handling`` is how many messages it works at. The message that it took last had waited for
    ``waited_seconds`` at ``taken_at``, delays on purpose included; both None before the first.
    """

    service: str
    queue: str
    host: str
    pid: int
    started_at: datetime
    seen_at: datetime
    handling: int
    taken_at: datetime | None = None
    waited_seconds: float | None = None

    @property
    def id(self) -> str:
        """The process and its queue."""
        return f"{self.queue}/{self.host}/{self.pid}"


class PresenceTable(Protocol):
    """The newest sign of each process and queue."""

    def say(self, sign: WorkerSign) -> None:
        """Keep the sign, in place of an earlier one."""

    def present(self, now: datetime, limit: int) -> list[WorkerSign]:
        """Up to ``limit`` processes that were heard of in the last three minutes, by queue."""


class DynamoPresenceTable:
    """Signs in the table ``<prefix>-inbox`` of DynamoDB, which forgets them after an hour."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-inbox"

    def say(self, sign: WorkerSign) -> None:
        values: dict[str, Any] = {
            "consumer": _CONSUMER,
            "event_id": sign.id,
            "service": sign.service,
            "queue": sign.queue,
            "host": sign.host,
            "pid": sign.pid,
            "started_at": sign.started_at.isoformat(),
            "seen_at": sign.seen_at.isoformat(),
            "handling": sign.handling,
            "expires_at": int((sign.seen_at + _KEPT).timestamp()),
        }
        if sign.taken_at is not None and sign.waited_seconds is not None:
            values |= {
                "taken_at": sign.taken_at.isoformat(),
                "waited_milliseconds": round(sign.waited_seconds * 1000),
            }
        self._client.put_item(TableName=self._table, Item=wire(values))

    def present(self, now: datetime, limit: int) -> list[WorkerSign]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="consumer = :consumer",
            FilterExpression="seen_at > :since",
            ExpressionAttributeValues=wire(
                {
                    ":consumer": _CONSUMER,
                    ":since": (now - GONE_AFTER).astimezone(UTC).isoformat(),
                }
            ),
            PaginationConfig={"MaxItems": limit},
        )
        return [_sign(item) for page in pages for item in page["Items"]]


def _sign(item: Item) -> WorkerSign:
    row = plain(item)
    waited = row.get("waited_milliseconds")
    return WorkerSign(
        row["service"],
        row["queue"],
        row["host"],
        int(row["pid"]),
        datetime.fromisoformat(row["started_at"]),
        datetime.fromisoformat(row["seen_at"]),
        int(row["handling"]),
        datetime.fromisoformat(row["taken_at"]) if "taken_at" in row else None,
        None if waited is None else int(waited) / 1000,
    )
