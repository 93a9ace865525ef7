"""The event log: appended in one transaction with the projection row and the decision's guards.

``EventLog`` is the port, ``DynamoEventLog`` the implementation on DynamoDB. An event carries the
mark ``unpublished`` from its commit until it was published: the table is its own outbox.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from gas.aws.items import Item, plain, wire
from gas.events import CATALOGUE, Event, first_id_at
from gas.eventstore.rows import Row

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from gas.eventstore.guards import ClaimKey, ClaimUpload, Guard, GuardFailed, PlanIs
from gas.eventstore.log import Conflict

OUTBOX_SHARDS = ("0", "1", "2", "3")
_STREAM = {"#stream": "stream"}  # a reserved word of DynamoDB's expressions
_MAX_EVENTS = 90  # of the 100 actions that one transaction may hold


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
