"""The restorer's handler: requests every archived result of an upgraded user, each at most once.

The jobs are read with strong consistency after the upgrade was committed. So an archival that races
with the upgrade is either seen here, or was refused by its condition that the plan is Free.

Each job gets a message of its own: a user with many jobs does not block others, and a crash costs a
delivery of one job only. Where there is one job, the message of the upgrade does for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

import structlog

from gas.archive.restore_request import request_restore
from gas.archive.store import ArchiveStore, RestoreRequestPending
from gas.domain.job import JobStatus
from gas.events import AccountUpgraded, Event, Plan
from gas.eventstore.repository import JobRepository
from gas.messaging.delivery import POSTPONED, Postponed
from gas.messaging.fan_out import FanOut
from gas.observability import tracing
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
    """Request everything that the upgraded user has in cold storage.

    It is handled in two steps: the event itself (``fan_out_job_id`` is None) becomes one message
    per archived job, unless there is one only, and each of these comes back with the event and its
    job's id. Raises Postponed where another process is requesting the same copy.
    """
    if not isinstance(event.data, AccountUpgraded):
        return
    user_id = event.data.user_id
    account = ports.accounts.get(user_id)
    if account is None or account.is_closed or account.plan is not Plan.PREMIUM:
        logger.info("user is no longer on Premium", user_id=user_id)
    elif fan_out_job_id:
        _request_restore(fan_out_job_id, event, ports)
    else:
        archived = ports.job_table.with_status(user_id, JobStatus.ARCHIVED)
        ids = (job.job_id for job in archived)
        first = list(islice(ids, 2))
        if len(first) == 1:
            # As if its message had come back: the request is seen in the job's trace.
            with tracing.handling(event, first[0], POSTPONED):
                _request_restore(first[0], event, ports)
        else:
            ports.fan_out.send(event, user_id, chain(first, ids))


def _request_restore(job_id: str, cause: Event, ports: Ports) -> None:
    job = ports.jobs.load(job_id)
    if job is None or job.status is not JobStatus.ARCHIVED:
        return
    try:
        request_restore(job, ports.store, ports.jobs, cause)
    except RestoreRequestPending as pending:
        raise Postponed(ports.now() + timedelta(seconds=pending.seconds)) from None
