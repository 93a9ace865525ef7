"""What an attempt does about once a second: keep its lease, tell how far it is, see its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from annotator.ports import Ports
from gas.domain.account import Account
from gas.domain.job import Job, JobStatus
from gas.messaging.concurrency_leases import ConcurrencyLeases, Lease
from gas.messaging.delivery import Interrupted

OnTick = Callable[[float, int], None]
"""Gets the fraction done, 0 to 1, and the records so far."""


class Cancelled(Exception):
    """The user cancelled the job while it ran."""


class LeaseRenewal:
    """Keeps one lease, however long the work takes."""

    def __init__(self, lease: Lease, leases: ConcurrencyLeases, ports: Ports) -> None:
        self._lease = lease
        self._leases = leases
        self._now = ports.now
        self._renewed_at = ports.now()

    def beat(self) -> None:
        """Renew the lease once a third of it has passed. Raises Interrupted if it was lost.

        A third, so that a slow tick or a retried request does not lose the lease.
        """
        if self._now() - self._renewed_at < timedelta(seconds=self._leases.lease_seconds) / 3:
            return
        if not self._leases.renew(self._lease):
            raise Interrupted
        self._renewed_at = self._now()


class AttemptHeartbeat:
    """Keeps the lease of one attempt alive, however long the attempt takes.

    ``fraction``: how far it has come, 0 to 1; ``account``: the user's at its beginning.
    """

    def __init__(self, lease: Lease, account: Account | None, ports: Ports) -> None:
        self.ports = ports
        self.account = account
        self.fraction = 0.0
        self.began_at = ports.now()
        self._lease = lease
        self.beat = LeaseRenewal(lease, ports.scheduler.leases, ports).beat

    @property
    def is_long(self) -> bool:
        """Whether the attempt takes long enough that its progress is recorded."""
        quiet = timedelta(seconds=self.ports.settings.quiet_seconds)
        return self.ports.now() - self.began_at >= quiet

    def annotating(self, job: Job) -> OnTick:
        """What to call while the file is annotated. It raises Interrupted and Cancelled."""

        def on_tick(fraction: float, variants: int) -> None:
            self.fraction = fraction
            self.beat()
            if self.is_long:
                self.ports.progress.record(job.job_id, fraction, variants, job.attempt)
                must_be_wanted(job, self.ports)

        return on_tick

    def splitting(self, job: Job) -> OnTick:
        """What to call while the file is cut into parts, of which then none is done."""

        def on_tick(_: float, __: int) -> None:
            self.beat()
            if self.is_long:
                self.ports.progress.touch(job.job_id)
                must_be_wanted(job, self.ports)

        return on_tick


def must_be_wanted(job: Job, ports: Ports) -> None:
    """Raises Cancelled if the job was cancelled since."""
    # A read of the row, not of the stream: it is cheap enough for every tick.
    current = ports.job_table.get(job.user_id, job.job_id)
    if current and current.status is JobStatus.CANCELLED:
        raise Cancelled("cancelled by the user")
