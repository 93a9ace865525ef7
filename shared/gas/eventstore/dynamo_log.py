"""The event log in DynamoDB: events, projection row and guards are written in one transaction.

An event has the attribute ``unpublished`` from its commit until it was published. So the table is
its own outbox: an event cannot be committed without being put there.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from gas.aws.batches import get_all
from gas.aws.errors import error_code
from gas.aws.items import Item, end_of, plain, start_of, wire
from gas.events import CATALOGUE, Event, first_id_at, time_of_id
from gas.eventstore.by_time import hour_of, newest_before
from gas.eventstore.guards import AccountIsOpen, ClaimKey, ClaimUpload, Guard, GuardFailed, PlanIs
from gas.eventstore.log import Conflict, EventKey, StoredEvent
from gas.eventstore.rows import Row
from gas.eventstore.sweep import Page, Segment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OUTBOX_SHARDS = ("0", "1", "2", "3")
"""Partition keys of the index ``unpublished``: a single one would limit the rate of all appends."""

_STREAM = {"#stream": "stream"}  # a reserved word of DynamoDB's expressions
_HEX = frozenset("0123456789abcdef")
_HOUR = timedelta(hours=1)
_MAX_EVENTS = 90  # a transaction has 100 actions at most: the rest is for the row and the guards


class MarksLeft(BotoCoreError):
    """DynamoDB did not remove all events of a batch from the outbox."""

    fmt = "DynamoDB left events in the outbox: {codes}"


class DynamoEventLog:
    """The log in the table ``<prefix>-events``; see ``EventLog``."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._table = f"{prefix}-events"

    def read(self, stream: str) -> list[Event]:
        return [CATALOGUE.parse(entry.text) for entry in self.stored(stream)]

    def stored(self, stream: str) -> list[StoredEvent]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="#stream = :stream",
            ExpressionAttributeNames=_STREAM,
            ExpressionAttributeValues={":stream": {"S": stream}},
            ConsistentRead=True,
        )
        return [_stored(item) for page in pages for item in page["Items"]]

    def append(
        self, events: Sequence[Event], row: Row | None, guards: Sequence[Guard] = ()
    ) -> None:
        if not 0 < len(events) <= _MAX_EVENTS:
            raise ValueError(f"a transaction takes 1 to {_MAX_EVENTS} events, not {len(events)}")
        actions = [self._put_event(event) for event in events]
        actions += [self._put_row(row)] if row else []
        actions += [self._guard(guard) for guard in guards]
        try:
            self._client.transact_write_items(TransactItems=actions)
        except self._client.exceptions.TransactionCanceledException as error:
            reasons = error.response.get("CancellationReasons", [])
            self._raise_reason([reason.get("Code", "None") for reason in reasons], guards, error)

    def _raise_reason(self, codes: list[str], guards: Sequence[Guard], error: ClientError) -> None:
        # DynamoDB gives one code for each action, in their order: events, row, guards.
        own = codes[: len(codes) - len(guards)]
        # Conflict before GuardFailed: the existing version may be our own commit, whose answer was
        # lost. Its guards then fail too (the upload is claimed, by us), but the command succeeded.
        # TransactionConflict: another transaction had one of the items at that moment; try again.
        if "ConditionalCheckFailed" in own or "TransactionConflict" in codes:
            raise Conflict(str(codes)) from None
        for guard, code in zip(guards, codes[len(own) :], strict=True):
            if code == "ConditionalCheckFailed":
                raise GuardFailed(guard) from None
        raise error

    def _put_event(self, event: Event) -> Any:
        shard = _shard(event.id)
        item = wire(
            {
                "stream": event.subject,
                "version": event.streamversion,
                "event_id": event.id,
                "type": event.type,
                "event": event.to_json(),
                # The mark of the outbox; ``mark_published`` removes it.
                "unpublished": shard,
                "hour": hour_of(event.time, shard),
            }
        )
        return {
            "Put": {
                "TableName": self._table,
                "Item": item,
                # The key is stream and version: of two writers at the same version one fails.
                "ConditionExpression": "attribute_not_exists(version)",
            }
        }

    def _put_row(self, row: Row) -> Any:
        return {
            "Put": {
                "TableName": f"{self._prefix}-{row.table}",
                "Item": row.item,
                # A row never goes back to an older version.
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
            case AccountIsOpen(user_id):
                return {
                    "ConditionCheck": {
                        "TableName": f"{self._prefix}-accounts",
                        "Key": wire({"user_id": user_id}),
                        "ConditionExpression": "attribute_not_exists(closed_at)",
                    }
                }
            case ClaimUpload(upload_id, job_id):
                return {
                    "Update": {
                        "TableName": f"{self._prefix}-uploads",
                        "Key": wire({"upload_id": upload_id}),
                        # No expiry: submitting the same upload again must always return its job.
                        "UpdateExpression": "SET job_id = :job REMOVE expires_at",
                        "ConditionExpression": "attribute_exists(upload_id)"
                        " AND attribute_not_exists(job_id)",
                        "ExpressionAttributeValues": wire({":job": job_id}),
                    }
                }
            case ClaimKey():
                return {
                    "Put": {
                        "TableName": f"{self._prefix}-uploads",
                        "Item": wire(
                            {
                                "upload_id": guard.upload_id,
                                "job_id": guard.job_id,
                                "expires_at": guard.expires_at,
                                "body_sha256": guard.body_sha256,
                            }
                        ),
                        "ConditionExpression": "attribute_not_exists(upload_id)",
                    }
                }

    def unpublished(self, before: datetime, limit: int) -> list[StoredEvent]:
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
        return [entry for entry in found if entry is not None]

    def _still_unpublished(self, key: Item) -> StoredEvent | None:
        # The index lags behind the table and may still list events that were published.
        answer = self._client.get_item(
            TableName=self._table,
            Key={"stream": key["stream"], "version": key["version"]},
            ConsistentRead=True,
        )
        item = answer.get("Item", {})
        return _stored(item) if "unpublished" in item else None

    def mark_published(self, stream: str, version: int) -> None:
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._table,
                Key=_key(stream, version),
                UpdateExpression="REMOVE unpublished",
                ConditionExpression="attribute_exists(version)",  # else it would make an item
            )

    def mark_all_published(self, places: Sequence[tuple[str, int]]) -> None:
        if len(places) == 1:
            self.mark_published(*places[0])
            return
        # No other request updates many items without a transaction, which costs twice as much.
        statement = f'UPDATE "{self._table}" REMOVE unpublished WHERE "stream" = ? AND version = ?'
        statements: Any = [
            {"Statement": statement, "Parameters": [{"S": stream}, {"N": str(version)}]}
            for stream, version in places
        ]
        try:
            answer = self._client.batch_execute_statement(Statements=statements)
        except ClientError as error:
            if error_code(error) != "UnknownOperationException":
                raise
            for place in places:  # LocalStack knows no PartiQL
                self.mark_published(*place)
            return
        codes = {done.get("Error", {}).get("Code") for done in answer["Responses"]}
        if left := codes - {None, "ConditionalCheckFailed"}:  # that one: there is no such event
            raise MarksLeft(codes=", ".join(sorted(map(str, left))))

    def mark_unpublished(self, stream: str, version: int) -> None:
        for entry in self.stored(stream):
            if entry.version == version:
                self._client.update_item(
                    TableName=self._table,
                    Key=_key(stream, version),
                    UpdateExpression="SET unpublished = :shard",
                    ExpressionAttributeValues=wire({":shard": _shard(entry.event_id)}),
                )

    def newest(self, after: datetime, before: datetime) -> EventKey | None:
        hour = before
        while hour > after - _HOUR:
            found = [key for shard in OUTBOX_SHARDS for key in self._last(hour, shard, before)]
            if found:
                last = max(found, key=lambda key: key.id)
                return last if last.time >= after else None
            hour -= _HOUR
        return None

    def _last(self, hour: datetime, shard: str, before: datetime) -> list[EventKey]:
        keys = newest_before(self._client, self._table, hour_of(hour, shard), before, 1)
        # Another hand may have written an id that is none.
        return [key for key in keys if time_of_id(key.id)]

    def event_page(self, segment: Segment, after: str | None) -> Page[StoredEvent]:
        # Of the table itself, not of its index by time: decision 44.
        answer = self._client.scan(
            TableName=self._table,
            ProjectionExpression="#stream, version, event_id, event",
            ExpressionAttributeNames=_STREAM,
            ConsistentRead=True,
            Segment=segment.number,
            TotalSegments=segment.total,
            **start_of(after),
        )
        return Page([_stored(item) for item in answer["Items"]], end_of(answer))

    def begun(self, streams: Sequence[str]) -> set[str]:
        keys = [wire({"stream": stream, "version": 1}) for stream in streams]
        found = get_all(self._client, self._table, keys, names=("stream", "version"))
        return {item["stream"]["S"] for item in found}


def _shard(event_id: str) -> str:
    digit = event_id[-1:]
    # Another hand may have written an id that is none.
    return OUTBOX_SHARDS[int(digit, 16) % len(OUTBOX_SHARDS)] if digit in _HEX else "0"


def _key(stream: str, version: int) -> Any:
    # By hand: another hand may have written a version that is no whole number.
    return {"stream": {"S": stream}, "version": {"N": str(version)}}


def _stored(item: Item) -> StoredEvent:
    # An item that another hand wrote may lack its text, or have bytes there: it is unreadable then.
    texts = (item.get(name, {}).get("S", "") for name in ("event_id", "event"))
    return StoredEvent(item["stream"]["S"], plain(item)["version"], *texts)
