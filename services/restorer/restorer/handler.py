"""Ask for every archived result of a user who upgraded; each job at most once.

The jobs are read strongly consistently after the upgrade was committed, so an archival either is
seen here or was refused by its guard. Each job is asked for by a message of its own, so a user with
many jobs keeps nobody waiting, and a death in the middle costs the attempts of one job alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gas.archive.restore_request import request_restore
from gas.archive.store import ArchiveStore, RestoreRequestPending
from gas.domain.job import JobStatus
from gas.events import AccountUpgraded, Event, Plan
from gas.eventstore.repository import JobRepository
from gas.messaging.delivery import Postponed
from gas.messaging.fan_out import FanOut
from gas.tables.accounts import AccountTable
from gas.tables.jobs import JobTable

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ports:
    """What the restorer works with."""

    jobs: JobRepository
    job_table: JobTable
    accounts: AccountTable
    store: ArchiveStore
    fan_out: FanOut
    now: Callable[[], datetime]


def handle(event: Event, fan_out_job_id: str | None, ports: Ports) -> None:
    """Bring back everything that the upgraded user has in cold storage.

    ``errand`` is the id of one of these jobs. Raises Later where another process is at it.
    """
    if not isinstance(event.data, AccountUpgraded):
        return
    user_id = event.data.user_id
    account = ports.accounts.get(user_id)
    if account is None or account.plan is not Plan.PREMIUM:
        logger.info("the user is not on Premium any more", user_id=user_id)
    elif fan_out_job_id:
        _request_restore(fan_out_job_id, event, ports)
    else:
        archived = ports.job_table.with_status(user_id, JobStatus.ARCHIVED)
        ports.fan_out.send(event, user_id, (job.job_id for job in archived))


def _request_restore(job_id: str, cause: Event, ports: Ports) -> None:
    job = ports.jobs.load(job_id)
    if job is None or job.status is not JobStatus.ARCHIVED:
        return
    try:
        request_restore(job, ports.store, ports.jobs, cause)
    except RestoreRequestPending as asked:
        raise Postponed(ports.now() + timedelta(seconds=asked.seconds)) from None
