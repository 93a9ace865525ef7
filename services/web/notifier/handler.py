"""The notifier's handler: mails the user about an event of a job or of the account.

Which mail it is follows from the event; ``sending`` sends each once.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

import structlog

from gas.domain.account import SYSTEM_USER_ID
from gas.domain.job import COLD, Job, JobStatus
from gas.events import (
    AccountBody,
    AccountErased,
    Event,
    JobBody,
    JobCompleted,
    JobRestored,
    Plan,
)
from gas.messaging.delivery import Refused
from gas.messaging.effect_claims import KEPT
from gas.tables.recipients import Recipient
from notifier.account_contents import account_content
from notifier.job_contents import MAX_LATER_RESTORES, job_content
from notifier.ports import Ports
from notifier.reminders import remind
from notifier.sending import send_once

logger = structlog.get_logger()

# The most jobs in cold storage that are checked. More than the answer needs, because the index
# lags: its first entries may be restored already and do not count.
_MAX_CHECKED = 100


def handle(event: Event, ports: Ports) -> None:
    """Mail the user about the event, unless that was done before, or there is no such user.

    Raises Postponed while another process is sending the mail, or may have died while it did, and
    until a reminder is due; MailRefused where the mail service will never send it.
    """
    user_id = event.data.user_id
    if user_id == SYSTEM_USER_ID:
        return
    job_id = event.data.job_id if isinstance(event.data, JobBody) else None
    to = ports.recipients.read(user_id, job_id)
    if to is None:
        logger.warning("no mail: profile not found", user_id=user_id)
    elif isinstance(event.data, AccountBody):
        _tell_of_account(event, event.data, to, ports)
    elif isinstance(event.data, JobBody):
        _tell_of_job(event, event.data, to, ports)


def _tell_of_job(event: Event, body: JobBody, to: Recipient, ports: Ports) -> None:
    job = to.job
    if job is None:
        logger.warning("no mail: job not found", job_id=body.job_id)
        return
    later = _later_restores(event, job, to, ports) if isinstance(body, JobRestored) else 0
    content = job_content(body, job, to.profile.zone, ports.site, later_restores=later)
    if content and not _is_told(event, ports):
        send_once(event.id, event, content, to, ports)
    if isinstance(body, JobCompleted):
        remind(event, job, to, ports)


def _is_told(event: Event, ports: Ports) -> bool:
    """Whether the message only waits for a reminder: the claim of its first mail may be over."""
    age = ports.now() - event.time
    return isinstance(event.data, JobCompleted) and age > KEPT - timedelta(days=1)


def _tell_of_account(event: Event, body: AccountBody, to: Recipient, ports: Ports) -> None:
    content = account_content(body, event.time, to.profile.zone, ports.site, ports.archive_policy)
    if content is None:
        return
    try:
        send_once(event.id, event, content, to, ports)
    except Refused as refused:
        if not isinstance(body, AccountErased):
            raise
        # No later attempt would help, and the address must go.
        logger.warning("account erased without a mail", reason=str(refused))
    if isinstance(body, AccountErased):
        ports.profiles.remove(body.user_id)


def _later_restores(event: Event, job: Job, to: Recipient, ports: Ports) -> int:
    """How many of the user's results came back after this one or are still to come.

    Counting stops at one more than ``MAX_LATER_RESTORES``: that is enough to send no mail.
    """
    table, enough = ports.job_table, MAX_LATER_RESTORES + 1
    back, cold = table.restored_after_or_cold(
        job.user_id, event.time, job.job_id, enough + _MAX_CHECKED
    )
    is_premium = to.account is not None and to.account.plan is Plan.PREMIUM
    # A Free user's archived results stay where they are; a Premium user's will be requested.
    coming = COLD if is_premium else {JobStatus.RESTORING}
    # The index lags, so each row is read: a result that is back already would count as still to
    # come, and the user would get no mail about the last ones.
    rows = (table.get(job.user_id, id) for id in cold if id != job.job_id)
    to_come = (row for row in rows if row and row.status in coming)
    known = min(len(back), enough)
    return known + sum(1 for _ in islice(to_come, enough - known))
