"""Mail the user about an event, once: claim, send, settle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import structlog

from gas.aws.errors import error_code
from gas.domain.job import COLD, Job, JobStatus
from gas.events import Event, JobBody, JobRestored, Plan
from gas.messaging.delivery import Postponed
from gas.messaging.effect_claims import Claim, EffectClaims
from gas.tables.accounts import AccountTable
from gas.tables.jobs import JobTable
from gas.tables.profiles import ProfileTable
from notifier.mails import MOST_LATER, mail_text, message

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient

logger = structlog.get_logger()

# So many that those which the index has not yet let go of hide none of the others.
_LOOKED_AT = 100


class MailRefused(Exception):
    """The mail service refuses this mail for good; trying again would not help."""


class MailSender(Protocol):
    """Sends mail."""

    def send(self, mail: EmailMessage, to: str) -> None:
        """Hand the mail over. Raises Undeliverable if it never will be taken."""


class SesMailSender:
    """Amazon SES, API version 1 (LocalStack 4.14 has no version 2)."""

    def __init__(self, client: SESClient) -> None:
        self._client = client

    def send(self, mail: EmailMessage, to: str) -> None:
        try:
            self._client.send_raw_email(
                Source=str(mail["From"]), Destinations=[to], RawMessage={"Data": mail.as_bytes()}
            )
        except self._client.exceptions.MessageRejected as error:
            raise MailRefused(str(error)) from None
        except self._client.exceptions.ClientError as error:
            if error_code(error) == "InvalidParameterValue":
                raise MailRefused(str(error)) from None
            raise


@dataclass(frozen=True, slots=True)
class Ports:
    """What the notifier works with."""

    job_table: JobTable
    account_table: AccountTable
    profiles: ProfileTable
    effect_claims: EffectClaims
    post: MailSender
    public_url: str
    mail_from: str
    now: Callable[[], datetime]


def handle(event: Event, ports: Ports) -> None:
    """Mail the job's owner, unless that was done before.

    Raises Later while another process is at it, or may have died at it.
    """
    if not isinstance(event.data, JobBody):
        return
    job = ports.job_table.get(event.data.user_id, event.data.job_id)
    profile = ports.profiles.get(event.data.user_id)
    if job is None or profile is None:
        logger.warning("nobody to write to", user_id=event.data.user_id)
        return
    link = f"{ports.public_url.rstrip('/')}/jobs/{job.job_id}"
    later = _later(event, job, ports) if isinstance(event.data, JobRestored) else 0
    text = mail_text(event, job, link, later=later)
    if text is None:
        return
    claim = ports.effect_claims.claim(event.id)
    if claim is Claim.TAKEN:
        raise Postponed(ports.now() + timedelta(seconds=ports.effect_claims.claim_seconds))
    if claim is Claim.DONE:
        return
    try:
        ports.post.send(message(event, text, profile, ports.mail_from), profile.email)
        logger.info("mailed", job_id=job.job_id)
    except MailRefused as error:
        logger.error("a mail cannot be delivered", job_id=job.job_id, error=str(error))
    ports.effect_claims.complete(event.id)


def _later(event: Event, job: Job, ports: Ports) -> int:
    """How many of the user's results came back after this one or are still to come, up to one more
    than are told of."""
    table, enough = ports.job_table, MOST_LATER + 1
    back = len(table.restored_after(job.user_id, event.time, job.job_id, enough))
    account = ports.account_table.get(job.user_id)
    is_premium = account is not None and account.plan is Plan.PREMIUM
    coming = COLD if is_premium else {JobStatus.RESTORING}
    # The index lags: what is back already must not keep the last ones from being told of.
    rows = (table.get(job.user_id, id) for id in table.cold(job.user_id, _LOOKED_AT))
    to_come = (row for row in rows if row and row.job_id != job.job_id and row.status in coming)
    return back + sum(1 for _ in islice(to_come, enough - back))
