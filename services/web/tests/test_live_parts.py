"""Live parts of pages: a 304 while they are as they were, and each change at the next look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import template_rendered

from gas.domain.account import Upgrade
from gas.domain.job import Job
from gas.domain.job_rules import Cancel, Start
from tests.support import web_pages
from tests.support.web_server import User

SUMMARY = json.dumps(
    {"records": 1, "annotated": 1, "ts_tv_ratio": None, "consequences": {"x": 1}, "genes": {}}
).encode()


def submitted(user: User, name: str) -> Job:
    user.server.world.pass_time(timedelta(seconds=1))
    return user.server.world.submit(user.id, filename=name)


def counted(user: User, job: Job) -> Job:
    """The job, with counts as an annotator writes them."""
    counts = {"records": {"N": "1"}, "annotated": {"N": "1"}, "genes": {"N": "1"}}
    user.server.world.db.rows[("jobs", (user.id, job.job_id))]["counts"] = {"M": counts}
    return job


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


def test_an_unchanged_job_is_not_written_again(user: User) -> None:
    world, job = user.server.world, submitted(user, "a.vcf")
    page = Page(user, f"/jobs/{job.job_id}")
    assert "submitted" in str(page.ask())
    assert page.ask() is None
    world.jobs.execute(job.job_id, Start("engine", "human-mt@1"))
    assert "Annotating." in str(page.ask())
    assert page.ask() is None
    user.server.progress.record(job.job_id, 0.5, 1234, 1)
    assert "1,234 records so far" in str(page.ask())
    world.jobs.execute(job.job_id, Cancel(user.id, "r"))
    assert "You cancelled this job" in str(page.ask())
    assert page.ask() is None
    web_pages.press(user, "/jobs/bulk", act="tag", job_id=[job.job_id], tag="trio")
    assert "trio" in str(page.ask())


def test_a_job_page_tells_when_the_plan_changes(user: User) -> None:
    world = user.server.world
    job = counted(user, world.archive(world.complete(world.submit(user.id), SUMMARY)))
    page = Page(user, f"/jobs/{job.job_id}")
    assert "See Premium" in str(page.ask())
    assert page.ask() is None
    world.accounts.execute(user.id, Upgrade("p"))
    counted(user, job)
    assert "Its restore starts in a moment" in str(page.ask())


def test_events_and_summary_are_read_once_for_each_version(user: User) -> None:
    world = user.server.world
    job = counted(user, world.complete(world.submit(user.id), SUMMARY))
    path, ports = f"/jobs/{job.job_id}", user.server.app.extensions["gas"]
    read: list[str] = []

    class CountedLog:
        def read(self, stream: str) -> Any:
            read.append(stream)
            return world.log.read(stream)

    class CountedFiles:
        def stream(self, key: str) -> Any:
            read.append(key)
            return ports.jobs.results.stream(key)

    watched: Any = replace(ports.jobs, log=CountedLog(), results=CountedFiles())
    user.server.replace(jobs=watched)
    for _ in range(3):
        assert "Completed the result" in user.browser.get(path).text
    assert len(read) == 2
    counted(user, world.archive(job))
    assert "Moved the annotated VCF to the archive" in user.browser.get(path).text
    assert read[2:] == [f"job/{job.job_id}"]
