"""The notifier on in-memory ports, with a Premium user whose results come back."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage

import pytest

from gas.domain.account import Upgrade
from gas.domain.job import Job
from gas.domain.job_rules import Archive, ArchivePolicy, RequestRestore, Restore
from gas.events import ArchiveCopy, Event, ResultFile, ResultKind, Tier
from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.profiles import MemoryProfileTable
from gas.memory.suppressions import MemorySuppressionTable
from gas.memory.users import MemoryRecipientTables
from gas.tables.profiles import Profile
from notifier.contents import Site
from notifier.ports import Ports
from tests.support.mails import plain_part
from tests.support.world import GRACE, World

_COPY = ArchiveCopy(store="s3", archive_id="cold", size_bytes=1, sha256="0" * 64)


class KeepingMailSender:
    """Keeps the mails that it should send."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    def send(self, mail: EmailMessage, to: str) -> None:
        """Keep it."""
        self.mails.append(mail)


class Mailing:
    """A Premium user, the jobs of that user, and the mails of the notifier."""

    def __init__(self) -> None:
        self.world = World()
        self.user = self.world.register()
        self.world.accounts.execute(self.user, Upgrade("paid"))
        self.mail_sender = KeepingMailSender()
        self.suppressions = MemorySuppressionTable()
        profiles = MemoryProfileTable()
        profiles.save(Profile(self.user, "i", "s", "zoe@example.org", "Zoë"))
        self.ports = Ports(
            job_table=self.world.job_table,
            recipients=MemoryRecipientTables(
                profiles, self.world.account_table, self.world.job_table, self.suppressions
            ),
            profiles=profiles,
            effect_claims=MemoryEffectClaims(self.world.now),
            mail_sender=self.mail_sender,
            site=Site("http://gas"),
            mail_from="gas@example.org",
            archive_policy=ArchivePolicy(GRACE),
            now=self.world.now,
        )

    def archived(self) -> Job:
        """A job of the user whose result is in cold storage."""
        job = self.world.completed(self.user)
        return self.world.jobs.execute(job.job_id, Archive(_COPY))

    def restoring(self) -> Job:
        """A job of the user whose result is expected back."""
        job = self.archived()
        return self.world.jobs.execute(job.job_id, RequestRestore(Tier.STANDARD, self.world.now()))

    def restore(self, job: Job) -> Event:
        """Restore the result of that job; the event."""
        key = f"{self.user}/{job.job_id}/new/my.vcf"
        file = ResultFile(kind=ResultKind.VCF, key=key, size_bytes=1, sha256="0" * 64)
        self.world.jobs.execute(job.job_id, Restore(file))
        return self.world.last_event()

    def let_index_lag(self, monkeypatch: pytest.MonkeyPatch, cold: list[str]) -> None:
        """Have the index list those jobs as being in cold storage, whatever became of them."""
        read = self.world.job_table.restored_after_or_cold

        def lagging(user: str, at: datetime, id: str, limit: int) -> tuple[list[str], list[str]]:
            back, _ = read(user, at, id, limit)
            return back, cold[: limit - len(back)]

        monkeypatch.setattr(self.world.job_table, "restored_after_or_cold", lagging)

    def texts(self) -> list[str]:
        """The texts of all mails."""
        return [plain_part(mail) for mail in self.mail_sender.mails]
