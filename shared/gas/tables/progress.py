"""How far a running job is: told by the annotator, shown by the web, and free to vanish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from gas.aws.items import plain, wire
from gas.events import Lane

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Progress:
    """``fraction`` of the input consumed (0 to 1), ``variants`` annotated so far."""

    fraction: float
    variants: int
    attempt: int
    heartbeat_at: datetime


class ProgressTable(Protocol):
    """The latest progress of each running job."""

    def record(self, job_id: str, fraction: float, variants: int, attempt: int) -> None:
        """Replace what was known."""

    def get(self, job_id: str) -> Progress | None:
        """What was last told, or None."""

    def record_pace(self, lane: Lane, seconds: float) -> None:
        """Say how long a job of that lane takes at present."""

    def pace(self, lane: Lane) -> float | None:
        """Seconds that a job of that lane takes, as last told, or None."""


def _pace_row(lane: Lane) -> str:
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
