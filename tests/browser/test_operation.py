"""An operator finds and mends a stuck job and dead letters, from the pages alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from gas.aws.clients import Aws
from gas.domain.job_rules import Fail, JobCommand, Start, Submit
from gas.events import Event, FailureCode, InputFile, Plan, new_id
from gas.eventstore.repository import JOB, Repository, WriteContext
from gas.files.s3 import S3Files
from gas.messaging.queue import SqsQueue
from gas.runtime.repositories import utc_now, write_context_for
from gas.settings import Settings
from gas.tables.profiles import DynamoProfileTable
from local.demo import DEMO_VCF
from local.stack import CREDENTIALS, OPERATOR, REGION, Stack
from tests.support.browser import Window, window

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

JOB_SECONDS = 60
LIVE_MILLISECONDS = 30_000
# Longer than a job may be silent, and shorter than it takes reconciliation to repair it.
SILENT = timedelta(minutes=10)
PAGES = ("", "/dead-letters?queue=restorer", "/jobs", "/accounts", "/bundles", "/costs")


class LostBus:
    """Loses every message."""

    def publish(self, event: Event) -> None:
        """Lose it."""


class Troubles:
    """What goes wrong on a running stack: lost messages, and dead letters."""

    def __init__(self, stack: Stack) -> None:
        self.settings = Settings(endpoint_url=stack.aws_url, region=REGION)
        self._aws = Aws(self.settings)
        self.log = write_context_for("test", self.settings, self._aws).log
        profiles = DynamoProfileTable(self._aws.dynamodb(), self.settings.prefix)
        (ada,) = profiles.at_address("ada@example.org")
        self.user_id = ada.user_id

    def job(self, *then: JobCommand) -> str:
        """A job whose message was lost ten minutes ago, after these steps."""
        began: datetime = utc_now() - SILENT
        context = WriteContext(self.log, LostBus(), lambda: began, new_id, "/gas/test")
        jobs, job_id = Repository(JOB, context), new_id()
        bucket = self.settings.bucket("inputs")
        key = f"{self.user_id}/{new_id()}"
        s3 = self._aws.s3()
        s3.put_object(Bucket=bucket, Key=key, Body=DEMO_VCF.read_bytes())
        info = S3Files(s3, bucket).info(key)
        file = InputFile(
            bucket=bucket,
            key=key,
            size_bytes=info.size_bytes,
            etag=info.etag.strip('"'),
            filename="troubled.vcf",
            version_id=info.version_id,
        )
        submit = Submit(job_id, self.user_id, file, "human-mt", Plan.FREE)
        for command in (submit, *then):
            jobs.execute(job_id, command)
        return job_id

    def dead_letter_of(self, job_id: str) -> None:
        """The job's message as a dead letter; straight there, for its queue has a reader."""
        dead = SqsQueue(self._aws.sqs(), self.settings.named("annotator-dlq"))
        dead.send(self.log.read(f"job/{job_id}")[0].to_json())


