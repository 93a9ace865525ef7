"""A user chooses which mails come: by the link in a mail, on the account page, over the API."""

from __future__ import annotations

import pytest

from gas.domain.mail import MailKind, UnsubscribeLink
from gas.tables.profiles import Profile
from tests.support.login import Provider, csrf_of
from tests.support.web_server import User, WebServer, problem


def profile_of(user: User) -> Profile:
    profile = user.server.accounts.profiles.get(user.id)
    assert profile is not None
    return profile


def test_one_click_stops_a_kind_without_login_and_another_sends_it_again(
    server: WebServer,
) -> None:
    user = server.user()
    link = UnsubscribeLink.of(user.id, MailKind.ARCHIVED, profile_of(user).mail_key)
    path, program = f"/mail/unsubscribe/{link}", server.app.test_client()
    page = program.get(path)
    assert "Stop these mails" in page.text
    assert profile_of(user).muted == (), "a scanner that follows links stops nothing"
    for _ in range(2):
        # What RFC 8058 says that mail programs send.
        answer = program.post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "no more mails of this kind" in answer.text
        assert profile_of(user).muted == ("archived",)
    assert "Send them again" in program.get(path).text
    program.post(path, data={"again": "1"})
    assert profile_of(user).muted == ()


def test_a_link_that_is_not_ours_stops_nothing(server: WebServer) -> None:
    ada, bob = server.user("ada"), server.user("bob")
    key = profile_of(ada).mail_key
    good = UnsubscribeLink.of(ada.id, MailKind.ARCHIVED, key)
    foreign = UnsubscribeLink.of(bob.id, MailKind.ARCHIVED, key)
    essential = UnsubscribeLink.of(ada.id, MailKind.PLAN, key)
    nobody = UnsubscribeLink.of("nobody", MailKind.ARCHIVED, key)
    client = server.app.test_client()
    for token in (foreign, essential, nobody, f"{good}0", str(good)[:-1], "x", f"{good}".upper()):
        for answer in (
            client.get(f"/mail/unsubscribe/{token}"),
            client.post(f"/mail/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"}),
        ):
            assert answer.status_code == 404
            assert "account page" in answer.text
    assert profile_of(ada).muted == profile_of(bob).muted == ()


def test_the_account_page_keeps_what_is_chosen(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Provider(monkeypatch).log_in(server)
    user, csrf = server.user(), csrf_of(browser, "/account")
    form = {"csrf_token": csrf, "kind": ["completed", "restored", "nonsense"]}
    assert browser.post("/account/mail", data=form).headers["Location"] == "/account"
    assert profile_of(user).muted == ("archived", "failed", "leaving")
    page = browser.get("/account").text
    assert page.count('name="kind"') == 5
    assert page.count("checked") == 2
    assert browser.post("/account/mail", data={"kind": "completed"}).status_code == 400
    browser.post("/account/mail", data={"csrf_token": csrf})
    assert len(profile_of(user).muted) == 5


def test_the_api_takes_zone_and_choice_and_refuses_what_is_none(server: WebServer) -> None:
    user = server.user()
    assert user.call("PUT", "/account/zone", json={"zone": "Europe/Berlin"}).status_code == 204
    assert profile_of(user).zone == "Europe/Berlin"
    for zone in ("Mars/Olympus", "../etc/passwd", "", "x" * 65, 7, "Europe"):
        answer = user.call("PUT", "/account/zone", json={"zone": zone})
        problem(answer, 422, "invalid-request")
    assert profile_of(user).zone == "Europe/Berlin"
    stopped = user.call("PUT", "/account/mail", json={"stopped": ["restored", "failed"]})
    assert stopped.json == {"stopped": ["failed", "restored"]}
    account = user.call("GET", "/account").json
    assert account["zone"] == "Europe/Berlin"
    assert account["mail"] == {"stopped": ["failed", "restored"]}
    problem(user.call("PUT", "/account/mail", json={"stopped": ["plan"]}), 422, "invalid-request")
    again = user.browser.get("/account").text
    assert 'data-zone="Europe/Berlin"' in again
