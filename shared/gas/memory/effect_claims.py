"""Effect claims, in memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from gas.messaging.effect_claims import Claim


class MemoryEffectClaims:
    """The claims of one consumer."""

    def __init__(self, now: Callable[[], datetime], *, claim_seconds: int = 180) -> None:
        self.claim_seconds = claim_seconds
        self._now = now
        self._claimed: dict[str, datetime] = {}
        self._completed: set[str] = set()

    def claim(self, event_id: str) -> Claim:
        if event_id in self._completed:
            return Claim.DONE
        now = self._now()
        held = self._claimed.get(event_id)
        if held and now - held <= timedelta(seconds=self.claim_seconds):
            return Claim.TAKEN
        self._claimed[event_id] = now
        return Claim.INHERITED if held else Claim.OURS

    def release(self, event_id: str) -> None:
        self._claimed.pop(event_id, None)

    def complete(self, event_id: str) -> None:
        self._completed.add(event_id)
