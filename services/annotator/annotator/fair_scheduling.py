"""Whose turn it is: each user has as many slots as their plan says; nobody waits for another.

A job whose user has no free slot is put off, not queued in front of others. When one of the user's
jobs ends the next one is told of again at once; should that word be lost, the job that was put off
comes back by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gas.aws.errors import AwsError
from gas.domain.job import Job
from gas.events import Plan
from gas.eventstore.log import EventLog
from gas.eventstore.publisher import EventBus
from gas.messaging.concurrency_leases import AlreadyRunning, ConcurrencyLeases, Lease
from gas.messaging.delivery import Postponed
from gas.messaging.queue import MAX_DELAY_SECONDS
from gas.tables.accounts import AccountTable
from gas.tables.jobs import JobTable
from gas.tables.progress import ProgressTable

logger = structlog.get_logger()

_LOOKED_AT = 1_000
_SHORTEST_SECONDS = 5
_PACE_WEIGHT = 0.2
_FIRST_PACE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class FairScheduler:
    """What deciding takes; ``limits`` is how many jobs of one user may run at once."""

    leases: ConcurrencyLeases
    accounts: AccountTable
    job_table: JobTable
    progress: ProgressTable
    log: EventLog
    bus: EventBus
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    limits: Mapping[Plan, int]

    def acquire(self, job: Job) -> Lease:
        """A slot for the job. Raises Later where its user has none free, or it runs already."""
        account = self.accounts.get(job.user_id)
        limit = self.limits[account.plan if account else Plan.FREE]
        try:
            lease = self.leases.acquire(job.user_id, job.job_id, self.new_id(), limit)
        except AlreadyRunning as running:
            raise Postponed(running.until) from None
        if lease is None:
            raise Postponed(self.now() + self._wait(job, limit))
        return lease

    def _wait(self, job: Job, limit: int) -> timedelta:
        """About how long until it is the job's turn, were it not told of before."""
        ids = self.job_table.waiting(job.user_id, job.lane, _LOOKED_AT)
        ahead = sum(id < job.job_id for id in ids)
        pace = self.progress.pace(job.lane) or _FIRST_PACE_SECONDS
        seconds = max(_SHORTEST_SECONDS, (ahead + 1) * pace / limit)
        return timedelta(seconds=min(seconds, MAX_DELAY_SECONDS))

    def release(self, lease: Lease, job: Job) -> None:
        """Give the slot back, and tell of the user's next job. Never fails: it mends itself."""
        try:
            self.leases.release(lease)
            self._announce_next(job)
        except AwsError as error:
            logger.warning("a slot is left to its lease", job_id=job.job_id, error=str(error))

    def _announce_next(self, job: Job) -> None:
        for id in self.job_table.waiting(job.user_id, job.lane, 2):
            if id != job.job_id:  # the index may not know yet that this one has ended
                self.bus.publish(self.log.read(f"job/{id}")[0])
                return

    def record_pace(self, job: Job, seconds: float) -> None:
        """Remember how long jobs of that lane take, the latest counting most."""
        before = self.progress.pace(job.lane)
        pace = seconds if before is None else before + _PACE_WEIGHT * (seconds - before)
        self.progress.record_pace(job.lane, pace)
