"""How many parts of one user are annotated at once, whoever else waits.

A part has a lease too, so that no part is annotated twice at the same time. A job in parts holds
none of the leases of ``fair_scheduling``: it waits for machines as parts, not as a job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gas.aws.errors import AwsError
from gas.domain.account import Account
from gas.events import Plan
from gas.messaging.concurrency_leases import AlreadyRunning, ConcurrencyLeases, Lease
from gas.messaging.delivery import Postponed

logger = structlog.get_logger()

# Parts take a minute or more, and each return of a message is a request.
_WAIT = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class PartScheduler:
    """``limits`` is how many parts of one user may be at work at once."""

    leases: ConcurrencyLeases
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    limits: Mapping[Plan, int]

    @contextmanager
    def hold(self, user_id: str, work_id: str, account: Account | None) -> Iterator[Lease]:
        """A lease for that piece of work, released at the end of the block.

        Raises Postponed if the user has no free one, or another process does the same.
        """
        limit = self.limits[account.plan if account else Plan.FREE]
        try:
            lease = self.leases.acquire(user_id, work_id, self.new_id(), limit)
        except AlreadyRunning as running:
            raise Postponed(running.until) from None
        if lease is None:
            raise Postponed(self.now() + _WAIT)
        try:
            yield lease
        finally:
            self._release(lease)

    def _release(self, lease: Lease) -> None:
        try:
            self.leases.release(lease)
        except AwsError as error:
            logger.warning("lease of a part not released, it will expire", error=str(error))
