"""How many uploads, waiting jobs and tokens a user may have at once."""

from __future__ import annotations

from datetime import timedelta

from tests.support.login import csrf_of
from tests.support.web_server import WebServer, problem

UPLOAD = {"filename": "a.vcf", "size_bytes": 1}


def test_open_uploads_are_limited_until_one_is_submitted_or_ends() -> None:
    server = WebServer(free_open_uploads=2, premium_open_uploads=3)
    user = server.user()
    first = user.uploaded()
    user.uploaded()
    refused = user.call("POST", "/uploads", json=UPLOAD)
    document = problem(refused, 429, "too-many-uploads")
    assert "Submit some of them" in document["detail"]
    assert document["limit"] == 2
    assert int(refused.headers["Retry-After"]) == document["retry_after"]
    assert server.user("bob").call("POST", "/uploads", json=UPLOAD).status_code == 201
    assert user.call("POST", "/jobs", json={"upload_id": first}).status_code == 202
    assert user.call("POST", "/uploads", json=UPLOAD).status_code == 201
    assert user.call("POST", "/uploads", json=UPLOAD).status_code == 429
    server.accounts.upgrade(user.id)
    assert user.call("POST", "/uploads", json=UPLOAD).status_code == 201
    assert user.call("POST", "/uploads", json=UPLOAD).status_code == 429
    server.world.time += timedelta(days=1)
    assert user.call("POST", "/uploads", json=UPLOAD).status_code == 201


def test_waiting_jobs_are_limited_and_a_repeated_request_is_none() -> None:
    server = WebServer(free_waiting_jobs=2)
    user = server.user()
    body = {"upload_id": user.uploaded(size=900)}  # a large file: both lanes count
    key = {"Idempotency-Key": "once"}
    first = user.call("POST", "/jobs", json=body, headers=key).json["job_id"]
    user.submitted()
    late = {"upload_id": user.uploaded()}
    refused = user.call("POST", "/jobs", json=late)
    document = problem(refused, 429, "too-many-jobs")
    assert "cancel one" in document["detail"]
    assert int(refused.headers["Retry-After"]) == document["retry_after"]
    for headers in (key, {}):
        again = user.call("POST", "/jobs", json=body, headers=headers)
        assert again.json["job_id"] == first, "the same request is no new job"
    assert server.user("bob").submitted()
    user.call("POST", f"/jobs/{first}/cancel")
    assert user.call("POST", "/jobs", json=late).status_code == 202


def test_running_a_job_again_counts_as_submitting_one_and_the_page_says_so() -> None:
    server = WebServer(free_waiting_jobs=1)
    user = server.user()
    ended = user.submitted()
    user.call("POST", f"/jobs/{ended}/cancel")
    waiting = user.submitted()
    problem(user.call("POST", f"/jobs/{ended}/rerun", json={}), 429, "too-many-jobs")
    assert len(server.world.db.uploads) == 2, "nothing is copied for a job that is refused"
    form = {"csrf_token": csrf_of(user.browser)}
    answer = user.browser.post(f"/jobs/{ended}/rerun", data=form, follow_redirects=True)
    assert "You have 1 waiting jobs" in answer.text
    user.call("POST", f"/jobs/{waiting}/cancel")
    assert user.call("POST", f"/jobs/{ended}/rerun", json={}).status_code == 202


def test_what_is_stored_is_limited_until_something_is_deleted() -> None:
    server = WebServer(free_stored_bytes=250, premium_stored_bytes=1_000)
    user = server.user()
    first = user.submitted()  # a job has 100 bytes
    second = user.submitted()
    refused = user.call("POST", "/uploads", json={"filename": "a.vcf", "size_bytes": 51})
    document = problem(refused, 429, "too-much-stored")
    assert "take 200 of the 250 bytes" in document["detail"]
    assert "Delete jobs" in document["detail"]
    assert int(refused.headers["Retry-After"]) == document["retry_after"]
    fits = user.call("POST", "/uploads", json={"filename": "a.vcf", "size_bytes": 50})
    assert fits.status_code == 201
    user.call("POST", f"/jobs/{first}/cancel")
    problem(user.call("POST", f"/jobs/{first}/rerun", json={}), 429, "too-much-stored")
    assert user.call("DELETE", f"/jobs/{first}").status_code == 204
    user.call("POST", f"/jobs/{second}/cancel")
    again = user.call("POST", f"/jobs/{second}/rerun", json={}, headers={"Idempotency-Key": "k"})
    assert again.status_code == 202
    same = user.call("POST", f"/jobs/{second}/rerun", json={}, headers={"Idempotency-Key": "k"})
    assert same.json["job_id"] == again.json["job_id"], "full now, and still the same job"


def test_tokens_are_limited_and_the_page_says_what_to_do() -> None:
    server = WebServer(api_tokens=2)
    user = server.user()  # has one
    form = {"csrf_token": csrf_of(user.browser)}
    assert "gas_" in user.browser.post("/account/tokens", data=form, follow_redirects=True).text
    answer = user.browser.post("/account/tokens", data=form, follow_redirects=True)
    assert "You have 2 API tokens, and no more are allowed. Revoke one" in answer.text
    profile = server.accounts.profiles.get(user.id)
    assert profile is not None
    assert len(profile.tokens) == 2
    server.accounts.profiles.remove_token(user.id, profile.tokens[0].sha256)
    assert server.accounts.new_token(user.id)


def test_the_account_shows_its_limits_and_what_is_used() -> None:
    server = WebServer(
        free_open_uploads=7,
        free_waiting_jobs=8,
        free_stored_bytes=1_000,
        api_tokens=9,
        free_requests="99/minute",
    )
    user = server.user()
    user.submitted()
    user.uploaded()
    held = user.call("GET", "/account").json["limits"]
    assert held == {
        "open_uploads": {"used": 1, "limit": 7},
        "waiting_jobs": {"used": 1, "limit": 8},
        "stored_bytes": {"used": 100, "limit": 1_000},
        "api_tokens": {"used": 1, "limit": 9},
    }
    page = user.browser.get("/account").text
    for text in ("1 of 7 that are not submitted yet", "1 of 8", "1 of 9", "95 of 99 are left"):
        assert text in page
