"""The same key or upload with another request: refused, where it once gave the earlier job."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from gas.domain.job_rules import Cancel
from gas.eventstore.guards import ClaimKey
from tests.support.web_server import User, problem

KEY = {"Idempotency-Key": "k"}


def submit(user: User, body: dict[str, Any], headers: dict[str, str] = KEY) -> Any:
    return user.call("POST", "/jobs", json=body, headers=headers)


def completed(user: User) -> str:
    world = user.server.world
    return world.complete(world.submit(user.id), b'{"records": 1}').job_id


def test_a_key_is_not_used_for_another_upload_or_another_wish(user: User) -> None:
    body = {"upload_id": user.uploaded()}
    first = submit(user, body).json["job_id"]
    others = (
        {"upload_id": user.uploaded()},
        body | {"bundle": "auto"},
        body | {"split_multiallelics": True},
    )
    for other in others:
        refused = problem(submit(user, other), 409, "idempotency-key-reused")
        assert refused["job_id"] == first
        assert "new key" in refused["detail"]
    assert submit(user, body).json["job_id"] == first, "the first request stays as it was"
    spelt_out = body | {"split_multiallelics": False, "bundle": None}
    assert submit(user, spelt_out).json["job_id"] == first, "defaults may be spelt out"


def test_a_key_of_one_kind_of_request_is_not_used_for_another(user: User) -> None:
    job, other = completed(user), completed(user)
    again = user.call("POST", f"/jobs/{job}/rerun", json={}, headers=KEY).json["job_id"]
    for path, body in (
        (f"/jobs/{job}/rerun", {"bundle": "auto"}),
        (f"/jobs/{job}/rerun", {"split_multiallelics": True}),
        (f"/jobs/{other}/rerun", {}),
        ("/jobs", {"upload_id": user.uploaded()}),
    ):
        refused = user.call("POST", path, json=body, headers=KEY)
        assert problem(refused, 409, "idempotency-key-reused")["job_id"] == again
    same = user.call("POST", f"/jobs/{job}/rerun", json={}, headers=KEY)
    assert same.json["job_id"] == again


def test_an_upload_with_a_job_is_not_submitted_with_other_wishes(user: User) -> None:
    body = {"upload_id": user.uploaded(), "bundle": "grch38-21q21"}
    first = submit(user, body, {}).json["job_id"]
    for other in (
        body | {"bundle": "auto"},
        {"upload_id": body["upload_id"]},
        body | {"split_multiallelics": True},
    ):
        refused = problem(submit(user, other, {}), 409, "upload-already-submitted")
        assert refused["job_id"] == first
        assert f"/api/v1/jobs/{first}/rerun" in refused["detail"]
    assert submit(user, body, {}).json["job_id"] == first


def test_two_different_requests_at_the_same_moment_are_not_one_job(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second finds no job before its commit, and fails at the claim of the first."""
    uploads = user.server.world.uploads
    body = {"upload_id": user.uploaded()}
    upload = uploads.get(body["upload_id"])
    assert upload
    before = iter([upload])
    read = uploads.get
    submit(user, body, {})
    monkeypatch.setattr(uploads, "get", lambda id: next(before, None) or read(id))
    late = submit(user, body | {"split_multiallelics": True}, {})
    problem(late, 409, "upload-already-submitted")


def test_keys_from_before_bodies_were_compared_still_give_their_job(user: User) -> None:
    body = {"upload_id": user.uploaded()}
    first = submit(user, body).json["job_id"]
    keys = user.server.world.db.keys
    (row, claim), *_ = keys.items()
    assert isinstance(claim, ClaimKey)
    keys[row] = replace(claim, body_sha256="")
    assert submit(user, {"upload_id": user.uploaded()}).json["job_id"] == first


def test_the_form_of_a_second_run_says_when_it_was_sent_before(user: User) -> None:
    world = user.server.world
    job = world.submit(user.id).job_id
    world.jobs.execute(job, Cancel("u", "r"))
    page = user.browser.get(f"/jobs/{job}").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert token and key  # noqa: PT018
    form = {"csrf_token": token[1], "key": key[1], "bundle": "human-mt"}
    first = user.browser.post(f"/jobs/{job}/rerun", data=form).headers["Location"]
    other = user.browser.post(f"/jobs/{job}/rerun", data=form | {"split": "on"})
    assert other.headers["Location"] == f"/jobs/{job}"
    shown = user.browser.get(other.headers["Location"]).text
    assert "sent before with other choices" in shown
    assert first.rsplit("/", 1)[-1] in shown
