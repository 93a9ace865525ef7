"""Shares: what a link opens, until when, and who sees that; on in-memory ports."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gas.domain.account import Upgrade
from gas.domain.job import Job
from gas.domain.job_rules import Delete, RequestRestore, Restore
from gas.events import Tier
from gas.memory.tables import MemoryJobTable
from gas.observability import logs, tracing
from gas.observability.tracing.export import recording_to
from tests.support.web_server import User, WebServer, problem
from tests.support.world import warm_vcf
from web.personal.shares import MOST_OF_USER
from web.settings import WebSettings


@pytest.fixture
def job(server: WebServer, user: User) -> Job:
    return server.world.completed(user.id)


def make(user: User, job: Job, **body: Any) -> Any:
    answer = user.call("POST", f"/jobs/{job.job_id}/shares", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json


def visit(server: WebServer, job: Job, token: str) -> Any:
    """A request of somebody without a login."""
    client = server.app.test_client()
    return client.get(f"/api/v1/jobs/{job.job_id}/marks", query_string={"share": token})


def shares_of(user: User) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = user.call("GET", "/shares").json["items"]
    return found


def test_a_link_opens_one_job_for_anybody_and_only_to_read(
    server: WebServer, user: User, job: Job
) -> None:
    share = make(user, job)
    other = server.world.completed(user.id)
    answer = visit(server, job, share["token"])
    assert answer.status_code == 200
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    problem(visit(server, other, share["token"]), 404, "no-such-share")
    client, token = server.app.test_client(), share["token"]
    for method, path in (
        ("PUT", f"/jobs/{job.job_id}/marks/1.1"),
        ("DELETE", f"/jobs/{job.job_id}/marks/1.1"),
        ("POST", f"/jobs/{job.job_id}/shares"),
        ("GET", f"/jobs/{job.job_id}/shares"),
        ("GET", "/shares"),
        ("GET", "/personal/export"),
        ("DELETE", "/personal"),
        ("DELETE", f"/jobs/{job.job_id}"),
        ("POST", f"/jobs/{job.job_id}/cancel"),
        ("GET", "/jobs"),
        ("GET", "/account"),
    ):
        refused = client.open(f"/api/v1{path}?share={token}", method=method, json={})
        problem(refused, 401, "unauthorized")
    events = client.get(f"/api/v1/jobs/{job.job_id}/events?share={token}")
    problem(events, 404, "not-found")
    for page in ("/jobs", "/jobs/new", "/account", "/account/shares"):
        redirected = client.get(f"{page}?share={token}")
        assert redirected.headers["Location"].startswith("/login?")


def test_only_the_hash_of_a_token_is_stored_and_it_is_shown_once(
    server: WebServer, user: User, job: Job
) -> None:
    share = make(user, job, name="for Grace", query="?gene=APP&max_af=0.01")
    token = share["token"]
    assert re.fullmatch(r"share_[A-Za-z0-9_-]{43}", token)  # 256 bits
    assert share["url"] == (
        f"http://gas/jobs/{job.job_id}/variants?gene=APP&max_af=0.01&share={token}"
    )
    assert make(user, job)["url"].startswith(f"http://gas/jobs/{job.job_id}?share=share_")
    (listed,) = [one for one in shares_of(user) if one["name"]]
    assert listed == {name: share[name] for name in share if name not in {"token", "url"}}
    assert listed["hint"] == token[-4:]
    rows = server.world.personal.page(user.id, "", 10)
    assert token not in str(rows)
    assert make(user, job)["token"] != token


@pytest.mark.parametrize("token", ["", "share_", "x" * 10_000, "share_" + "é" * 43, "gas_" + "a"])
def test_what_is_no_token_opens_nothing(
    server: WebServer, user: User, job: Job, token: str
) -> None:
    make(user, job)
    problem(visit(server, job, token), 404, "no-such-share")


def test_a_link_ends_by_itself(server: WebServer, user: User, job: Job) -> None:
    share = make(user, job, days=3)
    server.world.pass_time(timedelta(days=3) - timedelta(seconds=1))
    shares = server.personal.shares
    assert shares.opens(share["token"], job.job_id, server.world.now()) is not None
    assert visit(server, job, share["token"]).status_code == 200
    server.world.pass_time(timedelta(seconds=1))
    assert shares.opens(share["token"], job.job_id, server.world.now()) is None
    document = problem(visit(server, job, share["token"]), 410, "share-over")
    assert "ended on 04 January 2026" in document["detail"]
    assert "Ask the person" in document["detail"]
    assert shares_of(user)[0]["open"] is False


def test_without_a_wish_a_link_lasts_two_weeks_and_never_more_than_90_days(
    user: User, job: Job
) -> None:
    share = make(user, job)
    assert share["created_at"].startswith("2026-01-01")
    assert share["ends_at"].startswith("2026-01-15")
    for days in (0, 91, -1, 1.5, "14", None):
        answer = user.call("POST", f"/jobs/{job.job_id}/shares", json={"days": days})
        problem(answer, 422, "invalid-request")


def test_a_revoked_link_opens_nothing_at_once(server: WebServer, user: User, job: Job) -> None:
    share = make(user, job)
    path = f"/jobs/{job.job_id}/shares/{share['share_id']}"
    assert visit(server, job, share["token"]).status_code == 200
    server.user("eve").call("DELETE", path)
    assert visit(server, job, share["token"]).status_code == 200
    assert user.call("DELETE", path).status_code == 204
    document = problem(visit(server, job, share["token"]), 410, "share-over")
    assert "withdrawn" in document["detail"]
    (listed,) = shares_of(user)
    assert (listed["open"], listed["uses"]) == (False, 1)
    assert listed["revoked_at"]
    assert user.call("DELETE", path).status_code == 204  # takes it off the list
    assert shares_of(user) == []
    assert user.call("DELETE", path).status_code == 204
    problem(visit(server, job, share["token"]), 404, "no-such-share")


def test_a_link_opens_nothing_while_the_result_is_archived_or_after_the_jobs_deletion(
    server: WebServer, user: User, job: Job
) -> None:
    token, world = make(user, job)["token"], server.world
    world.archive(job)
    document = problem(visit(server, job, token), 410, "share-without-result")
    assert "restore" in document["detail"]
    problem(user.call("POST", f"/jobs/{job.job_id}/shares", json={}), 409, "result-archived")
    world.accounts.execute(user.id, Upgrade("p"))
    world.jobs.execute(job.job_id, RequestRestore(Tier.EXPEDITED, world.time))
    problem(visit(server, job, token), 410, "share-without-result")
    world.jobs.execute(job.job_id, Restore(warm_vcf(job).model_copy(update={"key": "new"})))
    assert visit(server, job, token).status_code == 200
    world.jobs.execute(job.job_id, Delete("u", "r"))
    problem(visit(server, job, token), 410, "share-without-result")
    problem(user.call("POST", f"/jobs/{job.job_id}/shares", json={}), 404, "not-found")


def test_marks_are_shown_only_if_the_link_says_so(server: WebServer, user: User, job: Job) -> None:
    body = {"note": "to whom it may concern", "version": 0}
    user.call("PUT", f"/jobs/{job.job_id}/marks/1.1", json=body)
    hidden = visit(server, job, make(user, job)["token"]).json
    assert hidden == {"items": [], "next_cursor": None, "shown": False}
    token = make(user, job, with_notes=True)["token"]
    shown = visit(server, job, token).json
    assert [mark["note"] for mark in shown["items"]] == [body["note"]]
    client, path = server.app.test_client(), f"/api/v1/jobs/{job.job_id}/marks/1.1"
    assert "to whom it may concern" in client.get(f"{path}?share={token}").text
    problem(client.get(f"{path}?share={make(user, job)['token']}"), 404, "not-found")


def test_uses_are_counted_at_most_once_a_minute(server: WebServer, user: User, job: Job) -> None:
    token = make(user, job)["token"]
    row = server.world.personal
    assert (shares_of(user)[0]["uses"], shares_of(user)[0]["last_used_at"]) == (0, None)
    for _ in range(50):
        visit(server, job, token)
        server.world.pass_time(timedelta(seconds=3))
    (listed,) = shares_of(user)
    assert listed["uses"] == 3  # at 0, 60 and 120 seconds
    assert listed["last_used_at"].startswith("2026-01-01T00:02:00")
    (stored,) = row.page(user.id, "share/", 10)
    assert stored.version == 1 + 3  # so many writes


def test_counting_never_undoes_a_revocation(server: WebServer, user: User, job: Job) -> None:
    made = make(user, job)
    shares = server.personal.shares
    share = shares.opens(made["token"], job.job_id, server.world.now())
    assert share is not None
    shares.close(user.id, job.job_id, share.share_id)
    shares.count_use(share)  # of a request that was let in just before
    problem(visit(server, job, made["token"]), 410, "share-over")


def test_a_user_has_a_limit_of_links(server: WebServer, user: User, job: Job) -> None:
    made = [make(user, job)["share_id"] for _ in range(MOST_OF_USER)]
    refused = user.call("POST", f"/jobs/{job.job_id}/shares", json={})
    problem(refused, 409, "limit-reached")
    for _ in range(2):
        user.call("DELETE", f"/jobs/{job.job_id}/shares/{made[0]}")
    make(user, job)
    assert len(shares_of(user)) == MOST_OF_USER


def test_the_links_of_a_job_are_listed_apart(server: WebServer, user: User, job: Job) -> None:
    other = server.world.completed(user.id)
    first = make(user, job)
    server.world.pass_time(timedelta(seconds=1))
    second = make(user, other)
    ids = [share["share_id"] for share in shares_of(user)]
    assert ids == [second["share_id"], first["share_id"]]
    (of_job,) = user.call("GET", f"/jobs/{job.job_id}/shares").json["items"]
    assert of_job["share_id"] == first["share_id"]
    eve = server.user("eve")
    assert shares_of(eve) == []
    problem(eve.call("POST", f"/jobs/{job.job_id}/shares", json={}), 404, "not-found")


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """The spans of servers that are made by the test."""
    exporter = InMemorySpanExporter()
    tracing.use(recording_to(SimpleSpanProcessor(exporter), "test"))
    yield exporter
    tracing.use(None)


@pytest.mark.parametrize("has_raw_address", [True, False])
def test_no_log_and_no_trace_has_a_token(
    spans: InMemorySpanExporter,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    has_raw_address: bool,
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    logs.configure("web", WebSettings())
    server = WebServer()
    user = server.user()
    job = server.world.completed(user.id)
    token = make(user, job)["token"]
    path = f"/api/v1/jobs/{job.job_id}/marks?share={token}"
    raw = {"RAW_URI": path} if has_raw_address else {}
    client = server.app.test_client()
    assert client.get(path, environ_overrides=raw).status_code == 200

    def fail(*_: object) -> None:
        raise RuntimeError("the table is broken")

    monkeypatch.setattr(MemoryJobTable, "get", fail)
    assert client.get(path, environ_overrides=raw).status_code == 500
    finished = [span.to_json() for span in spans.get_finished_spans()]
    assert sum("/marks" in span for span in finished) == 2
    assert not any(token in span for span in finished)
    written = capsys.readouterr()
    assert "the table is broken" in written.out + written.err
    assert token not in written.out + written.err


def test_the_page_lists_links_and_revokes_them(server: WebServer, user: User, job: Job) -> None:
    empty = user.browser.get("/account/shares")
    assert "You have shared nothing yet" in empty.text
    made = make(user, job, name="<b>Grace</b>", query="gene=APP", with_notes=True)
    visit(server, job, made["token"])
    page = user.browser.get("/account/shares").text
    assert "&lt;b&gt;Grace&lt;/b&gt;" in page
    assert "a filtered table" in page
    assert "shows your notes" in page
    assert made["token"] not in page
    csrf = re.findall(r'name="csrf_token" value="([^"]+)"', page)[-1]
    action = f"/account/shares/{job.job_id}/{made['share_id']}/close"
    assert user.browser.post(action).status_code == 400  # a form of another site
    done = user.browser.post(action, data={"csrf_token": csrf}, follow_redirects=True)
    assert "revoked" in done.text
    problem(visit(server, job, made["token"]), 410, "share-over")
    assert server.app.test_client().get("/account/shares").status_code == 302
