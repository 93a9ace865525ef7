"""Mails about results that come back: each of a few, the last ones of many."""

import re
from email.message import EmailMessage

import pytest

from gas.domain.account import Downgrade, Upgrade
from gas.domain.job import Job
from gas.domain.job_rules import Archive, RequestRestore, Restore
from gas.events import ArchiveCopy, Event, ResultFile, ResultKind, Tier
from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.profiles import MemoryProfileTable
from gas.tables.profiles import Profile
from notifier.handler import Ports, handle
from notifier.mails import MOST_LATER
from tests.support.world import World

COPY = ArchiveCopy(store="s3", archive_id="cold", size_bytes=1, sha256="0" * 64)


class MailSender:
    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    def send(self, mail: EmailMessage, to: str) -> None:
        self.mails.append(mail)


class Place:
    def __init__(self) -> None:
        self.world = World()
        self.user = self.world.register()
        self.world.accounts.execute(self.user, Upgrade("paid"))
        self.post = MailSender()
        profiles = MemoryProfileTable()
        profiles.save(Profile(self.user, "i", "s", "zoe@example.org", "Zoë"))
        self.ports = Ports(
            job_table=self.world.job_table,
            account_table=self.world.account_table,
            profiles=profiles,
            effect_claims=MemoryEffectClaims(self.world.now),
            post=self.post,
            public_url="http://gas",
            mail_from="gas@example.org",
            now=self.world.now,
        )

    def archived(self) -> Job:
        job = self.world.completed(self.user)
        return self.world.jobs.execute(job.job_id, Archive(COPY))

    def on_the_way(self) -> Job:
        job = self.archived()
        return self.world.jobs.execute(job.job_id, RequestRestore(Tier.STANDARD, self.world.now()))

    def comes_back(self, job: Job) -> Event:
        key = f"{self.user}/{job.job_id}/new/my.vcf"
        file = ResultFile(kind=ResultKind.VCF, key=key, size_bytes=1, sha256="0" * 64)
        self.world.jobs.execute(job.job_id, Restore(file))
        return self.world.last_event()

    def told(self) -> list[str]:
        return [mail.get_content() for mail in self.post.mails]


@pytest.fixture
def place() -> Place:
    return Place()


def test_each_of_a_few_results_gets_a_mail_with_how_many_will_follow(place: Place) -> None:
    for job in [place.on_the_way() for _ in range(3)]:
        handle(place.comes_back(job), place.ports)
    assert [re.findall("after it: ([0-9])", text) for text in place.told()] == [["2"], ["1"], []]


def test_only_the_last_of_many_results_get_a_mail(place: Place) -> None:
    jobs = [place.on_the_way() for _ in range(60)]
    for job in jobs:
        event = place.comes_back(job)
        handle(event, place.ports)
        handle(event, place.ports)
    assert [str(mail["Subject"]) for mail in place.post.mails] == [
        "The result of my.vcf.gz is back"
    ] * (MOST_LATER + 1)
    for job, text in zip(jobs[-MOST_LATER - 1 :], place.told(), strict=True):
        assert job.job_id in text


def test_a_late_notifier_sends_mails_only_for_the_last_results(place: Place) -> None:
    events = [place.comes_back(job) for job in [place.on_the_way() for _ in range(60)]]
    for event in reversed(events):
        handle(event, place.ports)
    assert len(place.told()) == MOST_LATER + 1
    assert "after it: 10" in place.told()[-1]


def test_results_whose_restore_is_not_yet_requested_count_as_following(place: Place) -> None:
    job = place.on_the_way()
    for _ in range(MOST_LATER + 1):
        place.archived()
    event = place.comes_back(job)
    handle(event, place.ports)
    assert place.told() == []
    place.world.accounts.execute(place.user, Downgrade("asked"))
    handle(event, place.ports)
    assert len(place.told()) == 1, "what a Free user has archived does not come"


def test_a_lagging_index_causes_no_mail_for_the_first_of_many_results(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [place.on_the_way() for _ in range(60)]
    before = [job.job_id for job in jobs]
    events = [place.comes_back(job) for job in jobs[:30]]
    monkeypatch.setattr(place.world.job_table, "cold", lambda user_id, limit: before[:limit])
    for event in events:
        handle(event, place.ports)
    assert place.told() == []


def test_a_lagging_index_does_not_suppress_the_mail_for_the_last_result(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [place.on_the_way() for _ in range(40)]
    before = [job.job_id for job in jobs]
    events = [place.comes_back(job) for job in jobs]
    monkeypatch.setattr(place.world.job_table, "cold", lambda user_id, limit: before[:limit])
    handle(events[-1], place.ports)
    (text,) = place.told()
    assert "after it" not in text
