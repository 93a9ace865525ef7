"""Sessions are kept on the server: a logout ends one for every copy of its cookie; so does age."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests.support.login import Provider, copy_of, csrf_of
from tests.support.web_server import WebServer

MINUTE = timedelta(minutes=1)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    return Provider(monkeypatch)


def is_logged_in(browser: FlaskClient) -> bool:
    answer = browser.get("/account")
    assert answer.status_code in {200, 302}
    return answer.status_code == 200


def tokens_of(server: WebServer, name: str = "ada") -> int:
    profile = server.accounts.profiles.get(server.user(name).id)
    assert profile
    return len(profile.tokens) - 1  # the harness makes one for each user


def test_a_cookie_from_before_the_logout_opens_nothing_and_makes_no_token(
    server: WebServer, provider: Provider
) -> None:
    browser = provider.log_in(server)
    csrf = csrf_of(browser, "/account")
    stolen = copy_of(browser, server)
    assert is_logged_in(stolen)
    assert browser.post("/logout", data={"csrf_token": csrf}).status_code == 302
    assert not is_logged_in(browser)
    for path in ("/jobs", "/jobs/new", "/account", "/account/shares"):
        assert stolen.get(path).headers["Location"].startswith("/login"), path
    answer = stolen.post("/account/tokens", data={"csrf_token": csrf})
    assert answer.headers["Location"].startswith("/login")
    assert stolen.get("/api/v1/account").status_code == 401
    assert tokens_of(server) == 0


def test_a_session_that_nobody_uses_ends_after_an_hour(
    server: WebServer, provider: Provider
) -> None:
    browser = provider.log_in(server)
    for _ in range(4):
        server.world.pass_time(50 * MINUTE)
        assert is_logged_in(browser), "each use begins the hour anew"
    server.world.pass_time(60 * MINUTE)
    assert not is_logged_in(browser)


def test_a_page_that_asks_by_itself_does_not_keep_a_session(
    server: WebServer, provider: Provider
) -> None:
    browser = provider.log_in(server)
    for _ in range(3):
        server.world.pass_time(15 * MINUTE)
        assert browser.get("/jobs?part=live").status_code == 200
    server.world.pass_time(15 * MINUTE)
    assert browser.get("/jobs?part=live").status_code == 302


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(
    server: WebServer, provider: Provider
) -> None:
    browser = provider.log_in(server)
    for _ in range(14):
        server.world.pass_time(50 * MINUTE)
        assert is_logged_in(browser)
    server.world.pass_time(20 * MINUTE)
    assert not is_logged_in(browser)


@pytest.mark.parametrize("path", ["/account/upgrade", "/account/downgrade"])
def test_a_change_of_plan_gives_the_session_another_secret(
    server: WebServer, provider: Provider, path: str
) -> None:
    browser = provider.log_in(server)
    csrf = csrf_of(browser, "/account")
    if path.endswith("downgrade"):
        browser.post("/account/upgrade", data={"csrf_token": csrf})
        server.world.pass_time(2 * MINUTE)
    before = copy_of(browser, server)
    browser.post(path, data={"csrf_token": csrf})
    assert is_logged_in(copy_of(browser, server))
    assert is_logged_in(before), "requests that were under way"
    server.world.pass_time(2 * MINUTE)
    assert not is_logged_in(before)
    assert is_logged_in(browser)


def test_a_change_of_plan_by_the_api_in_a_browser_does_so_too(
    server: WebServer, provider: Provider
) -> None:
    browser = provider.log_in(server)
    csrf = csrf_of(browser, "/account")
    before = copy_of(browser, server)
    changed = browser.post("/api/v1/account/upgrade", headers={"X-CSRFToken": csrf})
    assert changed.json
    assert changed.json["plan"] == "premium"
    server.world.pass_time(2 * MINUTE)
    assert not is_logged_in(before)
    assert is_logged_in(browser)


def test_a_login_ends_the_session_that_the_browser_had(
    server: WebServer, provider: Provider
) -> None:
    browser = provider.log_in(server)
    before = copy_of(browser, server)
    provider.send_back(browser, sub="bob", email="bob@example.org", name="bob")
    assert "bob@example.org" in browser.get("/account").text
    assert not is_logged_in(before)


def test_a_forged_or_old_cookie_is_no_session(server: WebServer, provider: Provider) -> None:
    browser = provider.log_in(server)
    user = server.user("eve")
    for value in (
        "nonsense",
        f"{user.id}//",
        f"{user.id}/0/0",
        ["x"],
        7,
    ):
        with browser.session_transaction() as session:
            session["login"] = value
        assert not is_logged_in(browser)
    with browser.session_transaction() as session:
        session.clear()
        session["user_id"], session["until"] = user.id, 9e9
    assert not is_logged_in(browser), "as earlier versions wrote it"


def test_the_page_lists_sessions_and_signs_out_one_or_all(
    server: WebServer, provider: Provider
) -> None:
    here, there, other = (provider.log_in(server) for _ in range(3))
    stranger = provider.log_in(server, "bob")
    page = here.get("/account/sessions").text
    assert page.count(">Firefox on Linux<") == 3
    assert page.count("This browser") == 1
    csrf = csrf_of(here, "/account")
    newest = page.split("/account/sessions/")[1].split("/")[0]
    assert (
        here.post(f"/account/sessions/{newest}/end", data={"csrf_token": csrf}).status_code == 302
    )
    assert not is_logged_in(other)
    assert is_logged_in(there)
    theirs = server.sessions.of_user(server.user("bob").id)[0].session_id
    here.post(f"/account/sessions/{theirs}/end", data={"csrf_token": csrf})
    assert is_logged_in(stranger), "nobody ends another one's session"
    answer = here.post("/account/sessions/end-all", data={"csrf_token": csrf})
    assert answer.headers["Location"] == "/"
    assert not is_logged_in(here)
    assert not is_logged_in(there)
    assert is_logged_in(stranger)


def test_pages_do_not_pretend_that_an_ended_session_is_one(
    server: WebServer, provider: Provider
) -> None:
    here, there = provider.log_in(server), provider.log_in(server)
    csrf = csrf_of(here, "/account")
    here.post("/account/sessions/end-all", data={"csrf_token": csrf})
    home = there.get("/")
    assert home.status_code == 200
    assert "Log out" not in home.text
    assert "Log out" not in there.get("/help/api").text


def test_a_user_has_a_bounded_number_of_sessions(server: WebServer, provider: Provider) -> None:
    first = provider.log_in(server)
    for _ in range(20):
        last = provider.log_in(server)
    assert not is_logged_in(first)
    assert is_logged_in(last)
    assert last.get("/account/sessions").text.count(">Firefox on Linux<") == 20
