"""Jobs on files that GAS fetches: the API, the page, and what of an address is shown to whom."""

from __future__ import annotations

import re
from typing import Any

import pytest
from structlog.testing import capture_logs

from gas.domain.account import AcceptTerms
from gas.domain.job import Job
from gas.domain.job_input import RecordInput
from gas.domain.job_rules import Cancel, Fail
from gas.events import FailureCode, JobSubmitted, Lane
from gas.memory.feed import MemoryEventFeed
from tests.support.web_server import FREE_LIMIT, User, WebServer, problem
from web.live.sources import Sources
from web.live.watch import Watch

ADDRESS = "https://data.example.org/cohort/my.vcf.gz?signature=topsecret"


def submitted(user: User, **more: Any) -> dict[str, Any]:
    answer = user.call("POST", "/uploads/url", json={"url": ADDRESS, **more})
    assert answer.status_code == 202, answer.text
    document: dict[str, Any] = answer.get_json()
    assert answer.headers["Location"] == f"/api/v1/jobs/{document['job_id']}"
    return document


def source_of(server: WebServer, job: Job) -> str | None:
    upload = server.world.uploads.get(job.input.key.rpartition("/")[2])
    assert upload
    return upload.source_url


def test_a_job_is_submitted_at_once_and_awaits_its_file(server: WebServer, user: User) -> None:
    document = submitted(user, bundle="auto", split_multiallelics=True, tags=["cohort"])
    assert document["filename"] == "my.vcf.gz"
    assert document["size_bytes"] == 0
    page = user.browser.get("/jobs").text
    assert "my.vcf.gz" in page
    assert "0 bytes" not in page
    assert (document["awaits_fetch"], document["fetched_from"]) == (True, "data.example.org")
    job = server.world.job(document["job_id"])
    assert (job.lane, job.bundle, job.split_multiallelics) == (Lane.LARGE, "auto", True)
    assert source_of(server, job) == ADDRESS
    upload = server.world.uploads.get(job.input.key.rpartition("/")[2])
    assert upload
    assert (upload.size_bytes, upload.job_id) == (FREE_LIMIT, job.job_id)
    assert user.call("GET", f"/jobs/{job.job_id}/tags").get_json() == {"tags": ["cohort"]}


def test_the_address_is_in_no_event_answer_page_or_log(server: WebServer, user: User) -> None:
    with capture_logs() as logs:
        document = submitted(user)
    job_id = document["job_id"]
    texts = [
        str(document),
        user.call("GET", f"/jobs/{job_id}").text,
        user.call("GET", f"/jobs/{job_id}/events").text,
        user.browser.get(f"/jobs/{job_id}").text,
        user.browser.get("/jobs").text,
        str(logs),
        str(server.world.db.rows),
    ]
    assert not [text for text in texts if "topsecret" in text or "cohort/" in text]
    assert isinstance(server.world.last_event().data, JobSubmitted)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.org/x", "must begin with https"),
        ("https://me:secret@example.org/x", "name or password"),
        ("https://example.org:8080/x", "ports 80 and 443 only"),
        ("http://", "names no host"),
    ],
)
def test_what_is_no_address_is_refused_at_once(url: str, reason: str, user: User) -> None:
    document = problem(user.call("POST", "/uploads/url", json={"url": url}), 422, "invalid-request")
    assert reason in document["detail"]
    assert [fault["field"] for fault in document["errors"]] == ["url"]


@pytest.mark.parametrize("body", [{}, {"url": ""}, {"url": 5}, {"url": ADDRESS, "size_bytes": 1}])
def test_an_invalid_body_is_refused(body: dict[str, object], user: User) -> None:
    problem(user.call("POST", "/uploads/url", json=body), 422, "invalid-request")


def test_an_unknown_bundle_and_full_quotas_are_refused(server: WebServer) -> None:
    user = server.user()
    body = {"url": ADDRESS, "bundle": "hg99"}
    assert user.call("POST", "/uploads/url", json=body).status_code == 400
    assert server.world.db.uploads == {}
    limits: tuple[tuple[dict[str, Any], str], ...] = (
        ({"free_waiting_jobs": 1}, "too-many-jobs"),
        ({"free_stored_bytes": FREE_LIMIT}, "too-much-stored"),
    )
    for limit, slug in limits:
        full = WebServer(**limit).user()
        submitted(full)
        problem(full.call("POST", "/uploads/url", json={"url": ADDRESS}), 429, slug)


def test_the_terms_are_accepted_first(server: WebServer) -> None:
    user = server.user()
    server.world.accounts.execute(user.id, AcceptTerms("1999-01-01"))
    body = {"url": ADDRESS}
    problem(user.call("POST", "/uploads/url", json=body), 403, "terms-not-accepted")
    assert server.world.db.uploads == {}


def test_what_may_come_counts_until_it_is_known_what_came(server: WebServer, user: User) -> None:
    job = server.world.job(submitted(user)["job_id"])
    assert job.stored_bytes == FREE_LIMIT
    server.world.jobs.execute(job.job_id, Fail(FailureCode.FETCH_FAILED, "404"))
    assert server.world.job(job.job_id).stored_bytes == 0


def test_no_more_is_fetched_than_there_is_room_for(server: WebServer) -> None:
    user = WebServer(free_stored_bytes=300).user()
    job = user.server.world.job(submitted(user)["job_id"])
    upload = user.server.world.uploads.get(job.input.key.rpartition("/")[2])
    assert upload
    assert upload.size_bytes == 300


