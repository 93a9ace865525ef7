"""How GAS notices by itself that the event log was restored to an earlier time.

The newest event is written down every minute, outside of the log. Events are never deleted, so an
event that was there and is not there any more means that the log is an older one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from gas.aws.items import plain, wire
from gas.eventstore.log import EventKey, EventLog
from gas.recovery.periods import LostPeriod, LostPeriods

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

logger = structlog.get_logger()
# The index of events by time is read an hour at a time: this bounds the reads of a quiet minute.
_RECENT = timedelta(hours=1)
# Point-in-time recovery goes back 35 days at most.
_OLDEST_RESTORE = timedelta(days=35)
_KEY: dict[str, str] = {"consumer": "log-witness", "event_id": "newest"}


class Witness(Protocol):
    """The newest event that was seen in the log."""

    def seen(self) -> EventKey | None:
        """The event that was recorded last, strongly consistent."""

    def record(self, event: EventKey | None) -> None:
        """Record an event in place of the one before; None records that there is none."""


class DynamoWitness:
    """The witness in the table ``<prefix>-inbox`` of DynamoDB."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-inbox"

    def seen(self) -> EventKey | None:
        answer = self._client.get_item(TableName=self._table, Key=wire(_KEY), ConsistentRead=True)
        found = plain(answer.get("Item", {}))
        if "stream" not in found:
            return None
        return EventKey(found["stream"], int(found["version"]), found["id"])

    def record(self, event: EventKey | None) -> None:
        values = asdict(event) if event else {}
        self._client.put_item(TableName=self._table, Item=wire({**_KEY, **values}))


@dataclass(frozen=True, slots=True)
class Watch:
    """Compares the log with the witness."""

    log: EventLog
    witness: Witness
    periods: LostPeriods
    now: Callable[[], datetime]

    def check(self) -> None:
        """Open a lost period if the log has lost the newest event that was seen in it."""
        seen = self.witness.seen()
        if seen is None or self._has(seen):
            return
        before = self.log.newest(seen.time - _OLDEST_RESTORE, seen.time)
        begins = before.time if before else seen.time - _OLDEST_RESTORE
        # The id is that of the lost event: a check that is repeated opens the same period again.
        period = LostPeriod(f"noticed-{seen.id}", begins, self.now(), "the log has lost events")
        self.periods.open(period)
        # Only then: a crash in between opens it once more, and does not forget it.
        self.witness.record(before)
        logger.error(
            "the event log was restored to an earlier time",
            lost_event=seen.id,
            subject=seen.stream,
            lost_since=str(begins),
            metrics={"lost_periods": 1},
        )

    def follow(self) -> None:
        """Check, then record the newest event."""
        self.check()
        now = self.now()
        newest = self.log.newest(now - _RECENT, now)
        if newest:
            self.witness.record(newest)

    def _has(self, key: EventKey) -> bool:
        # As stored: whether the event can be read does not matter here.
        return any(entry.event_id == key.id for entry in self.log.stored(key.stream))
