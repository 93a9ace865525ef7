"""Fair scheduling: each user runs as many jobs at once as their plan allows, whoever else waits.

A job whose user has no free lease is postponed: its message leaves the queue for a while, so jobs
of other users behind it are not blocked. When one of the user's jobs ends, ``job.submitted`` of the
next one is published again at once. If that message is lost, the postponed one arrives later
anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from gas.aws.errors import AwsError
from gas.domain.account import Account
from gas.domain.job import Job, JobStatus
from gas.events import Lane, Plan
from gas.eventstore.log import EventLog
from gas.eventstore.publisher import EventBus
from gas.messaging.concurrency_leases import AlreadyRunning, ConcurrencyLeases, Lease
from gas.messaging.delivery import Postponed
from gas.messaging.queue import MAX_DELAY_SECONDS
from gas.tables.jobs import JobTable
from gas.tables.progress import ProgressTable

logger = structlog.get_logger()

# The most waiting jobs of one user that are counted. With more the wait is estimated too short, and
# the job is postponed once more.
_MAX_COUNTED = 1_000
# A shorter wait would only have the message delivered and postponed again and again.
_MIN_WAIT_SECONDS = 5
# Weight of the latest job in the moving average: about the last ten jobs count.
_PACE_WEIGHT = 0.2
_PACE_CHANGE = 0.05  # the smallest change that is recorded, as a share of what is known
_PACE_KNOWN = timedelta(minutes=1)  # how long a process goes by what it read or wrote itself
# The assumed duration of a job before one of its lane has ended.
_INITIAL_PACE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Pace:
    """The ``seconds`` that a job takes, as read or written at ``known_at``."""

    seconds: float
    known_at: datetime


@dataclass(frozen=True, slots=True)
class FairScheduler:
    """Decides which job may start; ``limits`` is how many jobs of one user may run at once.

    ``paces`` are those that this process knows.
    """

    leases: ConcurrencyLeases
    job_table: JobTable
    progress: ProgressTable
    log: EventLog
    bus: EventBus
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    limits: Mapping[Plan, int]
    paces: dict[Lane, Pace] = field(default_factory=dict)

    def acquire(self, job: Job, account: Account | None) -> Lease:
        """A lease for the job of that account.

        Raises Postponed if the user has no free lease, is suspended or has closed the account (the
        archiver then deletes the job), or another process already runs the job.
        """
        # A job that has begun is brought to its end: it was allowed to.
        if account and account.is_stopped and job.status is JobStatus.SUBMITTED:
            raise Postponed(self.now() + timedelta(seconds=MAX_DELAY_SECONDS))
        limit = self.limits[account.plan if account else Plan.FREE]
        try:
            lease = self.leases.acquire(job.user_id, job.job_id, self.new_id(), limit)
        except AlreadyRunning as running:
            raise Postponed(running.until) from None
        if lease is None:
            logger.info("no free lease", job_id=job.job_id, metrics={"no_free_lease": 1})
            raise Postponed(self.now() + self._wait(job, limit))
        return lease

    def _wait(self, job: Job, limit: int) -> timedelta:
        """About how long until the job can start, if ``release`` does not announce it earlier."""
        ids = self.job_table.waiting(job.user_id, job.lane, _MAX_COUNTED)
        ahead = sum(id < job.job_id for id in ids)
        pace = self.progress.pace(job.lane) or _INITIAL_PACE_SECONDS
        seconds = max(_MIN_WAIT_SECONDS, (ahead + 1) * pace / limit)
        return timedelta(seconds=min(seconds, MAX_DELAY_SECONDS))

    def release(self, lease: Lease, job: Job) -> None:
        """Release the lease and announce the user's next job.

        Never raises: the lease expires by itself, and the next job's own message is only postponed.
        """
        try:
            self.leases.release(lease)
            self._announce_next(job)
        except AwsError as error:
            logger.warning(
                "lease not released, it will expire", job_id=job.job_id, error=str(error)
            )

    def _announce_next(self, job: Job) -> None:
        for id in self.job_table.waiting(job.user_id, job.lane, 2):
            # The index lags: it may still list the job that has just ended.
            if id != job.job_id:
                self.bus.publish(self.log.read(f"job/{id}")[0])
                return

    def record_pace(self, job: Job, seconds: float) -> None:
        """Add the ``seconds`` that a job took to the moving average of its lane."""
        # Two processes may overwrite each other's value: it is only an estimate. What would hardly
        # change is not written, and what was read a moment ago is not read again.
        before = self._known_pace(job.lane)
        pace = seconds if before is None else before + _PACE_WEIGHT * (seconds - before)
        if before is None or abs(pace - before) > _PACE_CHANGE * before:
            self.progress.record_pace(job.lane, pace)
            self.paces[job.lane] = Pace(pace, self.now())

    def _known_pace(self, lane: Lane) -> float | None:
        known = self.paces.get(lane)
        if known and self.now() < known.known_at + _PACE_KNOWN:
            return known.seconds
        found = self.progress.pace(lane)
        if found is not None:
            self.paces[lane] = Pace(found, self.now())
        return found
