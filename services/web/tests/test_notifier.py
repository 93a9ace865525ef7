"""Mails about restored results: one for each of a few, and only for the last of many."""

import dataclasses
import re
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial

import pytest
from botocore.exceptions import ClientError

from gas.domain.account import SYSTEM_USER_ID, Downgrade, Upgrade
from gas.domain.job import Job
from gas.domain.job_rules import Archive, ArchivePolicy, RequestRestore, Restore
from gas.events import CATALOGUE, ArchiveCopy, Event, ResultFile, ResultKind, Tier
from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.profiles import MemoryProfileTable
from gas.memory.queue import MemoryQueue
from gas.memory.suppressions import MemorySuppressionTable
from gas.memory.users import MemoryRecipientTables
from gas.messaging.delivery import ConsumerPolicy, MessageDelivery, ignore_given_up
from gas.messaging.effect_claims import Claim
from gas.messaging.event_handlers import event_handler
from gas.tables.profiles import Profile
from gas.tables.suppressions import Cause, Suppression
from notifier.contents import Site
from notifier.handler import handle
from notifier.job_contents import MAX_LATER_RESTORES
from notifier.ports import Ports
from notifier.sending import MailRefused
from tests.support.mails import plain_part
from tests.support.world import GRACE, World

COPY = ArchiveCopy(store="s3", archive_id="cold", size_bytes=1, sha256="0" * 64)


class KeepingMailSender:
    """Keeps the mails that it should send."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    def send(self, mail: EmailMessage, to: str) -> None:
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
        job = self.world.completed(self.user)
        return self.world.jobs.execute(job.job_id, Archive(COPY))

    def restoring(self) -> Job:
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


@pytest.fixture
def mailing() -> Mailing:
    return Mailing()


def test_each_of_a_few_results_gets_a_mail_with_how_many_will_follow(mailing: Mailing) -> None:
    for job in [mailing.restoring() for _ in range(3)]:
        handle(mailing.restore(job), mailing.ports)
    assert [re.findall("after it: ([0-9])", text) for text in mailing.texts()] == [["2"], ["1"], []]


def test_only_the_last_of_many_results_get_a_mail(mailing: Mailing) -> None:
    jobs = [mailing.restoring() for _ in range(60)]
    for job in jobs:
        event = mailing.restore(job)
        handle(event, mailing.ports)
        handle(event, mailing.ports)
    assert [str(mail["Subject"]) for mail in mailing.mail_sender.mails] == [
        "The result of my.vcf.gz is back"
    ] * (MAX_LATER_RESTORES + 1)
    for job, text in zip(jobs[-MAX_LATER_RESTORES - 1 :], mailing.texts(), strict=True):
        assert job.job_id in text


def test_a_late_notifier_sends_mails_only_for_the_last_results(mailing: Mailing) -> None:
    events = [mailing.restore(job) for job in [mailing.restoring() for _ in range(60)]]
    for event in reversed(events):
        handle(event, mailing.ports)
    assert len(mailing.texts()) == MAX_LATER_RESTORES + 1
    assert "after it: 10" in mailing.texts()[-1]


def test_results_whose_restore_is_not_yet_requested_count_as_following(mailing: Mailing) -> None:
    job = mailing.restoring()
    for _ in range(MAX_LATER_RESTORES + 1):
        mailing.archived()
    event = mailing.restore(job)
    handle(event, mailing.ports)
    assert mailing.texts() == []
    mailing.world.accounts.execute(mailing.user, Downgrade("asked"))
    handle(event, mailing.ports)
    assert len(mailing.texts()) == 1, "archived results of a Free user are not restored"


def test_a_lagging_index_causes_no_mail_for_the_first_of_many_results(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [mailing.restoring() for _ in range(60)]
    stale = [job.job_id for job in jobs]
    events = [mailing.restore(job) for job in jobs[:30]]
    mailing.let_index_lag(monkeypatch, stale)
    for event in events:
        handle(event, mailing.ports)
    assert mailing.texts() == []


def test_a_lagging_index_does_not_suppress_the_mail_for_the_last_result(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [mailing.restoring() for _ in range(40)]
    stale = [job.job_id for job in jobs]
    events = [mailing.restore(job) for job in jobs]
    mailing.let_index_lag(monkeypatch, stale)
    handle(events[-1], mailing.ports)
    (text,) = mailing.texts()
    assert "after it" not in text


def test_nobody_is_mailed_about_the_public_sample() -> None:
    mailing = Mailing()
    mailing.world.completed(SYSTEM_USER_ID)
    handle(mailing.world.last_event(), mailing.ports)
    assert mailing.mail_sender.mails == []


class FailingMailSender:
    """Fails to send, as SES does with that error."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.sent = 0

    def send(self, mail: EmailMessage, to: str) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.sent += 1


