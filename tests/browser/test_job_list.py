"""The list of jobs and the page of one in a real browser: followed live, deleted, taken back."""

from __future__ import annotations

import hashlib
import re
import time
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from gas.domain.job import Job
from gas.domain.job_deletion import CarryOutDeletion
from gas.domain.job_rules import Complete, Start
from gas.events import ResultFile, ResultKind
from tests.support.browser import Window, window
from tests.support.served import served
from tests.support.served_web import give_session
from tests.support.web_server import User, WebServer
from web.jobs.service import JobService

pytestmark = pytest.mark.browser
SECONDS_TO_HEAR = 2.0
SUMMARY = (
    b'{"records": 1, "annotated": 1, "ts_tv_ratio": null, "consequences": {"x": 1}, "genes": {},'
    b' "diagnostics": [{"kind": "repair", "rule": null, "about": "CRLF", "count": 2, "first": []}]}'
)


class Site:
    """A server with the clock of the machine, as a countdown needs it, and a user with jobs."""

    def __init__(self) -> None:
        self.server = WebServer()
        self.server.world.time = datetime.now(UTC)
        self.user: User = self.server.user()
        self.jobs = [self._submitted(n) for n in range(25)]

    def _submitted(self, number: int) -> Job:
        return self.server.world.submit(self.user.id, filename=f"sample-{number:02}.vcf")

    def complete(self, job: Job) -> None:
        world = self.server.world
        files = []
        for kind in ResultKind:
            key = f"{self.user.id}/{job.job_id}/result.{kind}"
            world.results.write(key, SUMMARY)
            digest = hashlib.sha256(SUMMARY).hexdigest()
            files.append(ResultFile(kind=kind, key=key, size_bytes=len(SUMMARY), sha256=digest))
        counts = {"records": 1, "annotated": 1, "genes": 1}
        world.jobs.execute(job.job_id, Complete(tuple(files), counts, 1.5, None))

    def row(self, number: int) -> str:
        return f"#job-{self.jobs[number].job_id}"


def test_a_list_is_searched_and_tagged_a_job_followed_deleted_and_taken_back(
    browser: Browser,
) -> None:
    site = Site()
    with served(site.server.app) as running, window(browser) as opened:
        give_session(opened, site.user, running.url)
        opened.go(f"{running.url}/jobs")
        _choose_and_tag(opened, site)
        _follow(opened, site, running.url)
        _delete_with_two_tabs(opened, site, running.url)


