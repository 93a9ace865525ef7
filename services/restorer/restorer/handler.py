"""Ask for every archived result of a user who upgraded; each job at most once.

The jobs are read strongly consistently after the upgrade was committed, so an archival either is
seen here or was refused by its guard. A job that was asked for is ``restoring`` and is not asked
for again when the message is delivered a second time.
"""

from dataclasses import dataclass

import structlog

from gas.domain.errors import IllegalStep
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import RequestRestore
from gas.events import AccountUpgraded, Event, Plan
from gas.platform.archive.store import ArchiveStore
from gas.platform.journal import Jobs
from gas.platform.tables import AccountTable, JobTable

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ports:
    """What the restorer works with."""

    jobs: Jobs
    job_table: JobTable
    accounts: AccountTable
    store: ArchiveStore


def handle(event: Event, ports: Ports) -> None:
    """Bring back everything that the upgraded user has in cold storage."""
    if not isinstance(event.data, AccountUpgraded):
        return
    account = ports.accounts.get(event.data.user_id)
    if account is None or account.plan is not Plan.PREMIUM:
        logger.info("the user is not on Premium any more", user_id=event.data.user_id)
        return
    for job in ports.job_table.with_status(event.data.user_id, JobStatus.ARCHIVED):
        request_restore(job, event, ports)


def request_restore(job: Job, cause: Event, ports: Ports) -> None:
    """Ask for one job's result; ``job`` is as its strongly consistent row was a moment ago."""
    if job.archive is None:
        return
    promise = ports.store.request_restore(job.job_id, job.archive)
    command = RequestRestore(promise.tier, promise.expected_by)
    try:
        ports.jobs.execute(job.job_id, command, known=job, cause=cause)
    except IllegalStep as reason:
        logger.info("no longer to be restored", job_id=job.job_id, reason=str(reason))
    else:
        logger.info("restore requested", job_id=job.job_id, tier=promise.tier)
