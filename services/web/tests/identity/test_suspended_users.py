"""A suspended user: the login says so, sessions and tokens stop, and all is there afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gas.domain.account import Reinstate, Suspend
from tests.support.login import Provider, csrf_of
from tests.support.web_server import User, WebServer, problem
from web.accounts.operators import Operators

CONTACT = "ops@example.org"


@pytest.fixture
def server() -> WebServer:
    server = WebServer()
    server.replace(accounts=replace(server.accounts, operators=Operators(CONTACT)))
    return server


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    return Provider(monkeypatch)


def suspend(user: User) -> None:
    user.server.world.accounts.execute(user.id, Suspend("ops", "abuse of the service"))


def reinstate(user: User) -> None:
    user.server.world.accounts.execute(user.id, Reinstate("ops", "cleared"))


def test_the_login_says_that_the_account_is_suspended_and_whom_to_ask(
    server: WebServer, provider: Provider
) -> None:
    user = server.user()
    suspend(user)
    browser = server.app.test_client()
    claims = {"sub": "ada", "email": "ada@example.org", "name": "ada"}
    answer = provider.send_back(browser, **claims)
    assert answer.status_code == 403
    assert "Your account is suspended" in answer.text
    assert CONTACT in answer.text
    assert "abuse" not in answer.text, "the reason is for operators"
    assert browser.get("/jobs").headers["Location"].startswith("/login")
    reinstate(user)
    assert provider.send_back(browser, **claims).status_code == 302


def test_sessions_and_tokens_stop_at_once_and_go_on_afterwards(
    server: WebServer, provider: Provider
) -> None:
    user = server.user()
    browser = provider.log_in(server)
    csrf = csrf_of(browser, "/account")
    job = server.world.completed(user.id)
    suspend(user)
    for path in ("/jobs", "/jobs/new", "/account", f"/jobs/{job.job_id}", "/account/sessions"):
        page = browser.get(path)
        assert page.status_code == 403, path
        assert "Your account is suspended" in page.text
        assert CONTACT in page.text
    assert browser.post("/account/tokens", data={"csrf_token": csrf}).status_code == 403
    for method, path in (
        ("GET", "/account"),
        ("GET", "/jobs"),
        ("GET", f"/jobs/{job.job_id}/result"),
        ("POST", "/uploads"),
        ("POST", "/jobs"),
        ("POST", "/account/upgrade"),
        ("DELETE", f"/jobs/{job.job_id}"),
        ("DELETE", "/personal"),
    ):
        refused = problem(user.call(method, path, json={}), 403, "account-suspended")
        assert CONTACT in refused["detail"]
    reinstate(user)
    assert browser.get(f"/jobs/{job.job_id}/download").status_code == 302
    assert user.call("GET", f"/jobs/{job.job_id}/result").status_code == 302


def test_a_suspended_user_can_still_log_out(server: WebServer, provider: Provider) -> None:
    browser = provider.log_in(server)
    csrf = csrf_of(browser, "/account")
    suspend(server.user())
    assert "Log out" in browser.get("/jobs").text
    assert browser.post("/logout", data={"csrf_token": csrf}).status_code == 302
    reinstate(server.user())
    assert browser.get("/jobs").status_code == 302


def test_links_of_a_suspended_user_open_nothing_meanwhile(server: WebServer) -> None:
    user = server.user()
    job = server.world.completed(user.id)
    share = user.call("POST", f"/jobs/{job.job_id}/shares", json={}).json
    path = f"/api/v1/jobs/{job.job_id}?share={share['token']}"
    reader = server.app.test_client()
    assert reader.get(path).status_code == 200
    suspend(user)
    refused = problem(reader.get(path), 410, "share-without-result")
    assert "suspended" not in refused["detail"], "that is nobody else's business"
    reinstate(user)
    assert reader.get(path).status_code == 200
