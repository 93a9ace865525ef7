"""No text of a user can write into the headers of a mail."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gas.events import JobCompleted
from gas.messaging.delivery import Refused
from gas.tables.profiles import Profile
from notifier.contents import Site
from notifier.job_contents import job_content
from notifier.mails import build_mail
from tests.support.web_server import WebServer, problem
from tests.support.world import World

HEADERS = {
    *("From", "To", "Subject", "Message-ID", "X-GAS-Event", "Auto-Submitted"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "Content-Type", "MIME-Version"),
}
REFUSED = ("Cc", "Cf", "Cs", "Zl", "Zp")
ATTACKS = (
    "=?utf-8?q?a=0ABcc=3A_eve=40example.org?=.vcf",
    "=?utf-8?b?YQpCY2M6IGV2ZUBleGFtcGxlLm9yZw==?= .vcf",
    "a\r\nBcc: eve@example.org\r\n\r\n.vcf",
    "a\u2028Bcc: eve@example.org",
    "\u202efcv.exe",
    "=?",
    "?=",
    "=?x?q?",
    "a" * 255,
    "é" * 255,
    "  two  spaces  ",
    "\u00a0",
    "日本語.vcf",
)

Test = Callable[..., None]
SITE, USER = Site("http://gas"), "7ffc3599-4a29-55df-b460-bfab291ce0d8"
world = World()
job = world.completed(world.register())
event = world.last_event()


def built(filename: str, name: str = "Zoë", email: str = "zoe@example.org") -> EmailMessage:
    """The mail about a completed job whose file has that name."""
    named = replace(job, input=job.input.model_copy(update={"filename": filename}))
    assert isinstance(event.data, JobCompleted)
    content = job_content(event.data, named, "", SITE)
    assert content is not None
    profile = Profile(USER, "i", "s", email, name, mail_key="ab" * 32)
    return build_mail(event, content, profile, "gas@example.org", SITE)


def sent(mail: EmailMessage) -> EmailMessage:
    """The mail as its receiver reads it."""
    raw = mail.as_bytes(policy=policy.SMTP)
    head, _, _ = raw.partition(b"\r\n\r\n")
    assert head.isascii()
    # The longest is an address, which must not be broken.
    assert max(map(len, head.split(b"\r\n"))) < 200
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def readable(text: str) -> str:
    return "".join("\ufffd" if unicodedata.category(c) in REFUSED else c for c in text)


def with_attacks(test: Test) -> Test:
    for attack in ATTACKS:
        test = example(attack)(test)
    return test


@with_attacks
@given(st.text(min_size=1, max_size=255))
@settings(deadline=None)
def test_the_subject_is_read_as_it_was_written_and_no_header_is_added(filename: str) -> None:
    found = sent(built(filename))
    assert set(found.keys()) == HEADERS
    assert len(found.keys()) == len(HEADERS)
    subject = message_from_bytes(built(filename).as_bytes(policy=policy.SMTP))["Subject"]
    # The older decoder of the standard library follows RFC 2047 to the letter.
    assert str(make_header(decode_header(subject))) == f"{readable(filename)} is annotated"
    assert str(built(filename)["Subject"]) == f"{readable(filename)} is annotated"


@with_attacks
@given(st.text(min_size=1, max_size=255))
@settings(deadline=None)
def test_the_name_of_a_user_adds_neither_a_header_nor_a_receiver(name: str) -> None:
    found = sent(built("my.vcf", name=name))
    assert set(found.keys()) == HEADERS
    (receiver,) = found["To"].addresses
    assert receiver.addr_spec == "zoe@example.org"
    assert "eve@example.org" not in str(found.get("Bcc", ""))


@pytest.mark.parametrize(
    "email",
    [
        "zoe@example.org, eve@example.org",
        "zoe@example.org>\r\nBcc: eve@example.org",
        "zoe",
        "",
        "a b@example.org",
        "zoë@example.org",
    ],
)
def test_what_is_not_one_address_is_not_mailed(email: str) -> None:
    with pytest.raises(Refused):
        built("my.vcf", email=email)


@pytest.mark.parametrize(
    "character", ["\n", "\x85", "\u200b", "\u202e", "\u2028", "\u2029", "\ufeff"]
)
def test_control_format_and_separator_characters_are_refused_at_upload(character: str) -> None:
    user = WebServer().user()
    body = {"filename": f"my{character}.vcf", "size_bytes": 1}
    document = problem(user.call("POST", "/uploads", json=body), 422, "invalid-request")
    (fault,) = document["errors"]
    assert fault["field"] == "filename"
    assert f"U+{ord(character):04X}" in fault["message"]


@pytest.mark.parametrize("filename", ["my file.vcf", "é\u0301\u00a0日本語.vcf.gz", "=?utf-8?q?a?="])
def test_other_names_are_accepted(filename: str) -> None:
    user = WebServer().user()
    body = {"filename": filename, "size_bytes": 1}
    assert user.call("POST", "/uploads", json=body).status_code == 201
