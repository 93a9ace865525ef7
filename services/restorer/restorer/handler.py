"""Ask for every archived result of a user who upgraded; each job at most once.

The jobs are read strongly consistently after the upgrade was committed, so an archival either is
seen here or was refused by its guard. A job that was asked for is ``restoring`` and is not asked
for again when the message is delivered a second time, so a user with many jobs is gone through
page by page, and a restart goes on where the last one ended.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gas.domain.job import JobStatus
from gas.events import AccountUpgraded, Event, Plan
from gas.platform.archive.asking import ask
from gas.platform.archive.store import ArchiveStore, AskedByAnother
from gas.platform.aws import AwsError
from gas.platform.journal import Jobs
from gas.platform.settling import Interrupted, Later
from gas.platform.tables import AccountTable, JobTable

logger = structlog.get_logger()

_MOST_FAILURES = 20


@dataclass(frozen=True, slots=True)
class Ports:
    """What the restorer works with."""

    jobs: Jobs
    job_table: JobTable
    accounts: AccountTable
    store: ArchiveStore
    now: Callable[[], datetime]
    is_stopping: Callable[[], bool]


def handle(event: Event, ports: Ports) -> None:
    """Bring back everything that the upgraded user has in cold storage.

    Raises Interrupted when stopping, and Later where another process is at some of the jobs.
    """
    if not isinstance(event.data, AccountUpgraded):
        return
    account = ports.accounts.get(event.data.user_id)
    if account is None or account.plan is not Plan.PREMIUM:
        logger.info("the user is not on Premium any more", user_id=event.data.user_id)
        return
    busy: AskedByAnother | None = None
    failures: list[Exception] = []
    for job in ports.job_table.with_status(event.data.user_id, JobStatus.ARCHIVED):
        if ports.is_stopping():
            raise Interrupted
        try:
            ask(job, ports.store, ports.jobs, event)
        except AskedByAnother as asked:
            busy = asked
        except AwsError as error:
            # One copy that cannot be had must not keep the rest away.
            logger.warning("a restore could not be asked for", job_id=job.job_id, error=str(error))
            failures.append(error)
            if len(failures) >= _MOST_FAILURES:
                break
    if failures:
        raise failures[0]
    if busy:
        raise Later(ports.now() + timedelta(seconds=busy.seconds))
