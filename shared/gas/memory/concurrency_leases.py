"""Concurrency leases, in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from gas.messaging.concurrency_leases import Lease, StoredLease, choose


class MemoryConcurrencyLeases:
    """The leases of all users."""

    def __init__(self, now: Callable[[], datetime], *, lease_seconds: int = 120) -> None:
        self.lease_seconds = lease_seconds
        self._now = now
        self._leases: defaultdict[str, dict[int, StoredLease]] = defaultdict(dict)

    def acquire(self, user_id: str, job_id: str, holder: str, limit: int) -> Lease | None:
        number = choose(self._leases[user_id], job_id, holder, limit, self._now())
        if number is None:
            return None
        lease = Lease(user_id, number, job_id, holder)
        self._hold(lease)
        return lease

    def _hold(self, lease: Lease) -> None:
        until = self._now() + timedelta(seconds=self.lease_seconds)
        self._leases[lease.user_id][lease.number] = StoredLease(lease.job_id, lease.holder, until)

    def held(self, user_id: str) -> list[StoredLease]:
        return list(self._leases[user_id].values())

    def renew(self, lease: Lease) -> bool:
        if not self._is_held(lease):
            return False
        self._hold(lease)
        return True

    def release(self, lease: Lease) -> None:
        if self._is_held(lease):
            del self._leases[lease.user_id][lease.number]

    def _is_held(self, lease: Lease) -> bool:
        stored = self._leases[lease.user_id].get(lease.number)
        return stored is not None and stored.holder == lease.holder
