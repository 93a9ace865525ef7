"""Reads of the account projection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gas.aws.items import wire
from gas.domain.account import Account
from gas.eventstore.rows import account_from

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class AccountTable(Protocol):
    """The projection ``gas-accounts``."""

    def get(self, user_id: str) -> Account | None:
        """The account, strongly consistent, or None."""


class DynamoAccountTable:
    """``gas-accounts`` in DynamoDB."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-accounts"

    def get(self, user_id: str) -> Account | None:
        answer = self._client.get_item(
            TableName=self._table, Key=wire({"user_id": user_id}), ConsistentRead=True
        )
        item = answer.get("Item")
        return account_from(item) if item else None
