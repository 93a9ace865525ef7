"""What is stored for all users together, for an operator's estimate of costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from gas.aws.items import plain
from gas.events import first_id_at

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_PAGES = 30
"""Of 1 MB: some 200,000 jobs. Beyond that the sum is a lower bound, and says so."""


@dataclass(frozen=True, slots=True)
class Stored:
    """``jobs`` of which something is kept and its ``bytes``; ``new_jobs`` of them are recent.

    ``is_all`` is false where there are more than were counted.
    """

    bytes: int
    jobs: int
    new_jobs: int
    is_all: bool


class StoredTable(Protocol):
    """The index of stored bytes over all users."""

    def total(self, since: datetime) -> Stored:
        """All that is kept; ``new_jobs`` were submitted after ``since``. Eventually consistent."""


def summed(kept: Iterable[tuple[str, int]], since: datetime, *, is_all: bool) -> Stored:
    """The total of pairs of a job's id and its bytes."""
    jobs = list(kept)
    first = first_id_at(since)
    new = sum(job_id >= first for job_id, _ in jobs)
    return Stored(sum(size for _, size in jobs), len(jobs), new, is_all)


class DynamoStoredTable:
    """The index ``stored`` of ``<prefix>-jobs``: no name, no file, only ids and bytes."""

    def __init__(self, client: DynamoDBClient, prefix: str, max_pages: int = MAX_PAGES) -> None:
        self._client = client
        self._table = f"{prefix}-jobs"
        self._max_pages = max_pages

    def total(self, since: datetime) -> Stored:
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table,
            IndexName="stored",
            ProjectionExpression="job_id, stored_bytes",
        )
        kept: list[tuple[str, int]] = []
        is_all = True
        for page in islice(pages, self._max_pages):
            rows = map(plain, page["Items"])
            kept += [(str(row["job_id"]), int(row["stored_bytes"])) for row in rows]
            is_all = "LastEvaluatedKey" not in page
        return summed(kept, since, is_all=is_all)
