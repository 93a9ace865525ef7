"""The notifier's handler: mails the user about an event of a job or of the account.

Which mail it is follows from the event; ``sending`` sends each once.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from gas.domain.account import SYSTEM_USER_ID
from gas.events import (
    AccountBody,
    AccountErased,
    Event,
    JobBody,
    JobCompleted,
    JobRestored,
)
from gas.messaging.delivery import Refused
from gas.messaging.effect_claims import KEPT
from gas.tables.recipients import Recipient
from notifier.account_contents import account_content
from notifier.job_contents import job_content
from notifier.ports import Ports
from notifier.reminders import remind
from notifier.restores import tell_of_restore
from notifier.sending import send_once

logger = structlog.get_logger()


def handle(event: Event, ports: Ports) -> None:
    """Mail the user about the event, unless that was done before, or there is no such user.

    Raises Postponed while another process is sending the mail, or may have died while it did, and
    until a reminder is due or many results are back; MailRefused where the mail service will never
    send it.
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
    if isinstance(body, JobRestored):
        tell_of_restore(event, job, to, ports)
        return
    content = job_content(body, job, to.profile.zone, ports.site)
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
