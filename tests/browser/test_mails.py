"""Every kind of mail as its reader sees it: the part of HTML in a real browser, in every look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from gas.domain.account import Close, Downgrade, RecordErased, RecordToken, Upgrade
from gas.domain.job_rules import ArchivePolicy, Fail, RequestRestore, Restore
from gas.domain.mail import MailKind
from gas.events import AccountBody, AccountClosed, Event, FailureCode, JobBody, Tier
from gas.tables.profiles import Profile
from notifier.account_contents import account_content
from notifier.contents import Content, Site
from notifier.job_contents import job_content, leaving_content, restored_together_content
from notifier.mails import build_mail
from tests.support.browser import Scheme, Window, in_every_look, window
from tests.support.mails import html_part, plain_part
from tests.support.world import World, warm_vcf

pytestmark = pytest.mark.browser

SITE = Site("https://gas.example.org")
ZONE = "Europe/Berlin"
LONG = "a-very-long-name-of-a-file-" * 6 + ".vcf"


def told(world: World, event: Event) -> Content:
    """What the mail about the event says."""
    body = event.data
    if isinstance(body, JobBody):
        content = job_content(body, world.job(body.job_id), ZONE, SITE, later_restores=4)
    else:
        assert isinstance(body, AccountBody)
        content = account_content(body, event.time, ZONE, SITE, ArchivePolicy(timedelta(minutes=5)))
    assert content
    return content


def all_mails(world: World, user: str) -> Iterator[tuple[Event, Content]]:
    """Every kind of mail, some of them for a file with a long name."""
    done = world.completed(user)
    yield (event := world.last_event()), told(world, event)
    yield event, leaving_content(done, event.time + timedelta(days=7), ZONE, SITE)
    world.archive(done)
    yield (event := world.last_event()), told(world, event)
    world.jobs.execute(done.job_id, RequestRestore(Tier.STANDARD, world.now()))
    world.jobs.execute(done.job_id, Restore(warm_vcf(done).model_copy(update={"key": "new"})))
    yield (event := world.last_event()), told(world, event)
    yield event, restored_together_content(1_234, 2, SITE)
    bad = world.submit(user, filename=LONG)
    world.jobs.execute(bad.job_id, Fail(FailureCode.INVALID_VCF, "REF is not the base.", 17))
    yield (event := world.last_event()), told(world, event)
    acts = (Upgrade("free of charge"), Downgrade("asked"), RecordToken("x7Qz"))
    for command in (*acts, Close(user, "asked"), RecordErased(2)):
        world.accounts.execute(user, command)
        event = world.last_event()
        if not isinstance(event.data, AccountClosed):
            yield event, told(world, event)


@in_every_look
def test_every_mail_looks_well(browser: Browser, width: int, scheme: Scheme) -> None:
    world = World()
    user = world.register()
    profile = Profile(
        user, "i", "s", "ada@example.org", "Ada Lovelace", zone=ZONE, mail_key="ab" * 32
    )
    seen = set()
    with window(browser, width, scheme) as opened:
        for number, (event, content) in enumerate(all_mails(world, user)):
            mail = build_mail(event, content, profile, "gas@example.org", SITE)
            _look(opened, html_part(mail), scheme)
            opened.take_screenshot(f"mail-{number}-{content.kind}-{width}-{scheme}")
            text = "".join(plain_part(mail).split())  # its lines are short
            for said in (*content.paragraphs, *content.after, *map(": ".join, content.facts)):
                assert "".join(said.split()) in text
            seen.add(content.kind)
    assert seen == set(MailKind)


def _look(opened: Window, html: str, scheme: Scheme) -> None:
    opened.page.set_content(html)
    ground = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(20, 25, 31)" if scheme == "dark" else "rgb(242, 245, 248)")
    opened.must_be_well()
