"""Periods whose events are lost, because the event log was restored to their beginning.

They are kept outside of the log, in the table ``<prefix>-inbox``: it must not be restored with it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from gas.aws.items import plain, wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

UNCOMMITTED_FOR = timedelta(days=1)
"""How long after a file is stored its event may follow.

Twice as long as a message can be held by a consumer (12 hours, SQS's longest visibility timeout).
"""

_CONSUMER = "lost-period"


@dataclass(frozen=True, slots=True)
class LostPeriod:
    """A period whose events the log has lost, in part at least.

    It stays open until an operator closes it: what was stored in it is never deleted meanwhile.
    """

    id: str
    begins: datetime
    ends: datetime
    reason: str

    def concerns(self, stored_at: datetime) -> bool:
        """Whether the event of a file that was stored at that time may be among the lost ones."""
        return self.begins - UNCOMMITTED_FOR <= stored_at <= self.ends


class LostPeriods(Protocol):
    """The open periods of one installation."""

    def open(self, period: LostPeriod) -> None:
        """Record a period; one with the same id is replaced."""

    def all(self) -> list[LostPeriod]:
        """Every open period, strongly consistent, in the order of their ids."""

    def close(self, period_id: str) -> bool:
        """Remove a period; False if there is none with that id."""


class DynamoLostPeriods:
    """Lost periods in the table ``<prefix>-inbox`` of DynamoDB, without a TTL."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-inbox"

    def open(self, period: LostPeriod) -> None:
        times = {"begins": period.begins.isoformat(), "ends": period.ends.isoformat()}
        item = {"consumer": _CONSUMER, "event_id": period.id, "reason": period.reason}
        self._client.put_item(TableName=self._table, Item=wire(item | times))

    def all(self) -> list[LostPeriod]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="consumer = :consumer",
            ExpressionAttributeValues=wire({":consumer": _CONSUMER}),
            ConsistentRead=True,
        )
        return [_period(plain(item)) for page in pages for item in page["Items"]]

    def close(self, period_id: str) -> bool:
        before = self._client.delete_item(
            TableName=self._table,
            Key=wire({"consumer": _CONSUMER, "event_id": period_id}),
            ReturnValues="ALL_OLD",
        )
        return bool(before.get("Attributes"))


def concerned(stored_at: datetime, periods: list[LostPeriod]) -> LostPeriod | None:
    """The first period in which the event of a file may have been lost, or None."""
    return next((period for period in periods if period.concerns(stored_at)), None)


def described(period: LostPeriod) -> dict[str, str]:
    """The period as JSON types, for operators."""
    return {name: str(value) for name, value in asdict(period).items()}


def _period(values: dict[str, str]) -> LostPeriod:
    begins, ends = (datetime.fromisoformat(values[name]) for name in ("begins", "ends"))
    return LostPeriod(values["event_id"], begins, ends, values["reason"])
