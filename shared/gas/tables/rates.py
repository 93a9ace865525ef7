"""Counts for rate limits: how often something was done in the window of time that runs now.

A count that is lost only lets somebody do a little more, so it is in no backup.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gas.aws.items import Item, plain, wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_WINDOWS = 20_000
"""Counts that a process keeps; beyond, those that began first are forgotten."""


@dataclass(frozen=True, slots=True)
class Window:
    """``hits`` since the window began; it ends at ``ends_at``, in seconds since 1970."""

    hits: int
    ends_at: int


class RateTable(Protocol):
    """The table ``gas-rates``. Times are in seconds since 1970, given by the caller."""

    def add(self, key: str, amount: int, now: int, seconds: int) -> Window:
        """Count ``amount`` more; begins a window of ``seconds`` if none of that key runs."""

    def get(self, key: str, now: int) -> Window | None:
        """The window of that key that runs, strongly consistent, or None."""


class LocalRateTable:
    """The counts of one process, which only it sees; at most ``most`` of them."""

    def __init__(self, most: int = MOST_WINDOWS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._windows: dict[str, Window] = {}

    def add(self, key: str, amount: int, now: int, seconds: int) -> Window:
        with self._lock:
            known = self._windows.get(key)
            if known is None or known.ends_at <= now:
                self._windows.pop(key, None)  # so that the oldest window is the first of the dict
                known = Window(0, now + seconds)
            self._windows[key] = Window(known.hits + amount, known.ends_at)
            if len(self._windows) > self._most:
                del self._windows[next(iter(self._windows))]
            return Window(known.hits + amount, known.ends_at)

    def get(self, key: str, now: int) -> Window | None:
        window = self._windows.get(key)
        return window if window and now < window.ends_at else None


class DynamoRateTable:
    """``gas-rates`` in DynamoDB, which deletes windows some time after they ended (TTL)."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-rates"

    def add(self, key: str, amount: int, now: int, seconds: int) -> Window:
        # Of two tasks that begin a window at once, one finds the other's when it counts again.
        return (
            self._count(key, amount, now)
            or self._begin(key, amount, now, now + seconds)
            or self._count(key, amount, now)
            or Window(amount, now + seconds)  # deleted in between, by whoever
        )

    def get(self, key: str, now: int) -> Window | None:
        answer = self._client.get_item(
            TableName=self._table, Key=wire({"rate": key}), ConsistentRead=True
        )
        window = _window(answer["Item"]) if "Item" in answer else None
        return window if window and now < window.ends_at else None

    def _count(self, key: str, amount: int, now: int) -> Window | None:
        """Add to the window that runs; None if none does."""
        change = "ADD hits :amount"
        return self._update(key, change, "ends_at > :now", {":amount": amount, ":now": now})

    def _begin(self, key: str, amount: int, now: int, ends_at: int) -> Window | None:
        """Begin a window; None if one runs."""
        change = "SET hits = :amount, ends_at = :end"
        values = {":amount": amount, ":end": ends_at, ":now": now}
        return self._update(key, change, "attribute_not_exists(rate) OR ends_at <= :now", values)

    def _update(
        self, key: str, change: str, condition: str, values: dict[str, int]
    ) -> Window | None:
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=wire({"rate": key}),
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeValues=wire(values),
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return _window(answer["Attributes"])


def _window(item: Item) -> Window:
    values = plain(item)
    return Window(int(values["hits"]), int(values["ends_at"]))
