"""Who is refused at the login, and that the page says why."""

from __future__ import annotations

import email.headerregistry
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.login import Provider
from tests.support.web_server import WebServer
from web.identity.browsers import browser_name
from web.identity.mailbox import is_mailbox


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    return Provider(monkeypatch)


ONE = (
    "ada@example.org",
    "a.d+a@x.example.org",
    "ada@localhost",
    "o'hara_x@xn--bcher-kva.example",
    '"ada lovelace"@example.org',
    "ada@[192.0.2.1]",
    "ada@[IPv6:2001:db8::1]",
)
NOT_ONE = (
    "",
    "ada",
    "ada@",
    "@example.org",
    "ada@example.org, eve@example.org",
    "ada@example.org;eve@example.org",
    "Ada <ada@example.org>",
    "<ada@example.org>",
    "ada@example.org (Ada)",
    " ada@example.org",
    "ada@example.org\n",
    "ada@example.org\r\nBcc: eve@example.org",
    "ada @example.org",
    "ada@exa mple.org",
    "ada..l@example.org",
    ".ada@example.org",
    "ada@example..org",
    "ada@-example.org",
    "ada@example.org.",
    "ada@eve@example.org",
    "ada\x00@example.org",
    "ädä@example.org",
    "ada@bücher.example",
    f"{'a' * 65}@example.org",
    f"ada@{'a' * 64}.org",
    f"ada@{'.'.join(['a' * 60] * 5)}",
    f"{'a' * 60}@{'.'.join(['a' * 60] * 3)}.abcdefghijkl",
)


@pytest.mark.parametrize("address", ONE)
def test_one_address_is_accepted(server: WebServer, provider: Provider, address: str) -> None:
    answer = provider.send_back(server.app.test_client(), sub="ada", email=address)
    assert answer.status_code == 302


@pytest.mark.parametrize("address", NOT_ONE)
def test_what_is_not_one_address_is_refused(
    server: WebServer, provider: Provider, address: str
) -> None:
    browser = server.app.test_client()
    answer = provider.send_back(browser, sub="ada", email=address)
    assert answer.status_code == 403
    assert "e-mail address" in answer.text
    assert "log in again" in answer.text
    assert browser.get("/jobs").status_code == 302
    assert not server.world.db.streams, "no account is made"


@given(st.from_regex(r"[ -~]{1,12}@[ -~]{1,12}", fullmatch=True))
def test_whatever_is_accepted_is_one_recipient(address: str) -> None:
    if not is_mailbox(address):
        return
    mail = EmailMessage()
    mail["To"] = address
    (recipient,) = mail["To"].addresses
    assert recipient == email.headerregistry.Address(addr_spec=address)
    assert not recipient.display_name


@pytest.mark.parametrize("verified", [False, "false", "False", 0])
def test_an_address_that_the_provider_has_not_verified_is_refused(
    server: WebServer, provider: Provider, verified: Any
) -> None:
    browser = server.app.test_client()
    claims = {"sub": "ada", "email": "ada@example.org"}
    answer = provider.send_back(browser, **claims, email_verified=verified)
    assert answer.status_code == 403
    assert "has not verified your e-mail address" in answer.text
    assert browser.get("/jobs").status_code == 302
    assert not server.world.db.streams


@pytest.mark.parametrize("claims", [{}, {"email_verified": True}, {"email_verified": "true"}])
def test_a_provider_that_verifies_or_does_not_say_is_believed(
    server: WebServer, provider: Provider, claims: dict[str, Any]
) -> None:
    answer = provider.send_back(
        server.app.test_client(), sub="ada", email="ada@example.org", **claims
    )
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
            " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("curl/8.0", "Another program"),
        ("<script>", "Another program"),
        ("", "Another program"),
    ],
)
def test_browsers_have_names_that_people_know(agent: str, name: str) -> None:
    assert browser_name(agent) == name
