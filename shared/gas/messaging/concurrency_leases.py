"""Concurrency leases: they limit how many jobs of one user run at once.

A user has numbered leases, and each running job holds one. A holder renews its lease; one that
stops renewing (a killed process) loses it after ``lease_seconds``. A job holds at most one lease,
so leases also prevent that a job runs twice at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from gas.aws.items import plain, wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PARTS = "parts"
"""The kind of leases for parts of a file: their ``job_id`` is that of a job, a slash, and which."""

# Old rows are removed by TTL. It must be longer than any lease: TTL must never end a live one.
_KEPT = timedelta(days=1)
# Lost races for a lease before ``acquire`` returns None, which means: try again later.
_MAX_RACES = 10
# The same holder may take its lease again: its first call succeeded, but the answer was lost.
_IS_FREE = "attribute_not_exists(event_id) OR held_until <= :now OR holder = :holder"


@dataclass(frozen=True, slots=True)
class Lease:
    """Lease ``number`` (from 0) of a user, held for a job; each attempt is its own ``holder``."""

    user_id: str
    number: int
    job_id: str
    holder: str


@dataclass(frozen=True, slots=True)
class StoredLease:
    """A lease as it is stored: who holds it, and until when if it is not renewed."""

    job_id: str
    holder: str
    until: datetime


class AlreadyRunning(Exception):
    """Another attempt at the same job holds a lease. If its process died, it ends at ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"another attempt holds a lease until {until.isoformat()}")
        self.until = until


class ConcurrencyLeases(Protocol):
    """The leases of all users."""

    @property
    def lease_seconds(self) -> int:
        """Seconds until a lease ends that is not renewed."""

    def acquire(self, user_id: str, job_id: str, holder: str, limit: int) -> Lease | None:
        """Take a free lease of the user's first ``limit``; None where all are held.

        Raises AlreadyRunning where another holder has a lease for the same job.
        """

    def held(self, user_id: str) -> list[StoredLease]:
        """The user's leases as they are stored, also those that are over."""

    def renew(self, lease: Lease) -> bool:
        """Hold the lease for another ``lease_seconds``; False if another holder has it now."""

    def release(self, lease: Lease) -> None:
        """End the lease; no effect if another holder has it now."""


def choose(
    leases: Mapping[int, StoredLease], job_id: str, holder: str, limit: int, now: datetime
) -> int | None:
    """The number of the first lease that ``holder`` may take, or None. Raises AlreadyRunning.

    Leases with a number from ``limit`` on still count for AlreadyRunning: they were given out
    before the user's plan changed.
    """
    live = {number: lease for number, lease in leases.items() if lease.until > now}
    for number, lease in live.items():
        if lease.holder == holder:
            return number  # an earlier call took it, but its answer was lost
        if lease.job_id == job_id:
            raise AlreadyRunning(lease.until)
    return next((number for number in range(limit) if number not in live), None)


class DynamoConcurrencyLeases:
    """Leases in the table ``<prefix>-inbox`` of DynamoDB, one row for each user and number.

    Those of another ``kind`` are others. The default is the key of before there were several.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        prefix: str,
        *,
        lease_seconds: int,
        now: Callable[[], datetime],
        kind: str = "slots",
    ) -> None:
        self.lease_seconds = lease_seconds
        self._kind = kind
        self._client = client
        self._table = f"{prefix}-inbox"
        self._now = now

    def acquire(self, user_id: str, job_id: str, holder: str, limit: int) -> Lease | None:
        for _ in range(_MAX_RACES):
            number = choose(self._leases(user_id), job_id, holder, limit, self._now())
            if number is None:
                break
            lease = Lease(user_id, number, job_id, holder)
            # Chosen from a read, so the write checks again: another process may have been faster.
            if self._put(lease, _IS_FREE):
                return lease
        return None

    def held(self, user_id: str) -> list[StoredLease]:
        return list(self._leases(user_id).values())

    def _leases(self, user_id: str) -> dict[int, StoredLease]:
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="consumer = :consumer",
            ExpressionAttributeValues=wire({":consumer": self._consumer(user_id)}),
            ConsistentRead=True,
        )
        rows = map(plain, answer["Items"])
        return {
            int(row["event_id"]): StoredLease(
                row["job_id"], row["holder"], datetime.fromtimestamp(row["held_until"] / 1000, UTC)
            )
            for row in rows
        }

    def renew(self, lease: Lease) -> bool:
        return self._put(lease, "holder = :holder")

    def _put(self, lease: Lease, condition: str) -> bool:
        now = self._now()
        values: dict[str, str | int] = {
            **self._key(lease),
            "job_id": lease.job_id,
            "holder": lease.holder,
            "held_until": _milliseconds(now + timedelta(seconds=self.lease_seconds)),
            "expires_at": int((now + _KEPT).timestamp()),
        }
        known = {":now": _milliseconds(now), ":holder": lease.holder}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=wire(values),
                ConditionExpression=condition,
                # DynamoDB refuses values that the expression does not use.
                ExpressionAttributeValues=wire(
                    {name: value for name, value in known.items() if name in condition}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def release(self, lease: Lease) -> None:
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=wire(self._key(lease)),
                ConditionExpression="holder = :holder",
                ExpressionAttributeValues=wire({":holder": lease.holder}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return  # it ended, and another holder took it

    def _consumer(self, user_id: str) -> str:
        return f"{self._kind}/{user_id}"

    def _key(self, lease: Lease) -> dict[str, str]:
        return {"consumer": self._consumer(lease.user_id), "event_id": f"{lease.number:03}"}


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
