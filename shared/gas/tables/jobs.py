"""Reads of the job projection: one job, a user's jobs by page, jobs that wait for something."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from gas.aws.batches import get_all
from gas.aws.items import plain, wire
from gas.domain.job import Job, JobStatus
from gas.events import Lane
from gas.eventstore.rows import COLD, RESTORED, job_from, restored_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Queries for one page of jobs: a filter on a rare status may find nothing in many of them. After so
# many the page is returned as it is, with a cursor, so that no request takes seconds.
_MAX_QUERIES = 20
# Of the index of stored bytes: 1 MB each, some 7,000 jobs.
_MAX_STORED_PAGES = 5


class BadCursor(ValueError):
    """The cursor was not returned with an earlier page."""


@dataclass(frozen=True, slots=True)
class Page:
    """Jobs, newest first; ``cursor`` leads to the next page, None at the end.

    A page may have fewer jobs than the limit, or none, and still be followed by another.
    """

    jobs: tuple[Job, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class UnfinishedJob:
    """A job that waits for something; ``at`` is its sort key, see ``gas.eventstore.rows``."""

    user_id: str
    job_id: str
    at: str


class JobTable(Protocol):
    """The projection ``gas-jobs``. Reads of indexes are eventually consistent, and say so."""

    def get(self, user_id: str, job_id: str) -> Job | None:
        """The user's job, strongly consistent; None if there is none, or it is another user's."""

    def get_many(self, user_id: str, job_ids: Sequence[str]) -> list[Job]:
        """Those of up to 100 of the user's jobs that exist, in that order, strongly consistent."""

    def page(
        self, user_id: str, *, limit: int, cursor: str | None, status: JobStatus | None
    ) -> Page:
        """Up to ``limit`` of the user's jobs, newest first. Raises BadCursor.

        With a ``status`` only jobs in that status. Without what its user has deleted.
        """

    def with_status(self, user_id: str, status: JobStatus) -> Iterator[Job]:
        """All of the user's jobs in that status, oldest first, strongly consistent."""

    def has_input(self, user_id: str, key: str) -> bool:
        """Whether a job of the user that is not deleted has that input; strongly consistent.

        Reads all rows of the user.
        """

    def open(self, kind: str, before: str, limit: int, after: str = "") -> list[UnfinishedJob]:
        """Up to ``limit`` unfinished jobs of all users with ``after`` < ``at`` < ``before``.

        The smallest ``at`` is first.

        ``kind`` is ``waiting(lane)``, ``running(lane)`` or ``RESTORING`` of
        ``gas.eventstore.rows``. Eventually consistent.
        """

    def waiting(self, user_id: str, lane: Lane, limit: int) -> list[str]:
        """The ids of up to ``limit`` submitted jobs of the user in that lane, oldest first.

        Eventually consistent.
        """

    def count_waiting(self, user_id: str, most: int) -> int:
        """How many submitted jobs the user has in all lanes; counts up to ``most``.

        Eventually consistent.
        """

    def stored_bytes(self, user_id: str, most: int) -> int:
        """The bytes that are kept of the user's jobs; counts up to ``most``.

        Of more than some 30,000 jobs only the largest count. Eventually consistent.
        """

    def restored_after_or_cold(
        self, user_id: str, moment: datetime, job_id: str, limit: int
    ) -> tuple[list[str], list[str]]:
        """Ids of jobs restored from cold storage later, and of archived or restoring ones.

        Later than ``moment``, or at that moment with an id greater than ``job_id``. Up to ``limit``
        jobs of the user in all: first those that are back, in that order, then the others, oldest
        first. Eventually consistent.
        """


