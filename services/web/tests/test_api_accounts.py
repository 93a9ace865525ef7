"""Tokens and plans in the REST API, on in-memory ports."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from tests.support.login import csrf_of
from tests.support.web_server import WebServer, problem
from web.accounts.billing import OperatorBilling
from web.accounts.operators import Operators


def test_a_request_without_a_valid_token_is_refused(server: WebServer) -> None:
    user = server.user()
    other = f"{user.token[:-4]}aaaa"
    for header in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": f"Bearer {other}"}):
        answer = server.app.test_client().get("/api/v1/jobs", headers=header)
        problem(answer, 401, "unauthorized")
        assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_a_revoked_token_no_longer_works(server: WebServer) -> None:
    user = server.user()
    profile = server.accounts.profiles.get(user.id)
    assert profile is not None
    server.accounts.profiles.remove_token(user.id, profile.tokens[0].sha256)
    problem(user.call("GET", "/account"), 401, "unauthorized")


def test_the_api_changes_plans_and_ignores_repeated_changes(server: WebServer) -> None:
    user = server.user()
    assert user.call("POST", "/account/upgrade").json["plan"] == "premium"
    assert user.call("POST", "/account/upgrade").json["plan"] == "premium"
    assert user.call("GET", "/account").json["email"] == "ada@example.org"
    assert user.call("POST", "/account/downgrade").json["plan"] == "free"
    assert len(server.world.log.read(f"account/{user.id}")) == 5, "with token and terms"


def test_plans_cannot_be_changed_by_users_where_operators_give_them(server: WebServer) -> None:
    user = server.user()
    billing = OperatorBilling(Operators())
    server.replace(accounts=dataclasses.replace(server.accounts, billing=billing))
    problem(user.call("POST", "/account/upgrade"), 409, "billing-unavailable")
    problem(user.call("POST", "/account/downgrade"), 409, "billing-unavailable")


def test_the_use_of_a_token_is_noted_at_most_once_an_hour(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = server.user()
    writes: list[str] = []
    profiles = server.accounts.profiles
    use = profiles.use_token

    def note(*given: str) -> None:
        writes.append(given[-1])
        use(*given)

    monkeypatch.setattr(profiles, "use_token", note)
    for minutes in (0, 1, 58, 1, 1):
        server.world.pass_time(timedelta(minutes=minutes))
        assert user.call("GET", "/account").status_code == 200
    assert writes == ["2026-01-01T00:00:00+00:00", "2026-01-01T01:00:00+00:00"]


def test_a_token_has_a_name_and_the_page_shows_when_it_was_used(server: WebServer) -> None:
    user = server.user()
    csrf = csrf_of(user.browser, "/account")
    assert "never" in user.browser.get("/account").text
    form = {"csrf_token": csrf, "name": "  <b>lab\u202e server " + "x" * 80}
    user.browser.post("/account/tokens", data=form)
    profile = server.accounts.profiles.get(user.id)
    assert profile is not None
    named = next(token for token in profile.tokens if token.name)
    assert named.name.startswith("<b>lab\ufffd server")
    assert len(named.name) == 60
    page = user.browser.get("/account").text
    assert "&lt;b&gt;lab" in page
    assert "gas_…" in page


def test_plans_are_side_by_side_and_say_whom_to_ask(server: WebServer) -> None:
    user = server.user()
    page = user.browser.get("/account/plans").text
    for said in ("50.0 GB", "2.0 TB", "100", "1,000", "for 5 minutes", "Yours"):
        assert said in page
    assert 'id="upgrade"' in page
    billing = OperatorBilling(Operators("ops@example.org"))
    asked = dataclasses.replace(
        server.accounts, billing=billing, operators=Operators("ops@example.org")
    )
    server.replace(accounts=asked)
    page = user.browser.get("/account/plans").text
    assert 'id="upgrade"' not in page
    assert "mailto:ops@example.org" in page
    assert user.id in page
