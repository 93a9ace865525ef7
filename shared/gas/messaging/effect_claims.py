"""Marks of effects that leave the system, so that a second delivery does nothing.

A consumer claims an event before the effect and settles the claim after it. A claim that was never
settled (the process died in between) can be taken over when it is ``claim_seconds`` old: that is
the one case in which an effect may happen twice. It must be longer than the effect can take.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from gas.aws.items import plain, wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=14)


class Claim(Enum):
    """What a consumer learns when it wants to act on an event."""

    OURS = "act, then settle"
    INHERITED = "who claimed it died before settling it: see whether it happened, act, then settle"
    DONE = "it was done before"
    TAKEN = "another is at it, or died a moment ago"


class EffectClaims(Protocol):
    """The marks of one consumer."""

    @property
    def claim_seconds(self) -> int:
        """How long a claim keeps others away."""

    def claim(self, event_id: str) -> Claim:
        """Try to become the one who acts on the event."""

    def complete(self, event_id: str) -> None:
        """The effect has happened."""


class DynamoEffectClaims:
    """``gas-inbox`` in DynamoDB."""

    def __init__(
        self,
        client: DynamoDBClient,
        prefix: str,
        consumer: str,
        *,
        claim_seconds: int,
        now: Callable[[], datetime],
    ) -> None:
        self.claim_seconds = claim_seconds
        self._client = client
        self._table = f"{prefix}-inbox"
        self._consumer = consumer
        self._now = now

    def claim(self, event_id: str) -> Claim:
        now = int(self._now().timestamp())
        try:
            before = self._client.put_item(
                TableName=self._table,
                Item=wire(self._mark(event_id) | {"state": "claimed", "claimed_at": now}),
                ConditionExpression="attribute_not_exists(event_id)"
                " OR (#state = :claimed AND claimed_at < :stale)",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=wire(
                    {":claimed": "claimed", ":stale": now - self.claim_seconds}
                ),
                ReturnValues="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return Claim.DONE if self._is_complete(event_id) else Claim.TAKEN
        return Claim.INHERITED if before.get("Attributes") else Claim.OURS

    def _is_complete(self, event_id: str) -> bool:
        answer = self._client.get_item(
            TableName=self._table,
            Key=wire({"consumer": self._consumer, "event_id": event_id}),
            ConsistentRead=True,
        )
        return plain(answer.get("Item", {})).get("state") == "settled"

    def complete(self, event_id: str) -> None:
        self._client.put_item(
            TableName=self._table, Item=wire(self._mark(event_id) | {"state": "settled"})
        )

    def _mark(self, event_id: str) -> dict[str, str | int]:
        expires = int((self._now() + KEPT).timestamp())
        return {"consumer": self._consumer, "event_id": event_id, "expires_at": expires}