def test_a_page_that_hears_of_its_own_deletion_does_not_load_again_under_the_answer(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site()
    delete = JobService.delete

    def slowly(service: JobService, user_id: str, job_id: str) -> Job:
        deleted = delete(service, user_id, job_id)
        time.sleep(SECONDS_TO_HEAR)  # in which the stream of events tells the page
        return deleted

    monkeypatch.setattr(JobService, "delete", slowly)
    with served(site.server.app) as running, window(browser) as opened:
        give_session(opened, site.user, running.url)
        opened.go(f"{running.url}/jobs/{site.jobs[0].job_id}")
        opened.page.get_by_role("button", name="Delete this job").dblclick()
        expect(opened.page.locator("#deleted")).to_contain_text("is deleted")


def test_an_open_list_is_told_that_nothing_changed_and_then_what_did(browser: Browser) -> None:
    site = Site()
    with served(site.server.app) as running, window(browser) as opened:
        give_session(opened, site.user, running.url)
        page = opened.page
        with page.expect_response(lambda answer: answer.status == 304, timeout=20_000):
            opened.go(f"{running.url}/jobs")
        site.server.world.jobs.execute(site.jobs[23].job_id, Start("e", "b"))
        expect(page.locator(site.row(23))).to_contain_text("running", timeout=20_000)
        opened.must_be_well()


def test_a_page_whose_session_is_over_says_so_and_asks_no_more(browser: Browser) -> None:
    site = Site()
    with served(site.server.app) as running, window(browser) as opened:
        give_session(opened, site.user, running.url)
        opened.go(f"{running.url}/jobs")
        opened.context.clear_cookies()
        notice = opened.page.locator("#notice")
        expect(notice).to_contain_text("Your session is over", timeout=20_000)
        asked = len(opened.responses)
        expect(notice.get_by_role("link", name="Log in again")).to_be_visible()
        opened.page.wait_for_timeout(2500)  # in which it would have asked again
        assert len(opened.responses) == asked
        opened.faults.clear()  # the browser tells of the refusal
        opened.must_be_well()


def _choose_and_tag(opened: Window, site: Site) -> None:
    page = opened.page
    delete = page.get_by_role("button", name="Delete")
    expect(delete).to_be_disabled()
    page.locator(site.row(24)).get_by_role("checkbox").check()
    page.locator(site.row(22)).get_by_role("checkbox").check()
    expect(page.get_by_text("2 chosen")).to_be_visible()
    # what is chosen stays chosen while the list follows its jobs
    site.server.world.jobs.execute(site.jobs[23].job_id, Start("e", "b"))
    expect(page.locator(site.row(23))).to_contain_text("running")
    expect(page.locator(site.row(22)).get_by_role("checkbox")).to_be_checked()
    page.get_by_label("Tag for the chosen jobs").fill("trio")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("status").filter(has_text="2 jobs are tagged.")).to_be_visible()
    page.get_by_label("Search in file names and tags").fill("TRIO")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(2)
    opened.take_screenshot("jobs-tagged-1280-light")
    opened.must_be_well()


def _follow(opened: Window, site: Site, url: str) -> None:
    page, server = opened.page, site.server
    job = site.jobs[0]
    opened.go(f"{url}/jobs/{job.job_id}")
    expect(page.locator("#status")).to_contain_text("submitted")
    expect(page.locator("[data-live-words]")).to_contain_text("This job is next")
    asked = len(opened.responses)
    server.world.jobs.execute(job.job_id, Start("e", "b"))
    expect(page.locator("#status")).to_contain_text("running")
    server.progress.record(job.job_id, 0.5, 1_234, 1)
    expect(page.locator("[data-live-words]")).to_contain_text("1,234 records so far")
    expect(page.locator("[data-live-bar]")).to_have_js_property("value", 0.5)
    # the stream, the part that had changed, the next stream: no page asks again and again
    assert len(opened.responses) - asked <= 4
    site.complete(job)
    expect(page.locator("#status")).to_contain_text("completed")
    expect(page.locator("[data-until]")).to_have_text(re.compile(r"minutes \d+ seconds|5 minutes"))
    opened.take_screenshot("job-followed-1280-light")
    opened.must_be_well()


def _delete_with_two_tabs(opened: Window, site: Site, url: str) -> None:
    page, job = opened.page, site.jobs[0]
    other = opened.context.new_page()
    other.goto(f"{url}/jobs/{job.job_id}")
    page.get_by_role("button", name="Delete this job").dblclick()
    expect(page.locator("#deleted")).to_contain_text("is deleted")
    # the other tab says so, with the same way back
    expect(other.get_by_text("You deleted this job")).to_be_visible()
    opened.take_screenshot("jobs-deleted-1280-light")
    opened.faults.clear()  # the status of what was deleted is told in the console
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#deleted")).to_have_count(0)
    other.reload()
    expect(other.locator("#status")).to_contain_text("completed")
    other.close()
    page.go_back()
    opened.must_be_well()
    opened.go(f"{url}/jobs/{job.job_id}")
    page.get_by_role("button", name="Delete this job").click()
    expect(page.locator("#deleted")).to_be_visible()
    due = site.server.world.job(job.job_id).deletion_due
    assert due
    site.server.world.time = due
    site.server.world.jobs.execute(job.job_id, CarryOutDeletion("archiver", "r", due))
    expect(page.locator("#deleted")).to_have_count(0)  # too late, and nobody is told otherwise
    opened.must_be_well()
