"""The event log: appended in one transaction with the projection row and the decision's guards.

``EventLog`` is the port, ``DynamoEventLog`` the implementation on DynamoDB. An event carries the
mark ``unpublished`` from its commit until it was published: the table is its own outbox.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from gas.events import CATALOGUE, Event, Plan, first_id_at
from gas.platform.rows import Item, Row, plain, wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OUTBOX_SHARDS = ("0", "1", "2", "3")
_STREAM = {"#stream": "stream"}  # a reserved word of DynamoDB's expressions
_MAX_EVENTS = 90  # of the 100 actions that one transaction may hold


class Conflict(Exception):
    """Another writer was first: load the stream again and decide anew."""


@dataclass(frozen=True, slots=True)
class PlanIs:
    """At the moment of the commit the account must be on ``plan``, and as it was when decided.

    A plan that was changed and changed back in between is another one: its grace period is new.
    """

    user_id: str
    plan: Plan
    account_version: int


@dataclass(frozen=True, slots=True)
class ClaimUpload:
    """The upload must not have become a job yet; with the commit it becomes ``job_id``."""

    upload_id: str
    job_id: str


@dataclass(frozen=True, slots=True)
class ClaimKey:
    """The user's idempotency key must be new; with the commit it stands for ``job_id``."""

    user_id: str
    key: str
    job_id: str
    expires_at: int

    @property
    def upload_id(self) -> str:
        """Where the key is kept: a row of ``gas-uploads`` beside the uploads it is about."""
        return idempotency_row(self.user_id, self.key)


Guard = PlanIs | ClaimUpload | ClaimKey


def idempotency_row(user_id: str, key: str) -> str:
    """The ``upload_id`` of the row that remembers an idempotency key of that user."""
    return f"key/{user_id}/{key}"


class GuardFailed(Exception):
    """A condition that the decision rested on no longer holds; nothing was written."""

    def __init__(self, guard: Guard) -> None:
        super().__init__(f"{guard} does not hold")
        self.guard = guard


class EventLog(Protocol):
    """An append-only log of streams, with the projection kept in step."""

    def read(self, stream: str) -> list[Event]:
        """All events of ``stream`` in order, as of now (strongly consistent)."""

    def append(self, events: Sequence[Event], row: Row, guards: Sequence[Guard] = ()) -> None:
        """Commit ``events`` of one stream, its ``row`` and the ``guards``: all or nothing.

        Raises Conflict if a version exists already, GuardFailed if a guard does not hold.
        """

    def unpublished(self, before: datetime, limit: int) -> list[Event]:
        """Up to ``limit`` events committed before that moment and not yet known as published."""

    def mark_published(self, event: Event) -> None:
        """Take ``event`` out of the outbox; harmless when repeated."""

    def streams(self) -> Iterator[str]:
        """The name of every stream, in no order."""


