"""Live parts of pages: a 304 while they are as they were, and each change at the next look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import template_rendered

from gas.domain.job import Job
from gas.domain.job_rules import Cancel
from tests.support import web_pages
from tests.support.web_server import User, WebServer


@pytest.fixture
def server() -> WebServer:
    return WebServer()


@pytest.fixture
def user(server: WebServer) -> User:
    return server.user()


def submitted(user: User, name: str) -> Job:
    user.server.world.pass_time(timedelta(seconds=1))
    return user.server.world.submit(user.id, filename=name)


@contextmanager
def rendered(user: User) -> Iterator[list[str]]:
    """The names of the templates that are rendered in the block."""
    names: list[str] = []

    def see(_: Any, template: Any, **__: Any) -> None:
        names.append(template.name)

    with template_rendered.connected_to(see, user.server.app):
        yield names


class Page:
    """An open page, which asks for its part as its script does."""

    def __init__(self, user: User, path: str) -> None:
        self._user, self._path, self._tag = user, path, ""

    def ask(self) -> str | None:
        """The part; None if it is as it was, for which nothing is written."""
        headers = {"If-None-Match": self._tag} if self._tag else {}
        with rendered(self._user) as names:
            answer = self._user.browser.get(f"{self._path}?part=live", headers=headers)
        self._tag = answer.headers["ETag"]
        if answer.status_code == 304:
            assert (answer.data, names) == (b"", [])
            return None
        assert answer.status_code == 200
        return str(answer.text)


def test_an_unchanged_list_is_not_written_again(user: User) -> None:
    submitted(user, "a.vcf")
    page = Page(user, "/jobs")
    assert "a.vcf" in str(page.ask())
    assert page.ask() is None
    with rendered(user) as names:
        user.browser.get("/jobs")
    assert "_job_rows.html" not in names  # kept from the first time


def test_a_list_shows_what_another_process_did(user: User) -> None:
    world, job = user.server.world, submitted(user, "a.vcf")
    page = Page(user, "/jobs")
    page.ask()
    submitted(user, "b.vcf")
    assert "b.vcf" in str(page.ask())
    assert page.ask() is None
    world.jobs.execute(job.job_id, Cancel(user.id, "r"))
    assert "cancelled" in str(page.ask())
    assert page.ask() is None


def test_a_list_shows_new_tags_and_what_can_be_taken_back(user: User) -> None:
    submitted(user, "a.vcf")
    job = submitted(user, "b.vcf")
    page = Page(user, "/jobs")
    page.ask()
    web_pages.press(user, "/jobs/bulk", act="tag", job_id=[job.job_id], tag="trio")
    assert "trio" in str(page.ask())
    assert page.ask() is None
    web_pages.press(user, "/jobs/bulk", act="delete", job_id=[job.job_id])
    assert "Undo" in str(page.ask())
    assert page.ask() is None
    user.server.world.pass_time(timedelta(minutes=1))
    assert "Undo" not in str(page.ask())


def test_what_one_has_seen_opens_nothing_to_another(user: User) -> None:
    submitted(user, "a.vcf")
    tag = user.browser.get("/jobs?part=live").headers["ETag"]
    other = user.server.user("grace")
    answer = other.browser.get("/jobs?part=live", headers={"If-None-Match": tag})
    assert "a.vcf" not in answer.text
    user.browser.delete_cookie("gas_session")
    headers = {"If-None-Match": tag, "Sec-Fetch-Mode": "cors"}
    assert user.browser.get("/jobs?part=live", headers=headers).status_code == 401
