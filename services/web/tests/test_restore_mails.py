"""Mails about restored results: one for each of a few, and one for all of many."""

from __future__ import annotations

import re

import pytest

from gas.domain.account import Downgrade
from gas.domain.job_rules import Delete
from gas.events import Event
from gas.messaging.delivery import Postponed
from notifier.handler import handle
from notifier.restores import MOST_ALONE, PATIENCE
from tests.support.mailing import Mailing


@pytest.fixture
def mailing() -> Mailing:
    return Mailing()


def test_each_of_a_few_results_gets_a_mail_with_how_many_will_follow(mailing: Mailing) -> None:
    for job in [mailing.restoring() for _ in range(3)]:
        handle(mailing.restore(job), mailing.ports)
    assert [re.findall("after it: ([0-9])", text) for text in mailing.texts()] == [["2"], ["1"], []]


def told(mailing: Mailing, *events: Event) -> int:
    """Handle the events; how many of them wait."""
    waiting = 0
    for event in events:
        try:
            handle(event, mailing.ports)
        except Postponed:
            waiting += 1
    return waiting


def subjects(mailing: Mailing) -> list[str]:
    return [str(mail["Subject"]) for mail in mailing.mail_sender.mails]


@pytest.mark.parametrize("count", [MOST_ALONE, MOST_ALONE + 1, 20])
def test_many_results_of_one_upgrade_are_one_mail(mailing: Mailing, count: int) -> None:
    events = []
    for job in [mailing.restoring() for _ in range(count)]:
        events.append(mailing.restore(job))
        told(mailing, events[-1], events[-1])
    if count > MOST_ALONE:
        assert subjects(mailing) == [f"Your results are back: {count} results"]
    else:
        assert subjects(mailing) == ["The result of my.vcf.gz is back"] * count
    before = subjects(mailing)
    assert told(mailing, *events) == 0
    assert subjects(mailing) == before


def test_a_late_notifier_sends_one_mail_too(mailing: Mailing) -> None:
    events = [mailing.restore(job) for job in [mailing.restoring() for _ in range(20)]]
    assert told(mailing, *reversed(events)) == 0
    assert subjects(mailing) == ["Your results are back: 20 results"]


def test_the_mail_about_many_waits_for_the_last_a_day_and_then_names_what_is_missing(
    mailing: Mailing,
) -> None:
    *jobs, _ = [mailing.restoring() for _ in range(15)]
    events = [mailing.restore(job) for job in jobs]
    assert told(mailing, *events) == MOST_ALONE
    assert subjects(mailing) == []
    mailing.world.pass_time(PATIENCE)
    assert told(mailing, *events) == 0
    (text,) = mailing.texts()
    assert "14 results of yours are back" in " ".join(text.split())
    assert "Still on their way: 1." in text
    assert "\nResults: 14\n" in text


def test_the_mail_about_many_comes_where_the_last_result_is_deleted_on_its_way(
    mailing: Mailing,
) -> None:
    *jobs, last = [mailing.restoring() for _ in range(15)]
    events = [mailing.restore(job) for job in jobs]
    assert told(mailing, *events) == MOST_ALONE
    mailing.world.jobs.execute(last.job_id, Delete(mailing.user, "asked"))
    assert told(mailing, *events) == 0
    assert subjects(mailing) == ["Your results are back: 14 results"]


def test_results_whose_restore_is_not_yet_requested_count_as_following(mailing: Mailing) -> None:
    job = mailing.restoring()
    for _ in range(MOST_ALONE + 1):
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
    jobs = [mailing.restoring() for _ in range(30)]
    stale = [job.job_id for job in jobs]
    events = [mailing.restore(job) for job in jobs[:15]]
    mailing.let_index_lag(monkeypatch, stale)
    for event in events:
        handle(event, mailing.ports)
    assert mailing.texts() == []


def test_a_lagging_index_does_not_suppress_the_mail_for_the_last_result(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [mailing.restoring() for _ in range(15)]
    stale = [job.job_id for job in jobs]
    events = [mailing.restore(job) for job in jobs]
    mailing.let_index_lag(monkeypatch, stale)
    handle(events[-1], mailing.ports)
    assert subjects(mailing) == ["Your results are back: 15 results"]
