"""Many items of a table in one request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError

from gas.aws.backoff import pause
from gas.aws.items import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST_TRIES = 8


class BatchUnfinished(BotoCoreError):
    """DynamoDB did not read all items of a batch, however often it was asked."""

    fmt = "DynamoDB left {count} keys unread in {tries} tries"


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
    found: list[Item] = []
    for tries in range(_MOST_TRIES):
        if not wanted["Keys"]:
            return found
        if tries:
            pause(tries)
        answer = client.batch_get_item(RequestItems={table: wanted})
        found += answer["Responses"].get(table, [])
        # What it did not read, because of throttling or as the answer would be above 16 MB.
        left = answer.get("UnprocessedKeys", {}).get(table)
        wanted["Keys"] = left["Keys"] if left else []
    if wanted["Keys"]:
        raise BatchUnfinished(count=len(wanted["Keys"]), tries=_MOST_TRIES)
    return found
