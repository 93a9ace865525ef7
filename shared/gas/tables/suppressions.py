"""Suppressions: addresses to which no mail is sent, because mail bounced or was complained about.

An address is stored as its SHA-256, so the table neither lists users nor tells who they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from gas.aws.items import Item, plain, wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef


class Cause(StrEnum):
    """Why mail to an address stopped."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why mail to an address stopped, what its server or reader said, and when."""

    cause: Cause
    detail: str
    at: datetime


class SuppressionTable(Protocol):
    """The table ``gas-suppressions``."""

    def get(self, address: str) -> Suppression | None:
        """Why no mail is sent to the address; None where mail is sent."""

    def add(self, address: str, suppression: Suppression) -> None:
        """Send no mail to the address from now on; idempotent."""

    def remove(self, address: str) -> bool:
        """Send mail to the address again; False where mail was sent all the time."""


def address_key(address: str) -> str:
    """The key of an address: the hexadecimal SHA-256 of what makes it that address."""
    return sha256(address.strip().casefold().encode()).hexdigest()


def suppression_from(item: Item) -> Suppression:
    """The suppression of a row of ``gas-suppressions``."""
    row = plain(item)
    return Suppression(Cause(row["cause"]), row["detail"], datetime.fromisoformat(row["at"]))


class DynamoSuppressionTable:
    """``gas-suppressions`` in DynamoDB."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-suppressions"

    def get(self, address: str) -> Suppression | None:
        answer = self._client.get_item(TableName=self._table, Key=_key(address))
        return suppression_from(answer["Item"]) if "Item" in answer else None

    def add(self, address: str, suppression: Suppression) -> None:
        values = {
            "cause": str(suppression.cause),
            "detail": suppression.detail or "-",  # some emulators refuse empty strings
            "at": suppression.at.isoformat(),
        }
        self._client.put_item(TableName=self._table, Item=_key(address) | wire(values))

    def remove(self, address: str) -> bool:
        answer = self._client.delete_item(
            TableName=self._table, Key=_key(address), ReturnValues="ALL_OLD"
        )
        return bool(answer.get("Attributes"))


def _key(address: str) -> dict[str, AttributeValueTypeDef]:
    return wire({"address": address_key(address)})
