"""Progress of running jobs, and how long jobs take at present.

The annotator writes it and the web server shows it. Not part of the projections: it may be lost at
any time without harm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from gas.aws.batches import get_all
from gas.aws.items import plain, wire
from gas.events import Lane

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=1)
"""How long a row is kept without an update (TTL)."""


@dataclass(frozen=True, slots=True)
class Progress:
    """``fraction`` of the input read (0 to 1), ``variants`` annotated so far, in that attempt."""

    fraction: float
    variants: int
    attempt: int
    heartbeat_at: datetime


class ProgressTable(Protocol):
    """The latest progress of each running job, and the pace of each lane."""

    def record(self, job_id: str, fraction: float, variants: int, attempt: int) -> None:
        """Store the progress of an attempt; replaces what was stored."""

    def get(self, job_id: str) -> Progress | None:
        """The progress that was stored last, or None."""

    def get_many(self, job_ids: Sequence[str]) -> dict[str, tuple[float, int]]:
        """Fraction and variants of those of up to 100 jobs that have progress, by id.

        Eventually consistent.
        """

    def begin_parts(self, job_id: str, plan_key: str, attempt: int) -> None:
        """Count the parts of that plan from now on, from none, or go on if they were counted."""

    def part_done(
        self, job_id: str, plan_key: str, number: int, share: float, records: int
    ) -> None:
        """Count a part, once: ``share`` of the job (0 to 1), and so many records.

        No effect if another plan is counted.
        """

    def touch(self, job_id: str) -> None:
        """Record that the job is alive; no effect where it has no progress."""

    def record_pace(self, lane: Lane, seconds: float) -> None:
        """Store how many seconds a job of that lane takes at present."""

    def pace(self, lane: Lane) -> float | None:
        """Seconds that a job of that lane takes, as stored last, or None."""


def _pace_row(lane: Lane) -> str:
    # A row of the same table, under a key that is no job id.
    return f"pace/{lane}"


class DynamoProgressTable:
    """``gas-progress`` in DynamoDB."""

    def __init__(self, client: DynamoDBClient, prefix: str, now: Callable[[], datetime]) -> None:
        self._client = client
        self._table = f"{prefix}-progress"
        self._now = now

    def record(self, job_id: str, fraction: float, variants: int, attempt: int) -> None:
        now = self._now()
        self._client.put_item(
            TableName=self._table,
            Item=wire(
                {
                    "job_id": job_id,
                    "fraction": Decimal(f"{min(max(fraction, 0.0), 1.0):.4f}"),
                    "variants": variants,
                    "attempt": attempt,
                    "heartbeat_at": now.isoformat(),
                    "expires_at": int((now + KEPT).timestamp()),
                }
            ),
        )

    def begin_parts(self, job_id: str, plan_key: str, attempt: int) -> None:
        now = self._now()
        is_same = self._update(
            job_id,
            "SET attempt = :attempt, heartbeat_at = :now, expires_at = :end",
            "plan_key = :plan",
            {":attempt": attempt, ":plan": plan_key},
        )
        if is_same:
            return
        self._client.put_item(
            TableName=self._table,
            Item=wire(
                {
                    "job_id": job_id,
                    "fraction": 0,
                    "variants": 0,
                    "attempt": attempt,
                    "plan_key": plan_key,
                    "heartbeat_at": now.isoformat(),
                    "expires_at": int((now + KEPT).timestamp()),
                }
            ),
        )

    def part_done(
        self, job_id: str, plan_key: str, number: int, share: float, records: int
    ) -> None:
        # A set of numbers: a part that is done twice is counted once. For 10,000 parts it has some
        # 50 kB, so that the last of them cost some 50 units of writing each.
        self._update(
            job_id,
            "ADD parts_done :parts, fraction :share, variants :records"
            " SET heartbeat_at = :now, expires_at = :end",
            "plan_key = :plan AND NOT contains(parts_done, :number)",
            {
                ":parts": {number},
                ":number": number,
                ":share": Decimal(f"{share:.10f}"),
                ":records": records,
                ":plan": plan_key,
            },
        )

    def touch(self, job_id: str) -> None:
        changes = "SET heartbeat_at = :now, expires_at = :end"
        self._update(job_id, changes, "attribute_exists(job_id)", {})

    def _update(self, job_id: str, changes: str, condition: str, values: dict[str, Any]) -> bool:
        """Change a row, and how long it is kept; False if the condition does not hold."""
        now = self._now()
        times = {":now": now.isoformat(), ":end": int((now + KEPT).timestamp())}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=wire({"job_id": job_id}),
                UpdateExpression=changes,
                ConditionExpression=condition,
                ExpressionAttributeValues=wire(values | times),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def record_pace(self, lane: Lane, seconds: float) -> None:
        values = {"job_id": _pace_row(lane), "seconds": Decimal(f"{seconds:.3f}")}
        expires = {"expires_at": int((self._now() + KEPT).timestamp())}
        self._client.put_item(TableName=self._table, Item=wire(values | expires))

    def pace(self, lane: Lane) -> float | None:
        values = self._row(_pace_row(lane))
        return float(values["seconds"]) if values else None

    def _row(self, id: str) -> dict[str, Any]:
        answer = self._client.get_item(TableName=self._table, Key=wire({"job_id": id}))
        return plain(answer.get("Item", {}))

    def get_many(self, job_ids: Sequence[str]) -> dict[str, tuple[float, int]]:
        keys = [{"job_id": {"S": job_id}} for job_id in job_ids]
        # By hand: many ask every few seconds, and the general way takes five times as long.
        return {
            item["job_id"]["S"]: (float(item["fraction"]["N"]), int(item["variants"]["N"]))
            for item in get_all(self._client, self._table, keys, consistent=False)
        }

    def get(self, job_id: str) -> Progress | None:
        values = self._row(job_id)
        if not values:
            return None
        return Progress(
            fraction=float(values["fraction"]),
            variants=values["variants"],
            attempt=values["attempt"],
            heartbeat_at=datetime.fromisoformat(values["heartbeat_at"]),
        )
