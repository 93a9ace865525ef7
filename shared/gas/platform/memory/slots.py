"""Slots, in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from gas.platform.slots import Lease, Slot, choose


class MemorySlots:
    """The slots of all users, by number."""

    def __init__(self, now: Callable[[], datetime], *, lease_seconds: int = 120) -> None:
        self.lease_seconds = lease_seconds
        self._now = now
        self._leases: defaultdict[str, dict[int, Lease]] = defaultdict(dict)

    def take(self, user_id: str, job_id: str, holder: str, limit: int) -> Slot | None:
        number = choose(self._leases[user_id], job_id, holder, limit, self._now())
        if number is None:
            return None
        slot = Slot(user_id, number, job_id, holder)
        self._hold(slot)
        return slot

    def _hold(self, slot: Slot) -> None:
        until = self._now() + timedelta(seconds=self.lease_seconds)
        self._leases[slot.user_id][slot.number] = Lease(slot.job_id, slot.holder, until)

    def renew(self, slot: Slot) -> bool:
        if not self._is_held(slot):
            return False
        self._hold(slot)
        return True

    def free(self, slot: Slot) -> None:
        if self._is_held(slot):
            del self._leases[slot.user_id][slot.number]

    def _is_held(self, slot: Slot) -> bool:
        lease = self._leases[slot.user_id].get(slot.number)
        return lease is not None and lease.holder == slot.holder
