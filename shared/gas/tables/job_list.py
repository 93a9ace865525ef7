"""What lists show of a user's jobs: small values, read once, and then by what has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from gas.aws.items import Item, wire
from gas.domain.job import Job, JobStatus
from gas.eventstore.rows import sortable_time

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MAX_QUERIES = 40  # of 1 MB each: some 28,000 jobs
_SHOWN = (
    "job_id, version, #status, #input.filename, #input.size_bytes, #input.etag, #bundle,"
    " submitted_at, deletion_due, bundle_version, #counts.#records"
)
_NAMES = {f"#{name}": name for name in ("status", "input", "bundle", "counts", "records")}


@dataclass(frozen=True, slots=True)
class ListedJob:
    """A job as a list shows it; ``records`` is None before it is completed.

    ``bundle_version`` is ``NAME@VERSION`` of the bundle that it ran on, None before it has started.
    ``deletion_due`` is when it will be deleted. ``submitted_at`` and the order of ids agree: the
    newest job has the greatest id.
    """

    job_id: str
    version: int
    status: JobStatus
    filename: str
    size_bytes: int
    bundle: str
    submitted_at: datetime
    records: int | None = None
    deletion_due: datetime | None = None
    bundle_version: str | None = None

    @property
    def bundles(self) -> frozenset[str]:
        """The bundle that was asked for, and the name of the one that it ran on."""
        return frozenset((self.bundle, (self.bundle_version or self.bundle).partition("@")[0]))

    @property
    def is_gone(self) -> bool:
        """True for what its user has deleted, also while that can still be taken back."""
        return self.status is JobStatus.DELETED or self.deletion_due is not None


@dataclass(frozen=True, slots=True)
class Listed:
    """Jobs, in no order; ``is_complete`` is False where there are more than were asked for."""

    jobs: tuple[ListedJob, ...]
    is_complete: bool


class JobListTable(Protocol):
    """The projection ``gas-jobs``, read for lists."""

    def newest(self, user_id: str, most: int) -> Listed:
        """Up to ``most`` of the user's jobs that are not deleted; the oldest may be missing.

        Strongly consistent. Reads all rows of the user, 40 MB at most.
        """

    def changed(self, user_id: str, since: datetime, most: int) -> Listed:
        """Up to ``most`` of the user's jobs that changed since; also what was deleted.

        Eventually consistent. A row that was written before rows had ``changed_at`` is not found
        until its job changes or the rows are rebuilt.
        """


def listed(job: Job) -> ListedJob:
    """What lists show of the job."""
    return ListedJob(
        job_id=job.job_id,
        version=job.version,
        status=job.status,
        filename=job.input.filename,
        size_bytes=job.input_bytes,
        bundle=job.bundle,
        submitted_at=job.submitted_at,
        records=job.counts.get("records") if job.counts else None,
        deletion_due=job.deletion_due,
        bundle_version=job.bundle_version,
    )


class DynamoJobListTable:
    """The lists of ``gas-jobs`` in DynamoDB."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-jobs"

    def newest(self, user_id: str, most: int) -> Listed:
        return self._read(
            {
                "KeyConditionExpression": "user_id = :user",
                "FilterExpression": "#status <> :deleted",
                "ProjectionExpression": _SHOWN,
                "ExpressionAttributeNames": _NAMES,
                "ExpressionAttributeValues": wire(
                    {":user": user_id, ":deleted": str(JobStatus.DELETED)}
                ),
                "ScanIndexForward": False,
                "ConsistentRead": True,
            },
            most,
        )

    def changed(self, user_id: str, since: datetime, most: int) -> Listed:
        return self._read(
            {
                "IndexName": "changed",
                "KeyConditionExpression": "user_id = :user AND changed_at > :since",
                "ExpressionAttributeValues": wire(
                    {":user": user_id, ":since": sortable_time(since)}
                ),
                "Limit": most + 1,
            },
            most,
        )

    def _read(self, query: dict[str, Any], most: int) -> Listed:
        found: list[ListedJob] = []
        query["TableName"] = self._table
        for _ in range(_MAX_QUERIES):
            answer = self._client.query(**query)
            found += [_from(item) for item in answer["Items"]]
            last = answer.get("LastEvaluatedKey")
            if last is None or len(found) > most:
                return Listed(tuple(found[:most]), last is None and len(found) <= most)
            query["ExclusiveStartKey"] = last
        return Listed(tuple(found[:most]), False)


def _from(item: Item) -> ListedJob:
    """By hand: the general way back from the wire form takes five times as long for 10,000."""
    file = item["input"]["M"]
    records = item.get("counts", {}).get("M", {}).get("records")
    due, ran_on = item.get("deletion_due"), item.get("bundle_version")
    return ListedJob(
        job_id=item["job_id"]["S"],
        version=int(item["version"]["N"]),
        status=JobStatus(item["status"]["S"]),
        filename=file["filename"]["S"],
        size_bytes=int(file["size_bytes"]["N"]) if file["etag"]["S"] else 0,
        bundle=item["bundle"]["S"],
        submitted_at=datetime.fromisoformat(item["submitted_at"]["S"]),
        records=int(records["N"]) if records else None,
        deletion_due=datetime.fromisoformat(due["S"]) if due else None,
        bundle_version=ran_on["S"] if ran_on else None,
    )