class DynamoJobTable:
    """``gas-jobs`` in DynamoDB."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-jobs"

    def get(self, user_id: str, job_id: str) -> Job | None:
        answer = self._client.get_item(
            TableName=self._table,
            Key=wire({"user_id": user_id, "job_id": job_id}),
            ConsistentRead=True,
        )
        item = answer.get("Item")
        return job_from(item) if item else None

    def get_many(self, user_id: str, job_ids: Sequence[str]) -> list[Job]:
        keys = [wire({"user_id": user_id, "job_id": job_id}) for job_id in job_ids]
        found = {job.job_id: job for job in map(job_from, get_all(self._client, self._table, keys))}
        return [found[job_id] for job_id in job_ids if job_id in found]

    def page(
        self, user_id: str, *, limit: int, cursor: str | None, status: JobStatus | None
    ) -> Page:
        query = self._query(user_id, status)
        query |= {"ScanIndexForward": False, "Limit": limit}
        query["FilterExpression"] += " AND attribute_not_exists(deletion_due)"
        start = _last_job_id(cursor) if cursor else None
        found: list[Job] = []
        for _ in range(_MAX_QUERIES):
            if start:
                query["ExclusiveStartKey"] = wire({"user_id": user_id, "job_id": start})
            answer = self._client.query(**query)
            found += [job_from(item) for item in answer["Items"]]
            last = answer.get("LastEvaluatedKey")
            start = plain(last)["job_id"] if last else None
            if start is None or len(found) >= limit:
                break
        if len(found) > limit:
            # The last query found more than was missing: the next page begins after what is shown.
            found = found[:limit]
            start = found[-1].job_id
        return Page(tuple(found), _cursor(start) if start else None)

    def with_status(self, user_id: str, status: JobStatus) -> Iterator[Job]:
        query = self._query(user_id, status)
        for page in self._client.get_paginator("query").paginate(**query, ConsistentRead=True):
            for item in page["Items"]:
                yield job_from(item)

    def has_input(self, user_id: str, key: str) -> bool:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="user_id = :user",
            FilterExpression="#status <> :deleted AND #input.#key = :key",
            ExpressionAttributeNames={"#status": "status", "#input": "input", "#key": "key"},
            ExpressionAttributeValues=wire(
                {":user": user_id, ":deleted": str(JobStatus.DELETED), ":key": key}
            ),
            Select="COUNT",
            ConsistentRead=True,
        )
        return any(page["Count"] for page in pages)

    def open(self, kind: str, before: str, limit: int, after: str = "") -> list[UnfinishedJob]:
        # A condition on a key has one range, and its ends belong to it: a blank sorts before every
        # character of ``at``, so the range begins behind ``after``.
        values = {":kind": kind, ":first": f"{after} ", ":before": before}
        items = self._index(
            "open", "#open = :kind AND open_at BETWEEN :first AND :before", values, limit
        )
        found = [UnfinishedJob(item["user_id"], item["job_id"], item["open_at"]) for item in items]
        return [job for job in found if job.at < before]

    def waiting(self, user_id: str, lane: Lane, limit: int) -> list[str]:
        return [id for _, id in self._between(user_id, f"{lane}/", lane, limit)]

    def count_waiting(self, user_id: str, most: int) -> int:
        answer = self._client.query(
            TableName=self._table,
            IndexName="waiting",
            # Both lanes in one range: the other kinds, COLD and RESTORED, sort before them.
            KeyConditionExpression="user_id = :user AND waiting BETWEEN :first AND :last",
            ExpressionAttributeValues=wire(
                {":user": user_id, ":first": f"{min(Lane)}/ ", ":last": f"{max(Lane)}/~"}
            ),
            Select="COUNT",
            Limit=most,
        )
        return answer["Count"]

    def stored_bytes(self, user_id: str, most: int) -> int:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="stored",
            KeyConditionExpression="user_id = :user",
            ProjectionExpression="stored_bytes",
            ExpressionAttributeValues=wire({":user": user_id}),
            ScanIndexForward=False,  # the largest first, so that a full account is soon known
        )
        found = 0
        for page in islice(pages, _MAX_STORED_PAGES):
            found += sum(int(plain(item)["stored_bytes"]) for item in page["Items"])
            if found >= most:
                break
        return min(most, found)

    def restored_after_or_cold(
        self, user_id: str, moment: datetime, job_id: str, limit: int
    ) -> tuple[list[str], list[str]]:
        # One range of the index: between the two kinds no other one sorts.
        keys = self._between(user_id, restored_key(moment, job_id), COLD, limit)
        back = [id for kind, id in keys if kind.startswith(f"{RESTORED}/")]
        return back, [id for _, id in keys[len(back) :]]

    def _between(self, user_id: str, after: str, kind: str, limit: int) -> list[tuple[str, str]]:
        """The keys of the index ``waiting`` from ``after`` to the last of that kind, and ids."""
        items = self._index(
            "waiting",
            "user_id = :user AND waiting BETWEEN :first AND :last",
            # In ASCII a blank sorts before every character of ids and moments, a tilde after them.
            # So the range begins after ``after`` itself, and ends with the last key of that kind.
            {":user": user_id, ":first": f"{after} ", ":last": f"{kind}/~"},
            limit,
        )
        return [(item["waiting"], item["job_id"]) for item in items]

    def _index(
        self, name: str, condition: str, values: dict[str, str], limit: int
    ) -> Iterator[dict[str, Any]]:
        # DynamoDB refuses names that the expression does not use.
        names: Any = {"ExpressionAttributeNames": {"#open": "open"}} if name == "open" else {}
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=name,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=wire(values),
            PaginationConfig={"MaxItems": limit},
            **names,
        )
        for page in pages:
            yield from map(plain, page["Items"])

    def _query(self, user_id: str, status: JobStatus | None) -> Any:
        wanted = "#status = :status" if status else "#status <> :status"
        return {
            "TableName": self._table,
            "KeyConditionExpression": "user_id = :user",
            "FilterExpression": wanted,
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": wire(
                {":user": user_id, ":status": str(status or JobStatus.DELETED)}
            ),
        }


def _cursor(job_id: str) -> str:
    return base64.urlsafe_b64encode(job_id.encode()).decode().rstrip("=")


def _last_job_id(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        raise BadCursor("this cursor was not returned with an earlier page") from None
