"""A user deletes the account: asked first, at once out everywhere, and a new one afterwards."""

from __future__ import annotations

import pytest

from tests.support.login import Provider, csrf_of
from tests.support.web_server import WebServer, problem
from web.accounts import service
from web.accounts.service import Identity

ADA = {"sub": "ada", "email": "ada@example.org", "name": "ada"}


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    return Provider(monkeypatch)


def test_nothing_happens_without_the_words(server: WebServer, provider: Provider) -> None:
    browser = provider.log_in(server)
    user = server.user()
    page = browser.get("/account/delete").text
    for said in ("in the archive", "uploads", "cancelled", "cannot be undone", "35 days"):
        assert said in page
    csrf = csrf_of(browser, "/account/delete")
    for typed in ("", "delete", "delete my accounts", "<script>"):
        answer = browser.post("/account/delete", data={"csrf_token": csrf, "confirm": typed})
        assert answer.status_code == 422
        assert "nothing is deleted" in answer.text
        problem(user.call("DELETE", "/account", json={"confirm": typed}), 422, "invalid-request")
    assert browser.post("/account/delete", data={"confirm": "delete my account"}).status_code == 400
    problem(user.call("DELETE", "/account"), 422, "invalid-request")
    problem(user.call("DELETE", "/account", json=["x"]), 422, "invalid-request")
    assert user.call("GET", "/account").status_code == 200


def test_a_deleted_account_lets_nobody_in_and_a_login_begins_another(
    server: WebServer, provider: Provider
) -> None:
    browser, other = provider.log_in(server), provider.log_in(server)
    user = server.user()
    job = server.world.completed(user.id)
    share = user.call("POST", f"/jobs/{job.job_id}/shares", json={}).json
    csrf = csrf_of(browser, "/account/delete")
    answer = browser.post(
        "/account/delete", data={"csrf_token": csrf, "confirm": " Delete  my ACCOUNT "}
    )
    assert answer.headers["Location"] == "/"
    assert "Your account is closed" in browser.get("/").text
    for one in (browser, other):
        assert one.get("/jobs").headers["Location"].startswith("/login")
    problem(user.call("GET", "/jobs"), 401, "unauthorized")
    link = f"/api/v1/jobs/{job.job_id}?share={share['token']}"
    problem(server.app.test_client().get(link), 410, "share-without-result")
    assert provider.send_back(browser, **ADA).status_code == 302
    assert browser.get(f"/jobs/{job.job_id}").status_code == 404
    assert "Account" in browser.get("/account").text
    again = server.user()
    assert again.id != user.id
    assert server.user().id == again.id, "not another one at each login"


def test_a_session_that_a_crash_left_opens_nothing(server: WebServer) -> None:
    user = server.user()
    server.accounts.close(user.id, "asked by the user")
    problem(user.call("GET", "/jobs"), 403, "account-closed")
    page = user.browser.get("/jobs")
    assert page.status_code == 403
    assert "begins a new, empty account" in page.text


def test_the_api_deletes_an_account_too(server: WebServer) -> None:
    user = server.user()
    assert user.call("DELETE", "/account", json={"confirm": "delete my account"}).status_code == 202
    again = user.call("DELETE", "/account", json={"confirm": "delete my account"})
    problem(again, 401, "unauthorized")
    closed = server.world.log.read(f"account/{user.id}")[-1]
    assert closed.type == "gas.account.closed.v1"
    assert closed.data.by == user.id  # type: ignore[attr-defined]


def test_a_login_that_meets_the_end_of_the_account_leaves_no_profile_behind(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, profiles = server.user(), server.accounts.profiles
    get = server.world.account_table.get

    def late(user_id: str) -> object:
        found = get(user_id)
        if user_id == user.id and found and not found.is_closed:
            server.accounts.close(user_id, "asked by the user")
            profiles.remove(user_id)
        return found

    monkeypatch.setattr(server.world.account_table, "get", late)
    identity = Identity("http://issuer", "ada", "ada@example.org", "ada")
    account = server.accounts.sign_in(identity)
    assert account.user_id != user.id
    assert profiles.get(user.id) is None
    assert profiles.get(account.user_id) is not None


def test_nobody_begins_accounts_without_end(
    server: WebServer, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_ACCOUNTS", 2)
    for _ in range(2):
        user = server.user()
        server.accounts.close(user.id, "asked by the user")
    answer = provider.send_back(server.app.test_client(), **ADA)
    assert answer.status_code == 403
    assert "Ask the operators" in answer.text
