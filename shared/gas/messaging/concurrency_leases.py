"""How many jobs of one user run at once: numbered slots, each held by one job for a while.

A slot is a lease: who stops renewing it (a killed process) loses it after ``lease_seconds``. A job
holds one slot at most, so a slot is also what keeps a job from being run twice at the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from gas.aws.items import plain, wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEPT = timedelta(days=1)
_MOST_RACES = 10
_TAKEABLE = "attribute_not_exists(event_id) OR held_until <= :now OR holder = :holder"


@dataclass(frozen=True, slots=True)
class Lease:
    """A slot that ``holder`` has for ``job_id``."""

    user_id: str
    number: int
    job_id: str
    holder: str


@dataclass(frozen=True, slots=True)
class StoredLease:
    """Who has a slot, and until when if it is not renewed."""

    job_id: str
    holder: str
    until: datetime


class AlreadyRunning(Exception):
    """The job itself holds a slot: somebody runs it, or died at it before ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"until {until.isoformat()}")
        self.until = until


class ConcurrencyLeases(Protocol):
    """The slots of all users."""

    @property
    def lease_seconds(self) -> int:
        """How long a slot is held without being renewed."""

    def acquire(self, user_id: str, job_id: str, holder: str, limit: int) -> Lease | None:
        """A free slot of the user's first ``limit``, or None where all are held.

        Raises RunsAlready.
        """

    def renew(self, lease: Lease) -> bool:
        """Hold the slot for another ``lease_seconds``; False if it was lost meanwhile."""

    def release(self, lease: Lease) -> None:
        """Give the slot back; harmless if it was lost."""


def choose(
    leases: Mapping[int, StoredLease], job_id: str, holder: str, limit: int, now: datetime
) -> int | None:
    """The number of the first slot that ``holder`` may take, or None. Raises RunsAlready."""
    live = {number: lease for number, lease in leases.items() if lease.until > now}
    for number, lease in live.items():
        if lease.holder == holder:
            return number  # taken by an earlier call, whose answer was lost
        if lease.job_id == job_id:
            raise AlreadyRunning(lease.until)
    return next((number for number in range(limit) if number not in live), None)


class DynamoConcurrencyLeases:
    """Rows of ``gas-inbox`` under the consumer ``slots/<user>``."""

    def __init__(
        self,
        client: DynamoDBClient,
        prefix: str,
        *,
        lease_seconds: int,
        now: Callable[[], datetime],
    ) -> None:
        self.lease_seconds = lease_seconds
        self._client = client
        self._table = f"{prefix}-inbox"
        self._now = now

    def acquire(self, user_id: str, job_id: str, holder: str, limit: int) -> Lease | None:
        for _ in range(_MOST_RACES):
            number = choose(self._leases(user_id), job_id, holder, limit, self._now())
            if number is None:
                break
            lease = Lease(user_id, number, job_id, holder)
            if self._put(lease, _TAKEABLE):
                return lease
        return None

    def _leases(self, user_id: str) -> dict[int, StoredLease]:
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="consumer = :consumer",
            ExpressionAttributeValues=wire({":consumer": _consumer(user_id)}),
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
            **_key(lease),
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
                Key=wire(_key(lease)),
                ConditionExpression="holder = :holder",
                ExpressionAttributeValues=wire({":holder": lease.holder}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return


def _consumer(user_id: str) -> str:
    return f"slots/{user_id}"


def _key(lease: Lease) -> dict[str, str]:
    return {"consumer": _consumer(lease.user_id), "event_id": f"{lease.number:03}"}


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
