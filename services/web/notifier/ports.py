"""Everything that the notifier works with, passed in so that tests can replace it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol

from gas.domain.job_rules import ArchivePolicy
from gas.messaging.effect_claims import EffectClaims
from gas.tables.jobs import JobTable
from gas.tables.profiles import ProfileTable
from gas.tables.recipients import RecipientTables
from notifier.contents import Site


class MailSender(Protocol):
    """Sends mail."""

    def send(self, mail: EmailMessage, to: str) -> None:
        """Send the mail to that address. Raises MailRefused if it can never be sent."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What the notifier works with."""

    job_table: JobTable
    recipients: RecipientTables
    profiles: ProfileTable
    effect_claims: EffectClaims
    mail_sender: MailSender
    site: Site
    mail_from: str
    archive_policy: ArchivePolicy
    now: Callable[[], datetime]
