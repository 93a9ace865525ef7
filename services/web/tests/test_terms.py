"""Before the first upload a user reads where data is kept, how long, who sees it, and accepts."""

from __future__ import annotations

import pytest

from tests.support.login import Provider, csrf_of
from tests.support.web_server import User, WebServer, problem
from web.accounts import terms


def test_the_terms_are_asked_for_once_and_an_event_keeps_the_answer(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Provider(monkeypatch).log_in(server)
    page = browser.get("/jobs/new").text
    for said in ("Where it is kept", "How long", "Who sees it", "us-east-1", "5 minutes"):
        assert said in page
    assert 'id="file"' not in page
    assert browser.post("/account/terms").status_code == 400, "not without the form's token"
    csrf = csrf_of(browser, "/jobs/new")
    for _ in range(2):
        answer = browser.post("/account/terms", data={"csrf_token": csrf})
        assert answer.headers["Location"] == "/jobs/new"
    assert 'id="file"' in browser.get("/jobs/new").text
    (stream,) = [one for one in server.world.db.streams if one.startswith("account/")]
    accepted = [one.data for one in server.world.log.read(stream) if "terms" in one.type]
    assert [one.terms for one in accepted] == [terms.VERSION]  # type: ignore[attr-defined]
    assert "You accepted it on" in browser.get("/terms").text


def test_new_terms_are_asked_for_again(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    user = server.user()
    assert 'id="file"' in user.browser.get("/jobs/new").text
    monkeypatch.setattr(terms, "VERSION", "2030-01-01")
    assert "Before your first upload" in user.browser.get("/jobs/new").text


def test_programs_bring_no_file_before_the_terms_are_accepted(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = server.user()
    announced, done = user.uploaded(), user.submitted()
    server.world.complete(server.world.job(done), b"the result")
    monkeypatch.setattr(terms, "VERSION", "2030-01-01")
    file = {"filename": "my.vcf", "size_bytes": 10}
    refused = [
        ("/uploads", file),
        ("/uploads/multipart", file),
        ("/uploads/batch", {"files": [file]}),
        (f"/jobs/{done}/rerun", {}),
    ]
    for path, body in refused:
        told = problem(user.call("POST", path, json=body), 403, "terms-not-accepted")
        assert told["accept_at"] == "http://gas/terms"
        assert "http://gas/terms" in told["detail"]
    assert user.call("POST", "/jobs", json={"upload_id": announced}).status_code == 202
    assert user.call("GET", f"/jobs/{done}/result").status_code == 302
    _accept_on_the_page(user)
    for path, body in refused:
        assert user.call("POST", path, json=body).status_code in {201, 202}


def _accept_on_the_page(user: User) -> None:
    csrf = csrf_of(user.browser, "/terms")
    assert "Accept and go on" in user.browser.get("/terms").text
    user.browser.post("/account/terms", data={"csrf_token": csrf})
    assert "Accept and go on" not in user.browser.get("/terms").text


def test_everybody_may_read_the_terms_and_only_users_accept(server: WebServer) -> None:
    stranger = server.app.test_client()
    page = stranger.get("/terms")
    assert page.status_code == 200
    assert 'id="accept"' not in page.text
    assert 'href="/login?next=/terms"' in page.text
    assert "Terms" in stranger.get("/").text
    assert stranger.post("/account/terms").headers["Location"].startswith("/login")
