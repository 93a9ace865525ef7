"""Sending a mail once. The order: build, claim, send, complete.

The claim is made before the mail is sent, so a second delivery of the event sends nothing. If the
process dies in between, the claim expires and the mail may be sent twice; it is never lost. If
sending fails the claim is released, so that the next attempt is one and not a wait for the claim.
"""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING

import structlog

from gas.aws.errors import error_code
from gas.events import Event
from gas.messaging.delivery import Postponed, Refused
from gas.messaging.effect_claims import Claim
from gas.tables.recipients import Recipient
from notifier.contents import Content
from notifier.mails import build_mail
from notifier.ports import Ports

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient

logger = structlog.get_logger()


class MailRefused(Refused):
    """The mail service refuses this mail for good: sending it again would not help."""


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


def send_once(claim_id: str, event: Event, content: Content, to: Recipient, ports: Ports) -> None:
    """Send the mail, unless it was sent before, the user stopped its kind, or mail bounced.

    ``claim_id`` is the event's id, with more where the event has a second mail. Raises Postponed
    while another process is sending it, or may have died while it did; MailRefused.
    """
    profile = to.profile
    if content.kind in profile.muted and not content.kind.is_essential:
        logger.info("no mail: the user stopped this kind", kind=content.kind)
        return
    if to.suppression:
        logger.info("no mail: mail to the address stopped", cause=to.suppression.cause)
        return
    # Built before the claim: a mail that cannot be built must not look as if it were being sent.
    mail = build_mail(event, content, profile, ports.mail_from, ports.site)
    claim = ports.effect_claims.claim(claim_id)
    if claim is Claim.TAKEN:
        raise Postponed(ports.now() + timedelta(seconds=ports.effect_claims.claim_seconds))
    if claim is Claim.DONE:
        return
    try:
        ports.mail_sender.send(mail, profile.email)
    except Exception:
        ports.effect_claims.release(claim_id)
        raise
    logger.info("mail sent", kind=content.kind)
    ports.effect_claims.complete(claim_id)
