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
