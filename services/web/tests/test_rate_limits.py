"""Rate limits of the API and of logins: who is refused, until when, and what answers say."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gas.tables.rates import LocalRateTable, Window
from tests.support.login import Provider
from tests.support.web_server import WebServer, problem
from web.exchange import ADMITTING
from web.settings import WebSettings

JOB = "019b76da-a800-7000-8000-000000000003"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    return Provider(monkeypatch)


def come_back(server: WebServer, provider: Provider, address: str = "192.0.2.1") -> TestResponse:
    """The answer to a browser of that address which comes back from the provider."""
    provider.claims = {"sub": "ada", "email": "ada@example.org"}
    browser: FlaskClient = server.app.test_client()
    return browser.get("/login/callback", environ_base={"REMOTE_ADDR": address})


def wait(server: WebServer, answer: Any) -> None:
    """Wait for as long as the answer says."""
    server.world.time += timedelta(seconds=int(answer.headers["Retry-After"]))


def test_a_user_over_the_limit_of_requests_is_told_when_to_come_back() -> None:
    server = WebServer(free_requests="3/minute")
    user, other = server.user("ada"), server.user("bob")
    left = [user.call("GET", "/jobs").headers["RateLimit"] for _ in range(3)]
    assert left == [f'"requests";r={n};t=60' for n in (2, 1, 0)]
    server.world.time += timedelta(seconds=20)
    refused = user.call("GET", "/jobs")
    document = problem(refused, 429, "too-many-requests")
    assert "Try again in 40 seconds" in document["detail"]
    assert document["retry_after"] == 40
    assert refused.headers["Retry-After"] == "40"
    assert refused.headers["RateLimit"] == '"requests";r=0;t=40'
    assert refused.headers["RateLimit-Policy"] == '"requests";q=3;w=60'
    assert other.call("GET", "/jobs").status_code == 200
    wait(server, refused)
    assert user.call("GET", "/jobs").status_code == 200


def test_each_plan_has_its_own_limit_of_requests() -> None:
    server = WebServer(free_requests="2/minute", premium_requests="5/minute")
    user = server.user()
    server.accounts.upgrade(user.id)
    codes = [user.call("GET", "/jobs").status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]


def test_nobody_uses_up_the_requests_of_another_user() -> None:
    server = WebServer(free_requests="2/minute")
    user = server.user()
    forged = {"Authorization": f"Bearer {user.token[:-4]}aaaa"}
    for _ in range(5):
        answer = server.app.test_client().get("/api/v1/jobs", headers=forged)
        problem(answer, 401, "unauthorized")
    assert user.call("GET", "/jobs").status_code == 200


def test_a_request_whose_body_is_asked_for_is_counted_once() -> None:
    server = WebServer(free_requests="2/minute")
    user = server.user()
    body = {"filename": "a.vcf", "size_bytes": 1}
    for left in (1, 0):
        asking = user.call("POST", "/uploads", json=body, environ_base={ADMITTING: True})
        assert asking.status_code == 204
        sent = user.call("POST", "/uploads", json=body)
        assert sent.status_code == 201
        assert f";r={left};" in sent.headers["RateLimit"]
    refused = user.call("POST", "/uploads", json=body, environ_base={ADMITTING: True})
    problem(refused, 429, "too-many-requests")


@pytest.mark.parametrize("path", ["/login", "/login/callback"])
def test_an_address_over_the_limit_of_logins_gets_a_page_that_says_so(
    provider: Provider, path: str
) -> None:
    server = WebServer(logins="2/minute")
    provider.claims = {"sub": "ada", "email": ""}  # refused logins count as well
    browser = server.app.test_client()
    provider.authorize_redirect = lambda _: "to the provider"  # type: ignore[attr-defined]
    for _ in range(2):
        assert browser.get(path).status_code != 429
    refused = browser.get(path)
    assert refused.status_code == 429
    assert refused.content_type.startswith("text/html")
    assert "many logins from your address" in refused.text
    assert "Try again in 60 seconds" in refused.text
    assert "r=0;t=60" in refused.headers["RateLimit"]
    wait(server, refused)
    assert browser.get(path).status_code != 429


def test_all_tasks_count_logins_together(provider: Provider) -> None:
    rates = LocalRateTable()
    tasks = [WebServer(rates, logins="3/minute") for _ in range(2)]
    codes = [come_back(tasks[n % 2], provider).status_code for n in range(5)]
    assert codes == [302, 302, 302, 429, 429]


def test_addresses_are_counted_apart_and_stored_unreadably(provider: Provider) -> None:
    keys: list[str] = []

    class Recording(LocalRateTable):
        def add(self, key: str, amount: int, now: int, seconds: int) -> Window:
            keys.append(key)
            return super().add(key, amount, now, seconds)

    server = WebServer(Recording(), logins="1/minute")
    assert come_back(server, provider, "192.0.2.1").status_code == 302
    assert come_back(server, provider, "192.0.2.2").status_code == 302
    assert come_back(server, provider, "192.0.2.1").status_code == 429
    assert come_back(server, provider, "::ffff:192.0.2.1").status_code == 429
    assert come_back(server, provider, "2001:db8:0:1::1").status_code == 302
    assert come_back(server, provider, "2001:db8:0:1::2").status_code == 429, "the same network"
    assert come_back(server, provider, "2001:db8:0:2::1").status_code == 302
    assert len(keys) == 4, "the task refuses by its own count, without a call"
    assert not any("192.0.2" in key or "2001:db8" in key for key in keys)


@pytest.mark.parametrize(("hops", "last"), [(0, 429), (1, 302)])
def test_the_address_is_the_one_that_the_last_proxy_saw(
    provider: Provider, hops: int, last: int
) -> None:
    server = WebServer(logins="1/minute", proxy_hops=hops)
    provider.claims = {"sub": "ada", "email": "ada@example.org"}

    def come(forwarded: str) -> int:
        browser = server.app.test_client()
        headers = {"X-Forwarded-For": forwarded}
        return browser.get("/login/callback", headers=headers).status_code

    assert come("192.0.2.1") == 302
    assert come("198.51.100.7, 192.0.2.1") == 429, "what a client writes itself counts for nothing"
    assert come("192.0.2.2") == last


def test_logins_are_still_limited_by_each_task_while_the_table_does_not_answer(
    provider: Provider,
) -> None:
    asked: list[int] = []

    class Silent(LocalRateTable):
        def add(self, key: str, amount: int, now: int, seconds: int) -> Window:
            asked.append(now)
            raise EndpointConnectionError(endpoint_url="http://dynamodb")

    server = WebServer(Silent(), logins="3/minute")
    assert [come_back(server, provider).status_code for _ in range(2)] == [302, 302]
    assert len(asked) == 1, "not every login waits for it"
    server.world.time += timedelta(seconds=10)
    assert [come_back(server, provider).status_code for _ in range(2)] == [302, 429]
    assert len(asked) == 2, "it is asked again"


def test_a_task_keeps_a_bounded_number_of_counts() -> None:
    table = LocalRateTable(most=3)
    for n in range(5):
        table.add(f"{n}", 1, now=n, seconds=60)
    assert [table.get(f"{n}", now=5) for n in range(5)] == [
        None,
        None,
        Window(1, 62),
        Window(1, 63),
        Window(1, 64),
    ]


@pytest.mark.parametrize("text", ["", "many", "10", "10/fortnight"])
def test_a_rate_that_cannot_be_read_stops_the_start(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape("logins")):
        WebSettings(logins=text)


def visit(server: WebServer, path: str, address: str, **headers: str) -> TestResponse:
    """The answer to somebody of that address whom nobody knows."""
    browser: FlaskClient = server.app.test_client()
    return browser.get(path, headers=headers, environ_base={"REMOTE_ADDR": address})


@pytest.mark.parametrize(
    "path", ["/", "/sample", f"/jobs/{JOB}?share=x", f"/jobs/{JOB}", f"/api/v1/jobs/{JOB}"]
)
def test_an_address_of_visitors_over_the_limit_is_told_when_to_come_back(path: str) -> None:
    server = WebServer(visits="2/minute")
    for _ in range(2):
        assert visit(server, path, "192.0.2.1").status_code < 429
    refused = visit(server, path, "192.0.2.1")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert "many requests from your address" in refused.text
    assert visit(server, path, "192.0.2.2").status_code < 429
    wait(server, refused)
    assert visit(server, path, "192.0.2.1").status_code < 429


def test_who_tries_tokens_is_refused_and_users_of_that_address_are_not() -> None:
    server = WebServer(visits="2/minute")
    user = server.user()
    forged = {"Authorization": f"Bearer {user.token[:-4]}aaaa"}
    codes = [visit(server, "/api/v1/jobs", "192.0.2.1", **forged).status_code for _ in range(3)]
    assert codes == [401, 401, 429]
    known = {"Authorization": f"Bearer {user.token}"}
    assert visit(server, "/api/v1/jobs", "192.0.2.1", **known).status_code == 200
