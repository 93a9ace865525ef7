"""Everything that reconciliation works with, passed in so that tests can replace it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gas.archive.store import ArchiveStore
from gas.eventstore.log import EventLog
from gas.eventstore.repository import JobRepository
from gas.files.bucket import Files
from gas.messaging.effect_claims import EffectClaims
from gas.messaging.queue import Queue
from gas.recovery.periods import LostPeriods
from gas.recovery.witness import Watch, Witness
from gas.tables.accounts import AccountTable
from gas.tables.jobs import JobTable
from gas.tables.progress import ProgressTable
from gas.tables.uploads import UploadTable
from reconciler.parallel import InParallel, one_after_another

BATCH = 200
"""The most jobs that one run of a task handles; the others are handled in the next period."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What reconciliation works with.

    ``notices`` is the queue of the thawer, ``parts`` the bucket of files that are cut into some.
    """

    jobs: JobRepository
    job_table: JobTable
    accounts: AccountTable
    log: EventLog
    progress: ProgressTable
    uploads: UploadTable
    inputs: Files
    results: Files
    parts: Files
    store: ArchiveStore
    notices: Queue
    claims: EffectClaims
    periods: LostPeriods
    witness: Witness
    now: Callable[[], datetime]
    in_parallel: InParallel = one_after_another

    @property
    def watch(self) -> Watch:
        """What notices that the log was restored to an earlier time."""
        return Watch(self.log, self.witness, self.periods, self.now)
