"""The notifier's handler: mails the user about an event. The order: build, claim, send, complete.

The claim is made before the mail is sent, so a second delivery of the event sends nothing. If the
process dies in between, the claim expires and the mail may be sent twice; it is never lost. If
sending fails the claim is released, so that the next attempt is one and not a wait for the claim.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import structlog

from gas.aws.errors import error_code
from gas.domain.account import SYSTEM_USER_ID
from gas.domain.job import COLD, Job, JobStatus
from gas.events import AccountErased, Event, JobBody, JobRestored, Plan
from gas.messaging.delivery import Postponed, Refused
from gas.messaging.effect_claims import Claim, EffectClaims
from gas.tables.accounts import AccountTable
from gas.tables.jobs import JobTable
from gas.tables.profiles import Profile, ProfileTable
from gas.tables.suppressions import SuppressionTable
from notifier.mails import MAX_LATER_RESTORES, MailText, build_mail, goodbye, mail_text

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient

logger = structlog.get_logger()

# The most jobs in cold storage that are checked. More than the answer needs, because the index
# lags: its first entries may be restored already and do not count.
_MAX_CHECKED = 100


class MailRefused(Refused):
    """The mail service refuses this mail for good: sending it again would not help."""


class MailSender(Protocol):
    """Sends mail."""

    def send(self, mail: EmailMessage, to: str) -> None:
        """Send the mail to that address. Raises MailRefused if it can never be sent."""


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
            if error_code(error) == "InvalidParameterValue":  # such as a malformed address
                raise MailRefused(str(error)) from None
            raise  # such as throttling: a later attempt may succeed


@dataclass(frozen=True, slots=True)
class Ports:
    """What the notifier works with."""

    job_table: JobTable
    account_table: AccountTable
    profiles: ProfileTable
    suppressions: SuppressionTable
    effect_claims: EffectClaims
    mail_sender: MailSender
    public_url: str
    mail_from: str
    now: Callable[[], datetime]


def handle(event: Event, ports: Ports) -> None:
    """Mail the user about the event, unless that was done before, or there is no such user.

    Raises Postponed while another process is sending the mail, or may have died while it did;
    MailRefused where the mail service will never send it.
    """
    if isinstance(event.data, AccountErased):
        _say_goodbye(event, ports)
    if not isinstance(event.data, JobBody) or event.data.user_id == SYSTEM_USER_ID:
        return
    job = ports.job_table.get(event.data.user_id, event.data.job_id)
    profile = ports.profiles.get(event.data.user_id)
    if job is None or profile is None:
        logger.warning("no mail: job or profile not found", user_id=event.data.user_id)
        return
    link = f"{ports.public_url.rstrip('/')}/jobs/{job.job_id}"
    later = _later_restores(event, job, ports) if isinstance(event.data, JobRestored) else 0
    text = mail_text(event, job, link, later_restores=later)
    if text is not None:
        _mail(event, text, profile, ports)


def _say_goodbye(event: Event, ports: Ports) -> None:
    """Mail that nothing of the account is left, then delete the address that the mail went to."""
    user_id = event.data.user_id
    profile = ports.profiles.get(user_id)
    if profile is None:
        return
    try:
        _mail(event, goodbye(), profile, ports)
    except Refused as refused:
        # No later attempt would help, and the address must go.
        logger.warning("account erased without a mail", user_id=user_id, reason=str(refused))
    ports.profiles.remove(user_id)


def _mail(event: Event, text: MailText, profile: Profile, ports: Ports) -> None:
    stopped = ports.suppressions.get(profile.email)
    if stopped:
        logger.info("no mail: mail to the address stopped", cause=stopped.cause)
        return
    # Built before the claim: a mail that cannot be built must not look as if it were being sent.
    mail = build_mail(event, text, profile, ports.mail_from)
    claim = ports.effect_claims.claim(event.id)
    if claim is Claim.TAKEN:
        raise Postponed(ports.now() + timedelta(seconds=ports.effect_claims.claim_seconds))
    if claim is Claim.DONE:
        return
    try:
        ports.mail_sender.send(mail, profile.email)
    except Exception:
        ports.effect_claims.release(event.id)
        raise
    logger.info("mail sent")
    ports.effect_claims.complete(event.id)


def _later_restores(event: Event, job: Job, ports: Ports) -> int:
    """How many of the user's results came back after this one or are still to come.

    Counting stops at one more than ``MAX_LATER_RESTORES``: that is enough to send no mail.
    """
    table, enough = ports.job_table, MAX_LATER_RESTORES + 1
    back = len(table.restored_after(job.user_id, event.time, job.job_id, enough))
    account = ports.account_table.get(job.user_id)
    is_premium = account is not None and account.plan is Plan.PREMIUM
    # A Free user's archived results stay where they are; a Premium user's will be requested.
    coming = COLD if is_premium else {JobStatus.RESTORING}
    # The index lags, so each row is read: a result that is back already would count as still to
    # come, and the user would get no mail about the last ones.
    rows = (table.get(job.user_id, id) for id in table.cold(job.user_id, _MAX_CHECKED))
    to_come = (row for row in rows if row and row.job_id != job.job_id and row.status in coming)
    return back + sum(1 for _ in islice(to_come, enough - back))
