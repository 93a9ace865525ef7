"""What mails say, in both of their parts, and when they are sent."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from gas.domain.account import Close, Downgrade, RecordErased, RecordToken, Suspend, Upgrade
from gas.domain.job import Job
from gas.domain.job_rules import ArchivePolicy, Fail, RequestRestore, Restore, Start
from gas.domain.mail import OPTIONAL, MailKind, UnsubscribeLink
from gas.events import Event, FailureCode, ResultFile, ResultKind, Tier
from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.suppressions import MemorySuppressionTable
from gas.memory.users import MemoryRecipientTables
from gas.messaging.delivery import Postponed
from gas.tables.profiles import Profile
from gas.tables.suppressions import Cause, Suppression
from notifier.contents import Site, size
from notifier.handler import handle
from notifier.ports import Ports
from notifier.sending import MailRefused
from notifier.zones import local_time
from tests.support.mails import html_part, plain_part
from tests.support.world import BEGINNING, GRACE, World

DAYS = timedelta(days=1)


class Post:
    """A user, and the mails to that user; ``refusal`` is raised instead of sending."""

    def __init__(self, grace: timedelta = GRACE) -> None:
        self.world = World()
        self.user = self.world.register("ada")
        profile = Profile(self.user, "i", "s", "ada@example.org", "Ada <b>")
        self.world.profiles.save(profile)
        self.mails: list[EmailMessage] = []
        self.refusal: Exception | None = None
        self.suppressions = MemorySuppressionTable()
        self.ports = Ports(
            job_table=self.world.job_table,
            recipients=MemoryRecipientTables(
                self.world.profiles,
                self.world.account_table,
                self.world.job_table,
                self.suppressions,
            ),
            profiles=self.world.profiles,
            effect_claims=MemoryEffectClaims(self.world.now),
            mail_sender=self,
            site=Site("http://gas"),
            mail_from="gas@example.org",
            archive_policy=ArchivePolicy(grace),
            now=self.world.now,
        )

    def send(self, mail: EmailMessage, to: str) -> None:
        if self.refusal:
            raise self.refusal
        assert to == "ada@example.org"
        self.mails.append(mail)

    def about(self, event: Event) -> EmailMessage:
        """The one mail about that event, which is delivered twice."""
        self.mails.clear()
        for _ in range(2):
            handle(event, self.ports)
        (mail,) = self.mails
        assert mail["X-GAS-Event"] == event.id
        return mail

    def last(self) -> EmailMessage:
        return self.about(self.world.last_event())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in {"style", "title"}
        self.links += [value or "" for name, value in attrs if (tag, name) == ("a", "href")]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def both(mail: EmailMessage, *said: str) -> str:
    """Check that both parts say that, as their readers see it; returns the HTML."""
    parser = _Words()
    parser.feed(html_part(mail))
    seen = (plain_part(mail), " ".join(parser.words + parser.links))
    for text in seen:
        for words in said:
            assert words in " ".join(text.split()), words
    return html_part(mail)


@pytest.fixture
def post() -> Post:
    return Post()


def failed(post: Post, code: FailureCode, message: str, line: int | None = None) -> None:
    job = post.world.submit(post.user)
    post.world.jobs.execute(job.job_id, Fail(code, message, line))


def restored(post: Post, job: Job) -> None:
    file = ResultFile(kind=ResultKind.VCF, key="k", size_bytes=2_500_000, sha256="a" * 64)
    post.world.jobs.execute(job.job_id, RequestRestore(Tier.STANDARD, post.world.now()))
    post.world.jobs.execute(job.job_id, Restore(file))


def test_a_mail_about_a_result_has_the_numbers_that_matter(post: Post) -> None:
    job = post.world.submit(post.user)
    post.world.jobs.execute(job.job_id, Start("engine/1", "human-mt@1"))
    post.world.complete(job)
    mail = post.last()
    both(
        mail,
        "my.vcf.gz is annotated",
        "1 record, 0 of them",
        "human-mt@1",
        "0.5 seconds",
        "Ada <b>",
    )
    both(mail, f"http://gas/jobs/{job.job_id}", "until 1 January 2026, 00:05 UTC", "Premium")
    assert "Ada &lt;b&gt;" in html_part(mail)


@pytest.mark.parametrize("code", [code for code in FailureCode if code != "cancelled"])
def test_a_mail_about_a_failure_says_what_to_do(post: Post, code: FailureCode) -> None:
    failed(post, code, "REF <x> & more is not the reference's.", 12_345)
    html = both(post.last(), "REF <x> & more", "line 12,345", "What to do", str(code))
    assert "REF &lt;x&gt; &amp; more" in html


def test_names_of_files_are_text_in_html(post: Post) -> None:
    name = "<img src=x onerror=alert(1)>\"'.vcf"
    post.world.complete(post.world.submit(post.user, filename=name))
    html = both(post.last(), name)
    assert "<img" not in html


def test_archived_and_restored_results_are_named_by_size_and_checksum(post: Post) -> None:
    job = post.world.archive(post.world.completed(post.user))
    assert job.archive is not None
    both(post.last(), "in the archive", job.archive.sha256, "6 bytes", "Premium")
    restored(post, job)
    both(post.last(), "byte for byte", "2.5 MB", "a" * 64, f"http://gas/jobs/{job.job_id}")


def test_changes_of_the_account_are_mailed_and_cannot_be_stopped(post: Post) -> None:
    post.world.profiles.mute(post.user, [str(kind) for kind in MailKind])
    post.world.accounts.execute(post.user, Upgrade("p"))
    both(post.last(), "You are on Premium now", "http://gas/account")
    post.world.accounts.execute(post.user, Downgrade("asked"))
    both(post.last(), "You are on Free now", "1 January 2026, 00:05 UTC")
    post.world.accounts.execute(post.user, RecordToken("wxyz"))
    mail = post.last()
    both(mail, "gas_…wxyz", "revoke the token")
    assert mail["List-Unsubscribe"] is None
    for command in (Suspend("ops", "r"),):
        post.world.accounts.execute(post.user, command)
        handle(post.world.last_event(), post.ports)
    assert len(post.mails) == 1, "about a suspension the operators write"


def test_the_last_mail_takes_the_address_with_it(post: Post) -> None:
    post.world.accounts.execute(post.user, Close(post.user, "asked"))
    post.world.accounts.execute(post.user, RecordErased(0))
    event = post.world.last_event()
    both(post.about(event), "Your account is deleted", "name and address too")
    assert post.world.profiles.get(post.user) is None


@pytest.mark.parametrize("cause", ["refused", "bounced"])
def test_the_address_goes_also_where_no_mail_reaches_it(post: Post, cause: str) -> None:
    post.world.accounts.execute(post.user, Close(post.user, "asked"))
    post.world.accounts.execute(post.user, RecordErased(0))
    if cause == "refused":
        post.refusal = MailRefused("not verified")
    else:
        post.suppressions.add("ada@example.org", Suppression(Cause.BOUNCE, "", BEGINNING))
    handle(post.world.last_event(), post.ports)
    assert post.world.profiles.get(post.user) is None


def test_times_are_those_of_the_readers_zone(post: Post) -> None:
    post.world.profiles.set_zone(post.user, "Asia/Tokyo")
    post.world.completed(post.user)
    both(post.last(), "1 January 2026, 09:05 JST")
    assert local_time(BEGINNING, "Asia/Kathmandu") == "1 January 2026, 05:45 UTC+0545"
    for unknown in ("", "Mars/Olympus", "../../etc/passwd", "Europe", "x" * 5000):
        assert local_time(BEGINNING, unknown) == "1 January 2026, 00:00 UTC"


@pytest.mark.parametrize("kind", OPTIONAL)
def test_a_stopped_kind_is_not_sent_and_each_optional_mail_has_the_link(
    post: Post, kind: MailKind
) -> None:
    profile = post.world.profiles.get(post.user)
    assert profile is not None
    link = UnsubscribeLink.of(post.user, kind, profile.mail_key)
    assert UnsubscribeLink.read(str(link)) == link
    assert link.is_signed(profile.mail_key)
    for other in (replace(link, user_id="bob"), replace(link, kind=MailKind.PLAN)):
        assert not other.is_signed(profile.mail_key)
    assert not UnsubscribeLink.of(post.user, kind, "").is_signed("")
    post.world.profiles.mute(post.user, [kind])
    if kind is MailKind.COMPLETED:
        post.world.completed(post.user)
        handle(post.world.last_event(), post.ports)
        assert post.mails == []
        post.world.profiles.mute(post.user, ())
        mail = post.last()
        assert mail["List-Unsubscribe"] == f"<http://gas/mail/unsubscribe/{link}>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        both(mail, f"http://gas/mail/unsubscribe/{link}")
        raw = mail.as_bytes()
        assert f"\nList-Unsubscribe: <http://gas/mail/unsubscribe/{link}>\n".encode() in raw


def test_a_reminder_comes_a_day_before_a_long_grace_period_ends() -> None:
    post = Post(grace=20 * DAYS)
    job = post.world.completed(post.user)
    event = post.world.last_event()
    with pytest.raises(Postponed) as postponed:
        handle(event, post.ports)
    assert postponed.value.due == job.submitted_at + 19 * DAYS
    assert len(post.mails) == 1
    post.world.pass_time(19 * DAYS)
    mail = post.about(event)
    assert "moves to the archive soon" in mail["Subject"]
    both(mail, "Download your result in time", "21 January 2026, 00:00 UTC", "Nothing is lost")
    post.world.pass_time(DAYS)
    handle(event, post.ports)
    assert len(post.mails) == 1


def test_no_reminder_comes_about_what_does_not_move() -> None:
    post = Post(grace=20 * DAYS)
    post.world.completed(post.user)
    event = post.world.last_event()
    with pytest.raises(Postponed):
        handle(event, post.ports)
    post.world.accounts.execute(post.user, Upgrade("p"))
    post.world.pass_time(19 * DAYS)
    handle(event, post.ports)
    assert len(post.mails) == 1


def test_html_has_no_part_that_is_fetched_and_knows_dark(post: Post) -> None:
    post.world.completed(post.user)
    html = html_part(post.last())
    assert "prefers-color-scheme: dark" in html
    assert not re.search(r"<(img|script|link|iframe)|url\(|@import", html)
    assert max(map(len, post.mails[0].as_bytes().split(b"\n"))) < 500


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_400_000, "1.4 MB"), (10**16, "10000.0 TB")],
)
def test_sizes_are_decimal(size_bytes: int, shown: str) -> None:
    assert size(size_bytes) == shown