class DynamoEventLog:
    """The log in the table ``<prefix>-events``."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._table = f"{prefix}-events"

    def read(self, stream: str) -> list[Event]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="#stream = :stream",
            ExpressionAttributeNames=_STREAM,
            ExpressionAttributeValues={":stream": {"S": stream}},
            ConsistentRead=True,
        )
        return [CATALOGUE.parse(item["event"]["S"]) for page in pages for item in page["Items"]]

    def append(self, events: Sequence[Event], row: Row, guards: Sequence[Guard] = ()) -> None:
        if not 0 < len(events) <= _MAX_EVENTS:
            raise ValueError(f"{len(events)} events cannot be one transaction")
        actions = [self._put_event(event) for event in events]
        actions.append(self._put_row(row))
        actions += [self._guard(guard) for guard in guards]
        try:
            self._client.transact_write_items(TransactItems=actions)
        except self._client.exceptions.TransactionCanceledException as error:
            reasons = error.response.get("CancellationReasons", [])
            self._explain([reason.get("Code", "None") for reason in reasons], guards, error)

    def _explain(self, codes: list[str], guards: Sequence[Guard], error: ClientError) -> None:
        # An existing version comes first: it may be our own commit, whose answer was lost.
        own = codes[: len(codes) - len(guards)]
        if "ConditionalCheckFailed" in own or "TransactionConflict" in codes:
            raise Conflict(str(codes)) from None
        for guard, code in zip(guards, codes[len(own) :], strict=True):
            if code == "ConditionalCheckFailed":
                raise GuardFailed(guard) from None
        raise error

    def _put_event(self, event: Event) -> Any:
        shard = OUTBOX_SHARDS[int(event.id[-1], 16) % len(OUTBOX_SHARDS)]
        item = wire(
            {
                "stream": event.subject,
                "version": event.streamversion,
                "event_id": event.id,
                "type": event.type,
                "event": event.to_json(),
                "unpublished": shard,
                "hour": f"{event.time:%Y-%m-%dT%H}#{shard}",
            }
        )
        return {
            "Put": {
                "TableName": self._table,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(version)",
            }
        }

    def _put_row(self, row: Row) -> Any:
        return {
            "Put": {
                "TableName": f"{self._prefix}-{row.table}",
                "Item": row.item,
                "ConditionExpression": "attribute_not_exists(version) OR version < :version",
                "ExpressionAttributeValues": {":version": row.item["version"]},
            }
        }

    def _guard(self, guard: Guard) -> Any:
        match guard:
            case PlanIs(user_id, plan, account_version):
                return {
                    "ConditionCheck": {
                        "TableName": f"{self._prefix}-accounts",
                        "Key": wire({"user_id": user_id}),
                        "ConditionExpression": "#plan = :plan AND version = :version",
                        "ExpressionAttributeNames": {"#plan": "plan"},
                        "ExpressionAttributeValues": wire(
                            {":plan": str(plan), ":version": account_version}
                        ),
                    }
                }
            case ClaimUpload(upload_id, job_id):
                return {
                    "Update": {
                        "TableName": f"{self._prefix}-uploads",
                        "Key": wire({"upload_id": upload_id}),
                        # A claimed upload is kept for good: submitting it again gives its job.
                        "UpdateExpression": "SET job_id = :job REMOVE expires_at",
                        "ConditionExpression": "attribute_exists(upload_id)"
                        " AND attribute_not_exists(job_id)",
                        "ExpressionAttributeValues": wire({":job": job_id}),
                    }
                }
            case ClaimKey(job_id=job_id, expires_at=expires_at):
                return {
                    "Put": {
                        "TableName": f"{self._prefix}-uploads",
                        "Item": wire(
                            {
                                "upload_id": guard.upload_id,
                                "job_id": job_id,
                                "expires_at": expires_at,
                            }
                        ),
                        "ConditionExpression": "attribute_not_exists(upload_id)",
                    }
                }

    def unpublished(self, before: datetime, limit: int) -> list[Event]:
        keys: list[Item] = []
        for shard in OUTBOX_SHARDS:
            page = self._client.query(
                TableName=self._table,
                IndexName="unpublished",
                KeyConditionExpression="unpublished = :shard AND event_id < :before",
                ExpressionAttributeValues=wire({":shard": shard, ":before": first_id_at(before)}),
                Limit=limit,
            )
            keys += page["Items"]
        found = (self._still_unpublished(key) for key in keys[:limit])
        return [event for event in found if event is not None]

    def _still_unpublished(self, key: Item) -> Event | None:
        # The index lags behind the table: only the table knows whether the mark still stands.
        answer = self._client.get_item(
            TableName=self._table,
            Key={"stream": key["stream"], "version": key["version"]},
            ConsistentRead=True,
        )
        item = answer.get("Item", {})
        return CATALOGUE.parse(item["event"]["S"]) if "unpublished" in item else None

    def mark_published(self, event: Event) -> None:
        self._client.update_item(
            TableName=self._table,
            Key=wire({"stream": event.subject, "version": event.streamversion}),
            UpdateExpression="REMOVE unpublished",
        )

    def streams(self) -> Iterator[str]:
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table,
            FilterExpression="version = :first",
            ExpressionAttributeValues=wire({":first": 1}),
            ProjectionExpression="#stream",
            ExpressionAttributeNames=_STREAM,
        )
        for page in pages:
            for item in page["Items"]:
                yield plain(item)["stream"]
