"""``gas-personal`` in DynamoDB."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gas.aws.backoff import pause
from gas.aws.items import Item, plain, wire
from gas.domain.job import JobStatus
from gas.tables.personal import (
    MAX_ROWS,
    JobGone,
    LimitReached,
    PersonalRow,
    RowChanged,
    counts_of,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ATTEMPTS = 10  # of a transaction that meets another one
_FAILED_ROUNDS = 100  # of a deletion whose rows others change meanwhile
_COUNTERS = "count/"


class DynamoPersonalTable:
    """``gas-personal`` in DynamoDB. Counters are rows too, changed in the transaction of theirs."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-personal"
        self._jobs = f"{prefix}-jobs"

    def get(self, user_id: str, entry: str) -> PersonalRow | None:
        answer = self._client.get_item(
            TableName=self._table, Key=_key(user_id, entry), ConsistentRead=True
        )
        return _row(answer["Item"]) if "Item" in answer else None

    def page(
        self, user_id: str, prefix: str, limit: int, after: str | None = None
    ) -> list[PersonalRow]:
        # ``after`` has the prefix itself, and a condition on a key has one range only. In ASCII a
        # blank sorts before every character of an entry, a tilde after them.
        first = f"{after} " if after else prefix
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="user_id = :user AND entry BETWEEN :first AND :last",
            ExpressionAttributeValues=wire(
                {":user": user_id, ":first": first, ":last": f"{prefix}~"}
            ),
            ConsistentRead=True,
            PaginationConfig={"MaxItems": limit, "PageSize": limit},
        )
        return [_row(item) for page in pages for item in page["Items"]]

    def by_token(self, token_sha256: str) -> PersonalRow | None:
        found = self._client.query(
            TableName=self._table,
            IndexName="by-token",
            KeyConditionExpression="token_sha256 = :token",
            ExpressionAttributeValues=wire({":token": token_sha256}),
            Limit=1,
        )
        for item in found["Items"]:
            keys = plain(item)
            # The index lags behind the table, and a revoked share must close at once.
            return self.get(keys["user_id"], keys["entry"])
        return None

    def add(
        self, rows: Sequence[PersonalRow], most: Mapping[str, int], *, of_job: str | None = None
    ) -> None:
        if not 0 < len(rows) <= MAX_ROWS:
            raise ValueError(f"a transaction takes 1 to {MAX_ROWS} rows, not {len(rows)}")
        user_id, counts = rows[0].user_id, counts_of(rows)
        for name, number in counts.items():
            if number > most[name]:
                raise LimitReached(name)
        puts = [self._put(row, "attribute_not_exists(entry)", {}) for row in rows]
        counters = [
            self._count(user_id, name, number, most[name] - number)
            for name, number in counts.items()
        ]
        checks = [self._job_exists(user_id, of_job)] if of_job else []
        codes = self._transact([*puts, *counters, *checks])
        if checks and codes[-1]:
            raise JobGone(of_job)
        if any(codes[: len(puts)]):
            raise RowChanged(rows[0].entry)
        for name, code in zip(counts, codes[len(puts) :], strict=False):
            if code:
                raise LimitReached(name)

    def replace(self, row: PersonalRow) -> None:
        try:
            self._client.put_item(**self._put(row, *_has_version(row.version - 1))["Put"])
        except self._client.exceptions.ConditionalCheckFailedException:
            raise RowChanged(row.entry) from None

    def remove(self, row: PersonalRow) -> None:
        if any(self._transact(self._deletes([row]))):
            raise RowChanged(row.entry)

    def remove_all(self, user_id: str, prefix: str) -> int:
        removed = failed = 0
        while rows := self.page(user_id, prefix, MAX_ROWS):
            # A row that changed meanwhile is read again in the next round.
            if not any(self._transact(self._deletes(rows))):
                removed += len(rows)
            elif (failed := failed + 1) == _FAILED_ROUNDS:
                raise RowChanged(prefix)
        self._drop_counters(user_id, f"{_COUNTERS}{prefix.rstrip('/')}")
        return removed

    def _drop_counters(self, user_id: str, prefix: str) -> None:
        after = None
        while counters := self.page(user_id, prefix, MAX_ROWS, after):
            for counter in counters:
                self._drop_counter(user_id, counter.entry)
            after = counters[-1].entry

    def _drop_counter(self, user_id: str, entry: str) -> None:
        deletion = {
            "TableName": self._table,
            "Key": _key(user_id, entry),
            # Against a row that is added at this moment: its counter must stay.
            "ConditionExpression": "counted <= :none",
            "ExpressionAttributeValues": wire({":none": 0}),
        }
        self._transact([{"Delete": deletion}])

    def _deletes(self, rows: Sequence[PersonalRow]) -> list[Any]:
        deletes = []
        for row in rows:
            condition, values = _has_version(row.version)
            deletion = {
                "TableName": self._table,
                "Key": _key(row.user_id, row.entry),
                "ConditionExpression": condition,
                "ExpressionAttributeValues": wire(values),
            }
            deletes.append({"Delete": deletion})
        counts = counts_of(rows).items()
        return deletes + [self._count(rows[0].user_id, name, -number) for name, number in counts]

    def _put(self, row: PersonalRow, condition: str, values: dict[str, Any]) -> Any:
        item: dict[str, Any] = {
            "user_id": row.user_id,
            "entry": row.entry,
            "version": row.version,
            # As text: some back ends refuse empty strings in a map.
            "content": json.dumps(row.content, ensure_ascii=False),
            "counters": list(row.counters),
        }
        if row.token_sha256:
            item["token_sha256"] = row.token_sha256
        # boto3 refuses an empty value for this argument.
        optional = {"ExpressionAttributeValues": wire(values)} if values else {}
        put = {"TableName": self._table, "Item": wire(item), "ConditionExpression": condition}
        return {"Put": put | optional}

    def _count(self, user_id: str, name: str, number: int, most: int | None = None) -> Any:
        update: dict[str, Any] = {
            "TableName": self._table,
            "Key": _key(user_id, _COUNTERS + name),
            "UpdateExpression": "ADD counted :number",
        }
        values = {":number": number}
        if most is not None:
            update["ConditionExpression"] = "attribute_not_exists(counted) OR counted <= :most"
            values[":most"] = most
        return {"Update": update | {"ExpressionAttributeValues": wire(values)}}

    def _job_exists(self, user_id: str, job_id: str) -> Any:
        return {
            "ConditionCheck": {
                "TableName": self._jobs,
                "Key": wire({"user_id": user_id, "job_id": job_id}),
                "ConditionExpression": "attribute_exists(job_id) AND #status <> :deleted",
                "ExpressionAttributeNames": {"#status": "status"},
                "ExpressionAttributeValues": wire({":deleted": str(JobStatus.DELETED)}),
            }
        }

    def _transact(self, actions: list[Any]) -> list[bool]:
        """For each action, True if its condition does not hold; nothing is written then."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._client.transact_write_items(TransactItems=actions)
            except self._client.exceptions.TransactionCanceledException as error:
                reasons = error.response.get("CancellationReasons", [])
                codes = [reason.get("Code", "None") for reason in reasons]
                if "ConditionalCheckFailed" in codes:
                    return [code == "ConditionalCheckFailed" for code in codes]
                # Another transaction had one of the items at that moment: most often a counter.
                if "TransactionConflict" not in codes or attempt == _ATTEMPTS:
                    raise
                pause(attempt)
            else:
                break
        return [False] * len(actions)


def _has_version(version: int) -> tuple[str, dict[str, Any]]:
    return "version = :before", {":before": version}


def _key(user_id: str, entry: str) -> Any:
    return wire({"user_id": user_id, "entry": entry})


def _row(item: Item) -> PersonalRow:
    values = plain(item)
    return PersonalRow(
        user_id=values["user_id"],
        entry=values["entry"],
        version=values.get("version", 0),  # a counter has none
        content=json.loads(values.get("content", "{}")),
        counters=tuple(values.get("counters", ())),
        token_sha256=values.get("token_sha256"),
    )
