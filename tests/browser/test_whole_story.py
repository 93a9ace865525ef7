"""The whole story of a person and three files, through all of GAS, in one browser.

Nothing waits for a time: the archiver sleeps while results are downloaded, and the end of the
account, which takes two hours, is followed by an archiver whose clock is ahead.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from gas.domain.account import Account
from gas.tables.accounts import DynamoAccountTable
from gas.tables.profiles import DynamoProfileTable
from local.client import mails_to
from local.demo import DEMO_VCF, running_stack
from local.stack import Stack
from tests.support.browser import Window, chromium, window
from tests.support.late_archiver import LateArchiver, late_archiver
from tests.support.uploading import HELD, Parts, press, send, state, two_parts, wait_for
from tests.support.wire import Wire

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

EMAIL = "mary@example.org"
NAMES = ("paused.vcf", "reloaded.vcf", "cut.vcf")
SOME_TIME = 60_000
GRACE_SECONDS = 2


@pytest.fixture
def stack(tmp_path: Path, wire: Wire) -> Iterator[Stack]:
    """A stack of its own, on which results are archived at once."""
    chromium()
    environment = {"GAS_S3_PUBLIC_URL": wire.url}
    with running_stack(tmp_path / "stack", GRACE_SECONDS, environment) as running:
        wire.target = running.aws_port
        yield running


@contextmanager
def asleep(stack: Stack, name: str) -> Iterator[None]:
    """That service does nothing within the block."""
    os.kill(stack.pid_of(name), signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(stack.pid_of(name), signal.SIGCONT)


def test_three_files_from_the_first_login_to_the_last_object(
    browser: Browser, stack: Stack, wire: Wire, tmp_path: Path
) -> None:
    files = [two_parts(tmp_path / name) for name in NAMES]
    with window(browser) as opened:
        page = opened.page
        with asleep(stack, "archiver"):
            user_id = _log_in_and_accept(opened, stack)
            _upload_with_troubles(opened, wire, files)
            jobs = _jobs(opened, stack, NAMES)
            first = {name: _download(opened, jobs[name]) for name in NAMES}
        _is_archived(opened, jobs["cut.vcf"], first["cut.vcf"])
        tab = opened.context.new_page()
        tab.goto(jobs["paused.vcf"])
        expect(tab.locator("#status")).to_contain_text("archived", timeout=SOME_TIME)
        _upgrade(opened)
        expect(tab.locator("#status")).to_contain_text("completed", timeout=SOME_TIME)
        assert {name: _download(opened, jobs[name]) for name in NAMES} == first
        _batch_is_deleted_and_taken_back(opened, tab, stack, tmp_path)
        _close_the_account(opened, stack)
        with late_archiver(stack) as archiver:
            _everything_is_gone(archiver, user_id, page, stack)


def _log_in_and_accept(opened: Window, stack: Stack) -> str:
    """The user's id, of somebody who reads the terms before the first upload."""
    page = opened.page
    opened.go(stack.url)
    page.get_by_role("link", name=re.compile("Log in|Sign in")).first.click()
    page.locator("input[name=sub]").fill(EMAIL)
    page.get_by_role("button", name="Authorize").click()
    page.get_by_role("heading", name="Jobs").wait_for()
    opened.faults.clear()  # those of the provider's pages
    page.get_by_role("link", name="New job").first.click()
    page.get_by_role("button", name="Accept and go on").click()
    return page.locator("#upload").get_attribute("data-user") or ""


def _upload_with_troubles(opened: Window, wire: Wire, files: list[Path]) -> None:
    page, parts = opened.page, Parts(opened.page)
    paused, reloaded, cut = files
    page.locator("#bundle").select_option("human-mt")
    wire.hold_after(HELD)
    page.locator("#file").set_input_files(reloaded)
    send(page)
    wait_for(lambda: parts.numbers == [2], page)
    page.once("dialog", lambda dialog: dialog.accept())  # whether to leave
    page.reload()
    expect(page.locator("#unfinished")).to_contain_text(reloaded.name)
    page.locator("#file").set_input_files([paused, reloaded, cut])
    expect(state(page, reloaded.name)).to_contain_text("only what is missing is sent")
    send(page)
    wait_for(lambda: parts.numbers == [2, 2, 2], page)
    press(page, paused.name, "Pause")
    wire.cut()
    expect(state(page, cut.name)).to_contain_text("The connection is lost")
    wire.release()
    wire.mend()
    for name in (cut.name, reloaded.name):
        expect(state(page, name)).to_have_text("Submitted.", timeout=SOME_TIME)
    expect(state(page, paused.name)).to_contain_text("Paused.")
    press(page, paused.name, "Go on")
    expect(page.locator("#overall")).to_have_text("3 of 3 files submitted.", timeout=SOME_TIME)
    assert sorted(parts.numbers) == [1, 1, 1, 2, 2, 2], "no part was sent twice"
    opened.faults.clear()  # the browser tells of lost connections itself