def test_the_same_key_is_the_same_job_and_another_address_is_refused(user: User) -> None:
    headers = {"Idempotency-Key": "k"}
    jobs = {
        user.call("POST", "/uploads/url", json={"url": ADDRESS}, headers=headers).get_json()[
            "job_id"
        ]
        for _ in range(2)
    }
    assert len(jobs) == 1
    other = user.call("POST", "/uploads/url", json={"url": f"{ADDRESS}2"}, headers=headers)
    problem(other, 409, "idempotency-key-reused")


def form_of(user: User) -> dict[str, str]:
    page = user.browser.get("/jobs/new").text
    hidden = {
        name: re.findall(rf'name="{name}" value="([^"]+)"', page)[-1]
        for name in ("csrf_token", "key")
    }
    return {**hidden, "url": ADDRESS, "bundle": "human-mt", "split": "on"}


def test_the_page_submits_an_address_once(server: WebServer, user: User) -> None:
    form = form_of(user)
    answers = [user.browser.post("/jobs/new/from-address", data=form) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    (place,) = {answer.headers["Location"] for answer in answers}
    job = server.world.job(place.rpartition("/")[2])
    assert (job.bundle, job.split_multiallelics) == ("human-mt", True)


def test_the_page_says_what_is_wrong_and_keeps_what_was_chosen(user: User) -> None:
    form = form_of(user) | {"url": "ftp://example.org/x"}
    answer = user.browser.post("/jobs/new/from-address", data=form)
    assert answer.status_code == 422
    assert "The address must begin with https:// or http://." in answer.text
    assert 'value="ftp://example.org/x"' in answer.text
    assert re.search(r'value="human-mt" selected', answer.text)
    assert re.search(r'name="split" checked', answer.text)


def test_whoever_loads_the_page_of_a_refused_address_again_gets_the_form(user: User) -> None:
    answer = user.browser.get("/jobs/new/from-address")
    assert answer.headers["Location"].endswith("/jobs/new")


def test_another_address_with_the_key_of_a_sent_form_is_explained(user: User) -> None:
    form = form_of(user)
    user.browser.post("/jobs/new/from-address", data=form)
    answer = user.browser.post("/jobs/new/from-address", data=form | {"url": f"{ADDRESS}2"})
    assert answer.status_code == 409
    assert "sent before, with another address" in answer.text


def test_the_page_of_a_job_tells_how_far_the_fetch_is(server: WebServer, user: User) -> None:
    job_id = submitted(user)["job_id"]
    assert "This job is next" in user.browser.get(f"/jobs/{job_id}").text
    server.progress.record(job_id, 0.34, 0, 0)
    page = user.browser.get(f"/jobs/{job_id}").text
    assert "Fetching the file from data.example.org: 34%." in page
    assert "Gave the address of the file" in page
    assert "Your file is at data.example.org." in page
    assert user.call("GET", f"/jobs/{job_id}").get_json()["progress"]["fraction"] == 0.34


def test_an_open_page_follows_the_fetch(server: WebServer, user: User) -> None:
    job = server.world.job(submitted(user)["job_id"])
    server.progress.record(job.job_id, 0.5, 0, 0)
    watch = Watch(job, job.version, user.id)
    sources = Sources(
        MemoryEventFeed(server.world.db), server.world.job_table, server.progress, server.world.now
    )
    sources.begin()
    ((_, state),) = sources.read([watch]).states
    assert state == ("Fetching the file from data.example.org: 50%.", 0.5)


def test_a_fetched_file_is_told_and_can_be_run_again(server: WebServer, user: User) -> None:
    job = server.world.job(submitted(user)["job_id"])
    server.world.inputs.write(job.input.key, b"content")
    info = server.world.inputs.info(job.input.key)
    stored = job.input.model_copy(
        update={"size_bytes": 7, "etag": info.etag.strip('"'), "version_id": info.version_id}
    )
    server.world.jobs.execute(job.job_id, RecordInput(stored))
    server.world.jobs.execute(job.job_id, Fail(FailureCode.WRONG_BUILD, "Another build."))
    page = user.browser.get(f"/jobs/{job.job_id}").text
    assert "Fetched the file" in page
    assert "7 bytes from data.example.org" in page
    answer = user.call("POST", f"/jobs/{job.job_id}/rerun", json={"bundle": "human-mt"})
    assert answer.status_code == 202
    again = server.world.job(answer.get_json()["job_id"])
    assert again.input.size_bytes == 7
    assert not again.awaits_fetch


def test_a_job_whose_file_was_never_fetched_says_what_to_do(server: WebServer, user: User) -> None:
    job_id = submitted(user)["job_id"]
    server.world.jobs.execute(job_id, Cancel(user.id, "asked by the user"))
    document = problem(user.call("POST", f"/jobs/{job_id}/rerun", json={}), 409, "input-gone")
    assert "Give it again" in document["detail"]
    page = user.browser.get(f"/jobs/{job_id}").text
    assert "Cancelled the job" in page
    assert "Your file is in storage." not in page
    assert "its address is not kept" in user.browser.get(f"/jobs/{job_id}").text
    assert user.call("GET", "/account/export").status_code == 200
