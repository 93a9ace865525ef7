"""Tokens and plans in the REST API, on in-memory ports."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.web_server import WebServer, problem
from web.accounts.billing import OperatorBilling
from web.accounts.operators import Operators


@pytest.fixture
def server() -> WebServer:
    return WebServer()


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
    assert len(server.world.log.read(f"account/{user.id}")) == 3


def test_plans_cannot_be_changed_by_users_where_operators_give_them(server: WebServer) -> None:
    user = server.user()
    billing = OperatorBilling(Operators())
    server.replace(accounts=dataclasses.replace(server.accounts, billing=billing))
    problem(user.call("POST", "/account/upgrade"), 409, "billing-unavailable")
    problem(user.call("POST", "/account/downgrade"), 409, "billing-unavailable")