def _jobs(opened: Window, stack: Stack, names: tuple[str, ...]) -> dict[str, str]:
    """The addresses of the jobs of those files."""
    page = opened.page
    opened.go(f"{stack.url}/jobs")
    links = {name: page.get_by_role("link", name=name, exact=True) for name in names}
    return {name: stack.url + (link.get_attribute("href") or "") for name, link in links.items()}


def _download(opened: Window, job: str) -> str:
    """The SHA-256 of a job's result, which is the one on its page."""
    page = opened.page
    opened.go(job)
    expect(page.locator("#status")).to_contain_text("completed", timeout=SOME_TIME)
    with page.expect_download() as download:
        page.get_by_role("link", name="Annotated VCF").click()
    digest = hashlib.sha256(download.value.path().read_bytes()).hexdigest()
    expect(page.locator("#files")).to_contain_text(digest)
    opened.must_be_well()
    return digest


def _is_archived(opened: Window, job: str, digest: str) -> None:
    """The page turns by itself, and says before anybody pays what it takes to get it back."""
    page = opened.page
    assert page.url == job
    archive = page.locator(".alert", has_text="The result is in the archive. Nothing is lost.")
    expect(archive).to_contain_text(digest, timeout=SOME_TIME)
    expect(archive).to_contain_text(re.compile(r"that usually takes .*(minutes|hours)"))
    expect(archive).to_contain_text(re.compile(r"costs this installation .*nothing beyond"))
    opened.must_be_well()


def _upgrade(opened: Window) -> None:
    page = opened.page
    page.get_by_role("link", name="See Premium").click()
    page.get_by_role("button", name="Upgrade to Premium").click()
    expect(page.get_by_text("You are on Premium.")).to_be_visible()
    opened.must_be_well()


def _batch_is_deleted_and_taken_back(opened: Window, tab: Page, stack: Stack, folder: Path) -> None:
    page, names = opened.page, ("one.vcf", "two.vcf", "three.vcf")
    for name in names:
        (folder / name).write_bytes(DEMO_VCF.read_bytes())
    opened.go(f"{stack.url}/jobs/new")
    page.locator("#bundle").select_option("human-mt")
    page.locator("#file").set_input_files([folder / name for name in names])
    send(page)
    expect(page.locator("#overall")).to_have_text("3 of 3 files submitted.", timeout=SOME_TIME)
    jobs = _jobs(opened, stack, names)
    tab.goto(jobs["one.vcf"])
    expect(page.locator("tbody tr").filter(has_text="completed")).to_have_count(
        6, timeout=SOME_TIME
    )
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", agree)
    for name in names[:2]:
        page.get_by_label(f"Choose {name}").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#deleted")).to_contain_text("2 jobs are deleted")
    assert len(asked) == 1
    assert "2 jobs" in asked[0]
    expect(tab.get_by_text("You deleted this job")).to_be_visible(timeout=SOME_TIME)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("tbody tr")).to_have_count(6)
    tab.reload()
    expect(tab.locator("#status")).to_contain_text("completed")
    tab.close()
    opened.must_be_well()


def _close_the_account(opened: Window, stack: Stack) -> None:
    page = opened.page
    opened.go(f"{stack.url}/account")
    page.get_by_role("link", name="Delete your account").click()
    page.get_by_label("Type delete my account").fill("delete my account")
    page.get_by_role("button", name="Delete everything").click()
    expect(page.get_by_text("Your account is closed")).to_be_visible()
    opened.must_be_well()


def _everything_is_gone(archiver: LateArchiver, user_id: str, page: Page, stack: Stack) -> None:
    """What is current goes at once, all versions when nothing can arrive any more."""
    accounts = DynamoAccountTable(archiver.aws.dynamodb(), archiver.settings.prefix)
    profiles = DynamoProfileTable(archiver.aws.dynamodb(), archiver.settings.prefix)
    assert profiles.get(user_id)
    wait_for(lambda: not archiver.jobs_of(user_id), page, seconds=60)
    archiver.follow_the_end(user_id)
    assert archiver.objects_of(user_id) == []
    account = accounts.get(user_id)
    assert isinstance(account, Account)
    assert account.erased_at
    wait_for(lambda: profiles.get(user_id) is None, page, seconds=60)
    subjects = [subject for subject, _ in mails_to(stack.aws_url, EMAIL)]
    for words, times in {
        "is annotated": 6,
        "is archived": 3,
        "is back": 3,
        "on Premium": 1,
    }.items():
        assert sum(words in subject for subject in subjects) == times, subjects
    assert subjects[-1] == "Your account is deleted"
