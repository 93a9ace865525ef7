"""Claims of effects that leave the system (a mail, a paid retrieval), so that each happens once.

A consumer claims an event, has its effect, then completes the claim. A claim that was not completed
(the process died in between) can be taken over after ``claim_seconds``. That is the one case in
which an effect may happen twice, so ``claim_seconds`` must be longer than the effect can take.
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
"""How long a claim is kept (TTL): as long as SQS keeps a message (``ecs/data.yaml``)."""

# Values stored in the table. They and the table's name keep their old words: rows outlive releases.
_CLAIMED = "claimed"
_COMPLETED = "settled"


class Claim(Enum):
    """The answer to ``EffectClaims.claim``; the value says what the caller has to do."""

    OURS = "have the effect, then complete the claim"
    INHERITED = "its owner died before completing: check if the effect happened, if not have it"
    DONE = "do nothing: the effect happened before"
    TAKEN = "try later: another process has the claim, or died a moment ago"


class EffectClaims(Protocol):
    """The claims of one consumer."""

    @property
    def claim_seconds(self) -> int:
        """Seconds until a claim that was not completed can be taken over."""

    def claim(self, event_id: str) -> Claim:
        """Try to become the one process that has the effect of the event."""

    def release(self, event_id: str) -> None:
        """Give up a claim whose effect has not happened, so that it can be claimed at once.

        No effect on a completed one.
        """

    def complete(self, event_id: str) -> None:
        """Record that the effect has happened; idempotent."""


class DynamoEffectClaims:
    """Claims in the table ``<prefix>-inbox`` of DynamoDB."""

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
            # One conditional write decides: of two processes that claim at once, one succeeds.
            before = self._client.put_item(
                TableName=self._table,
                Item=wire(self._key_and_ttl(event_id) | {"state": _CLAIMED, "claimed_at": now}),
                ConditionExpression="attribute_not_exists(event_id)"
                " OR (#state = :claimed AND claimed_at < :stale)",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=wire(
                    {":claimed": _CLAIMED, ":stale": now - self.claim_seconds}
                ),
                ReturnValues="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return Claim.DONE if self._is_complete(event_id) else Claim.TAKEN
        # The condition let us overwrite an item only if it was a claim that had gone stale.
        return Claim.INHERITED if before.get("Attributes") else Claim.OURS

    def _is_complete(self, event_id: str) -> bool:
        answer = self._client.get_item(
            TableName=self._table,
            Key=wire({"consumer": self._consumer, "event_id": event_id}),
            ConsistentRead=True,
        )
        return plain(answer.get("Item", {})).get("state") == _COMPLETED

    def release(self, event_id: str) -> None:
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=wire({"consumer": self._consumer, "event_id": event_id}),
                ConditionExpression="#state = :claimed",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=wire({":claimed": _CLAIMED}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return  # the effect has happened, or nobody has a claim

    def complete(self, event_id: str) -> None:
        self._client.put_item(
            TableName=self._table, Item=wire(self._key_and_ttl(event_id) | {"state": _COMPLETED})
        )

    def _key_and_ttl(self, event_id: str) -> dict[str, str | int]:
        expires = int((self._now() + KEPT).timestamp())
        return {"consumer": self._consumer, "event_id": event_id, "expires_at": expires}
