"""Ask for every archived result of a user who upgraded; each job at most once.

The jobs are read strongly consistently after the upgrade was committed, so an archival either is
seen here or was refused by its guard. Each job is asked for by a message of its own, so a user with
many jobs keeps nobody waiting, and a death in the middle costs the attempts of one job alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gas.domain.job import JobStatus
from gas.events import AccountUpgraded, Event, Plan
from gas.platform.archive.asking import ask
from gas.platform.archive.store import ArchiveStore, AskedByAnother
from gas.platform.errands import Errands
from gas.platform.journal import Jobs
from gas.platform.settling import Later
from gas.platform.tables import AccountTable, JobTable

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ports:
    """What the restorer works with."""

    jobs: Jobs
    job_table: JobTable
    accounts: AccountTable
    store: ArchiveStore
    errands: Errands
    now: Callable[[], datetime]


def handle(event: Event, errand: str | None, ports: Ports) -> None:
    """Bring back everything that the upgraded user has in cold storage.

    ``errand`` is the id of one of these jobs. Raises Later where another process is at it.
    """
    if not isinstance(event.data, AccountUpgraded):
        return
    user_id = event.data.user_id
    account = ports.accounts.get(user_id)
    if account is None or account.plan is not Plan.PREMIUM:
        logger.info("the user is not on Premium any more", user_id=user_id)
    elif errand:
        _ask(errand, event, ports)
    else:
        archived = ports.job_table.with_status(user_id, JobStatus.ARCHIVED)
        ports.errands.send(event, user_id, (job.job_id for job in archived))


def _ask(job_id: str, cause: Event, ports: Ports) -> None:
    job = ports.jobs.load(job_id)
    if job is None or job.status is not JobStatus.ARCHIVED:
        return
    try:
        ask(job, ports.store, ports.jobs, cause)
    except AskedByAnother as asked:
        raise Later(ports.now() + timedelta(seconds=asked.seconds)) from None
