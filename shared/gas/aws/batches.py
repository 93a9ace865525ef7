"""Many items of one or several tables in one request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError

from gas.aws.backoff import pause
from gas.aws.items import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST_TRIES = 8


class BatchUnfinished(BotoCoreError):
    """DynamoDB did not read or write all items of a batch, however often it was asked."""

    fmt = "DynamoDB left {count} items undone in {tries} tries"


def get_all(
    client: DynamoDBClient,
    table: str,
    keys: Sequence[Item],
    names: Iterable[str] = (),
    *,
    consistent: bool = True,
) -> list[Item]:
    """The items with those keys (100 at most, all different), in any order.

    With ``names`` only those attributes. Raises BatchUnfinished while DynamoDB throttles.
    """
    wanted: Any = {"Keys": list(keys), "ConsistentRead": consistent}
    if names:
        # Placeholders: a name may be a reserved word.
        wanted["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
        wanted["ProjectionExpression"] = ", ".join(wanted["ExpressionAttributeNames"])
    return _read(client, {table: wanted} if keys else {})[table]


def get_each(client: DynamoDBClient, keys: Mapping[str, Item]) -> dict[str, Item]:
    """The items with those keys, of a table each, strongly consistent; without those not there.

    Raises BatchUnfinished.
    """
    wanted = {table: {"Keys": [key], "ConsistentRead": True} for table, key in keys.items()}
    return {table: items[0] for table, items in _read(client, wanted).items() if items}


def put_all(client: DynamoDBClient, table: str, items: Sequence[Item]) -> None:
    """Put items (25 at most, their keys all different) without a condition; no transaction.

    Raises BatchUnfinished while DynamoDB throttles; some are written then.
    """
    left: Any = {table: [{"PutRequest": {"Item": item}} for item in items]} if items else {}
    for tries in range(_MOST_TRIES):
        if not left:
            return
        if tries:
            pause(tries)
        left = client.batch_write_item(RequestItems=left).get("UnprocessedItems")
    if left:
        raise BatchUnfinished(count=len(left[table]), tries=_MOST_TRIES)


def _read(client: DynamoDBClient, wanted: dict[str, Any]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for tries in range(_MOST_TRIES):
        if not wanted:
            return found
        if tries:
            pause(tries)
        answer = client.batch_get_item(RequestItems=wanted)
        for table, items in answer["Responses"].items():
            found[table] += items
        # What it did not read, because of throttling or as the answer would be above 16 MB.
        left = answer.get("UnprocessedKeys", {})
        wanted = {table: {**wanted[table], "Keys": rest["Keys"]} for table, rest in left.items()}
    if wanted:
        count = sum(len(rest["Keys"]) for rest in wanted.values())
        raise BatchUnfinished(count=count, tries=_MOST_TRIES)
    return found
