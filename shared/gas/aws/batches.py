"""Reads of many items of one table in one request."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gas.aws.items import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST = 100  # keys of one request
_REQUESTS = 10
_PAUSE_SECONDS = 0.05


class NotAllRead(Exception):
    """DynamoDB is too busy to answer for all keys."""


def read_many(
    client: DynamoDBClient, table: str, keys: Sequence[Any], *, consistent: bool = True
) -> Iterator[Item]:
    """The items that exist of up to 100 keys, in no order. Raises NotAllRead."""
    if len(keys) > _MOST:
        raise ValueError(f"a batch takes {_MOST} keys at most, not {len(keys)}")
    wanted: Any = {table: {"Keys": list(keys), "ConsistentRead": consistent}} if keys else {}
    for attempt in range(_REQUESTS):
        if not wanted:
            return
        if attempt:
            time.sleep(_PAUSE_SECONDS * attempt)
        answer = client.batch_get_item(RequestItems=wanted)
        yield from answer["Responses"].get(table, [])
        wanted = answer.get("UnprocessedKeys")
    if wanted:
        raise NotAllRead(table)
