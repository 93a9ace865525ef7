"""Lost periods and the witness of the log, in memory."""

from __future__ import annotations

from gas.eventstore.log import EventKey
from gas.recovery.periods import LostPeriod


class MemoryLostPeriods:
    """The open periods."""

    def __init__(self) -> None:
        self._periods: dict[str, LostPeriod] = {}

    def open(self, period: LostPeriod) -> None:
        self._periods[period.id] = period

    def all(self) -> list[LostPeriod]:
        return [self._periods[id] for id in sorted(self._periods)]

    def close(self, period_id: str) -> bool:
        return self._periods.pop(period_id, None) is not None


class MemoryWitness:
    """The newest event that was seen."""

    def __init__(self) -> None:
        self._seen: EventKey | None = None

    def seen(self) -> EventKey | None:
        return self._seen

    def record(self, event: EventKey | None) -> None:
        self._seen = event