@pytest.fixture
def troubles(visitor: Window, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Troubles:
    assert visitor  # ada has logged in
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return Troubles(stack)


@pytest.fixture
def operator(browser: Browser, stack: Stack) -> Iterator[Window]:
    with window(browser) as opened:
        opened.go(f"{stack.url}/login?next=/operator")
        opened.page.locator("input[name=sub]").fill(OPERATOR)
        opened.page.get_by_role("button", name="Authorize").click()
        opened.page.get_by_role("heading", name="Operation").wait_for()
        opened.faults.clear()  # those of the provider's pages
        opened.page.on("dialog", lambda dialog: dialog.accept())
        yield opened


def until_completed(page: Page) -> None:
    """Look at the page of the job until it is done."""
    deadline = time.monotonic() + JOB_SECONDS
    while "completed" not in page.locator("#status").inner_text():
        assert time.monotonic() < deadline, page.locator("#state").inner_text()
        page.wait_for_timeout(500)
        page.reload()


def test_an_operator_mends_a_stuck_job_and_dead_letters(
    visitor: Window, operator: Window, stack: Stack, troubles: Troubles
) -> None:
    page = operator.page
    stuck = troubles.job(Start("engine/1", "human-mt@1"))
    row = page.locator(f"#stuck-{stuck}")
    expect(row).to_contain_text("was last heard of", timeout=LIVE_MILLISECONDS)  # no reload
    operator.must_be_well()
    operator.take_screenshot("operator-overview")
    row.get_by_role("link").first.click()
    operator.must_be_well()
    _hand_out(page)
    expect(page.get_by_text("The job is handed out again")).to_be_visible()
    failed = _mend_letters(operator, stack, troubles)
    for job_id, reason in ((stuck, "the host was gone"), (failed, "the disk has room again")):
        operator.go(f"{stack.url}/operator/jobs/{job_id}")
        until_completed(page)
        expect(page.locator("#events")).to_contain_text(reason)
    operator.take_screenshot("operator-job")
    _look_at_account(operator, stack, troubles)
    _every_page_on_a_phone_at_night(operator, stack)
    answer = visitor.page.goto(f"{stack.url}/operator")
    assert answer
    assert answer.status == 404
    expect(visitor.page.get_by_role("link", name="Operation")).to_have_count(0)


def _hand_out(page: Page) -> None:
    form = page.locator("form", has=page.locator("#why-again"))
    form.locator("input[name=reason]").fill("the host was gone")
    form.get_by_role("button").click()


def _mend_letters(operator: Window, stack: Stack, troubles: Troubles) -> str:
    """Send the message of a failed job back, with a double click; the id of that job."""
    page = operator.page
    failed = troubles.job(Fail(FailureCode.INTERNAL, "sorry"))
    troubles.dead_letter_of(failed)
    dead = SqsQueue(Aws(troubles.settings).sqs(), troubles.settings.named("restorer-dlq"))
    dead.send("no event at all")
    operator.go(f"{stack.url}/operator")
    link = page.get_by_role("link", name="1 dead letters of annotator", exact=True)
    expect(link).to_be_visible(timeout=LIVE_MILLISECONDS)
    link.click()
    expect(page.get_by_role("link", name=failed)).to_be_visible()
    operator.must_be_well()
    operator.take_screenshot("operator-letters")
    back = page.locator("form", has=page.locator("#why-back-1"))
    back.locator("input[name=reason]").fill("the disk has room again")
    back.get_by_role("button").dblclick()
    expect(page.get_by_role("status").first).to_be_visible()
    operator.go(f"{stack.url}/operator/dead-letters?queue=restorer")
    discard = page.locator("form", has=page.locator("#why-discard-1"))
    discard.locator("input[name=reason]").fill("a test message")
    discard.get_by_role("button").click()
    expect(page.get_by_text("The letter is discarded.")).to_be_visible()
    assert dead.depth() == 0
    kinds = [event.type for event in troubles.log.read(f"job/{failed}")]
    assert kinds.count("gas.job.reopened.v1") == 1
    return failed


def _look_at_account(operator: Window, stack: Stack, troubles: Troubles) -> None:
    page = operator.page
    operator.go(f"{stack.url}/operator/accounts")
    page.get_by_label("User id or whole e-mail address").fill("ada@example.org")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", name="Account ada@example.org")).to_be_visible()
    expect(page.locator("main")).to_contain_text(troubles.user_id)
    operator.must_be_well()


def _every_page_on_a_phone_at_night(operator: Window, stack: Stack) -> None:
    account = operator.page.url
    operator.page.set_viewport_size({"width": 390, "height": 844})
    operator.page.emulate_media(color_scheme="dark")
    for address in (*(f"{stack.url}/operator{path}" for path in PAGES), account):
        operator.go(address)
        operator.must_be_well()
        name = address.split("?")[0].removeprefix(f"{stack.url}/").split("/")[:2]
        operator.take_screenshot(f"{'-'.join(name)}-390-dark")
