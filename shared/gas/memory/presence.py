"""Signs of workers, in memory."""

from __future__ import annotations

from datetime import datetime

from gas.tables.presence import GONE_AFTER, WorkerSign


class MemoryPresenceTable:
    """The newest sign of each process and queue."""

    def __init__(self) -> None:
        self._signs: dict[str, WorkerSign] = {}

    def say(self, sign: WorkerSign) -> None:
        self._signs[sign.id] = sign

    def present(self, now: datetime, limit: int) -> list[WorkerSign]:
        found = [self._signs[id] for id in sorted(self._signs)]
        return [sign for sign in found if sign.seen_at > now - GONE_AFTER][:limit]