def delivered(mailing: Mailing, sender: FailingMailSender) -> MemoryQueue:
    """The queue after its only message was delivered as often as it is there."""
    ports = dataclasses.replace(mailing.ports, mail_sender=sender)
    queue = MemoryQueue(mailing.world.now)
    queue.send(mailing.restore(mailing.restoring()).to_json())
    handler = event_handler(partial(handle, ports=ports))
    policy = ConsumerPolicy()
    delivery = MessageDelivery(queue, handler, ignore_given_up, policy, mailing.world.now)
    for _ in range(20):
        for message in queue.receive(1, 0, 30):
            delivery.deliver(message)
        mailing.world.pass_time(timedelta(seconds=120))
    assert queue.depth() == 0
    return queue


def test_a_mail_that_cannot_be_sent_becomes_a_dead_letter(mailing: Mailing) -> None:
    sender = FailingMailSender(*[LookupError("a fault of ours")] * 99)
    queue = delivered(mailing, sender)
    assert [reason for _, reason in queue.dead] == ["LookupError: a fault of ours"]
    assert len(sender.errors) == 99 - 4


def test_a_mail_that_cannot_be_built_becomes_a_dead_letter_and_claims_nothing(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("no such field")

    monkeypatch.setattr("notifier.sending.build_mail", fail)
    queue = delivered(mailing, FailingMailSender())
    assert [reason for _, reason in queue.dead] == ["LookupError: no such field"]
    event_id = CATALOGUE.parse(queue.dead[0][0]).id
    assert mailing.ports.effect_claims.claim(event_id) is Claim.OURS


def test_a_mail_that_failed_does_not_wait_for_its_claim(mailing: Mailing) -> None:
    sender = FailingMailSender(LookupError("a fault of ours"))
    ports = dataclasses.replace(mailing.ports, mail_sender=sender)
    event = mailing.restore(mailing.restoring())
    with pytest.raises(LookupError):
        handle(event, ports)
    handle(event, ports)
    assert sender.sent == 1


def test_a_throttled_mail_is_sent_later(mailing: Mailing) -> None:
    error = ClientError({"Error": {"Code": "Throttling", "Message": "rate"}}, "SendRawEmail")
    sender = FailingMailSender(error, error)
    assert delivered(mailing, sender).dead == []
    assert sender.sent == 1


def test_a_mail_that_ses_rejects_is_a_dead_letter_at_once_and_can_be_redriven(
    mailing: Mailing,
) -> None:
    sender = FailingMailSender(MailRefused("MessageRejected: address is not verified"))
    queue = delivered(mailing, sender)
    ((body, reason),) = queue.dead
    assert reason == "MessageRejected: address is not verified"
    handle(CATALOGUE.parse(body), dataclasses.replace(mailing.ports, mail_sender=sender))
    assert sender.sent == 1


def test_no_mail_is_sent_to_an_address_whose_mail_stopped(mailing: Mailing) -> None:
    stopped = Suppression(Cause.BOUNCE, "General", mailing.world.now())
    mailing.suppressions.add("Zoe@Example.org", stopped)
    event = mailing.restore(mailing.restoring())
    handle(event, mailing.ports)
    assert mailing.texts() == []
    mailing.suppressions.remove("zoe@example.org")
    handle(event, mailing.ports)
    assert len(mailing.texts()) == 1
