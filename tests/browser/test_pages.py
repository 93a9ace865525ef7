"""Every page in every state: accessible, no error, no overflow, in both widths and schemes."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from gas.domain.account import Suspend
from gas.domain.job import Job
from gas.domain.job_rules import Cancel, Complete, Fail, RequestRestore, Start, Submit
from gas.events import FailureCode, InputFile, Plan, ResultFile, ResultKind, Tier
from tests.support.browser import Scheme, in_every_look, window
from tests.support.served_web import give_session, served
from tests.support.web_server import User, WebServer
from web.accounts.billing import OperatorBilling
from web.accounts.operators import Operators

pytestmark = pytest.mark.browser

LANDING_BYTES = 150_000
LONG_NAME = "a_very_long_file_name_without_any_place_to_break_" * 4 + ".vcf.gz"
SUMMARY = {
    "records": 5_000_000,
    "annotated": 4_999_990,
    "ts_tv_ratio": 2.07,
    "known_pathogenic": 12,
    "consequences_by_worst": {
        "intron_variant": 3_000_000,
        "missense_variant": 25_000,
        "stop_gained": 321,
        "splice_polypyrimidine_tract_variant": 1_200,
        "5_prime_UTR_variant": 44,
    },
    "consequences_by_pick": {"intron_variant": 3_000_000, "missense_variant": 25_000},
    "impacts": {"HIGH": 400, "MODERATE": 25_000, "LOW": 60_000, "MODIFIER": 4_914_590},
    "variant_types": {"SNV": 4_500_000, "deletion": 300_000},
    "genes": {"TTN": 4_000, "MUC16": 3_900},
    "not_annotated": {"outside_windows": 10},
    "gene_models": "Ensembl 115",
}


class Installation:
    """A server, a user with a job of each kind, and one without any."""

    def __init__(self) -> None:
        self.server = WebServer()
        self.user = self.server.user()
        self.newcomer = self.server.user("newcomer")
        self.suspended = self.server.user("suspended")
        self.server.world.accounts.execute(self.suspended.id, Suspend("ops", "abuse"))
        operators = Operators("the-operators-of-this-installation@example.org")
        accounts = replace(
            self.server.accounts, operators=operators, billing=OperatorBilling(operators)
        )
        self.server.replace(accounts=accounts)
        for name in ("Firefox on Linux", "Safari on iPhone"):
            self.server.sessions.begin(self.user.id, name)
        self.jobs = {
            "completed": self._completed(),
            "empty": self._completed(records=0),
            "failed": self._run(
                Fail(FailureCode.NOT_VCF, "This is not a VCF file: " + LONG_NAME, 3)
            ),
            "running": self._running(),
            "submitted": self._submit(),
            "cancelled": self.server.world.jobs.execute(
                self._submit().job_id, Cancel(self.user.id, "by the user")
            ),
            "archived": self._archived(),
            "restoring": self._restoring(),
        }

    def _submit(self, name: str = LONG_NAME) -> Job:
        world = self.server.world
        world.pass_time(timedelta(minutes=1))
        job_id = world.new_id()
        file = InputFile(
            bucket="inputs", key=job_id, size_bytes=123_456_789, etag="e", filename=name
        )
        return world.jobs.execute(job_id, Submit(job_id, self.user.id, file, "human-mt", Plan.FREE))

    def _run(self, end: Fail) -> Job:
        jobs = self.server.world.jobs
        job = jobs.execute(self._submit().job_id, Start("engine/1", "human-mt@1"))
        return jobs.execute(job.job_id, end)

    def _running(self) -> Job:
        job = self.server.world.jobs.execute(self._submit().job_id, Start("engine/1", "mt@1"))
        self.server.progress.record(job.job_id, 0.4, 123_456, 1)
        return job

    def _completed(self, **other: int) -> Job:
        world = self.server.world
        content = json.dumps({**SUMMARY, **other}).encode()
        job = world.jobs.execute(self._submit().job_id, Start("engine/1", "human-mt@1"))
        files = []
        for kind in ResultKind:
            key = f"{self.user.id}/{job.job_id}/result.{kind}"
            world.results.write(key, content)
            digest = hashlib.sha256(content).hexdigest()
            files.append(ResultFile(kind=kind, key=key, size_bytes=len(content), sha256=digest))
        counts = {"records": 5_000_000, "annotated": 4_999_990, "genes": 19_000}
        return world.jobs.execute(
            job.job_id, Complete(tuple(files), counts, 61.5, world.now() + timedelta(minutes=5))
        )

    def _archived(self) -> Job:
        return self.server.world.archive(self._completed())

    def _restoring(self) -> Job:
        world = self.server.world
        until = world.now() + timedelta(hours=5)
        return world.jobs.execute(self._archived().job_id, RequestRestore(Tier.STANDARD, until))


@pytest.fixture(scope="module")
def installation() -> Installation:
    return Installation()


@pytest.fixture(scope="module")
def url(installation: Installation) -> Iterator[str]:
    with served(installation.server) as address:
        yield address


VISITORS = {"home": "/", "api": "/help/api", "missing": "/nothing"}
USERS = {
    "jobs": "/jobs",
    "no-failed-jobs": "/jobs?status=cancelled&cursor=",
    "new-job": "/jobs/new",
    "account": "/account",
    "sessions": "/account/sessions",
}
JOBS = (
    "completed",
    "empty",
    "failed",
    "running",
    "submitted",
    "cancelled",
    "archived",
    "restoring",
)


@in_every_look
def test_every_page_is_well(
    browser: Browser, installation: Installation, url: str, width: int, scheme: Scheme
) -> None:
    user, job = installation.user, installation.jobs["completed"]
    pages = {name: (path, user) for name, path in USERS.items()}
    pages |= {f"job-{name}": (f"/jobs/{installation.jobs[name].job_id}", user) for name in JOBS}
    pages["log"] = (f"/jobs/{job.job_id}/log", user)
    pages["no-jobs"] = ("/jobs", installation.newcomer)
    pages["suspended"] = ("/jobs", installation.suspended)
    everything: dict[str, tuple[str, User | None]] = {
        **{name: (path, None) for name, path in VISITORS.items()},
        **pages,
    }
    faults: list[str] = []
    for name, (path, visitor) in everything.items():
        with window(browser, width, scheme) as opened:
            if visitor:
                give_session(opened, visitor, url)
            opened.go(url + path)
            opened.take_screenshot(f"{name}-{width}-{scheme}")
            if name in {"missing", "suspended"}:  # their status is told in the console
                opened.faults.clear()
            faults += [f"{name}: {fault}" for fault in opened.faults_of_page()]
    assert not faults, "\n".join(faults)


def test_the_landing_page_weighs_little(browser: Browser, url: str) -> None:
    with window(browser) as opened:
        opened.go(url)
        opened.page.wait_for_load_state("networkidle")
        weights = {r.url: len(gzip.compress(r.body(), 9)) for r in opened.responses}
    assert len(weights) >= 4
    assert sum(weights.values()) < LANDING_BYTES, weights


def test_a_chosen_theme_is_kept_and_is_there_before_the_page_is_drawn(
    browser: Browser, url: str
) -> None:
    with window(browser, scheme="light") as opened:
        opened.go(url)
        html = opened.page.locator("html")
        expect(html).to_have_attribute("data-bs-theme", "light")
        opened.page.emulate_media(color_scheme="dark")
        expect(html).to_have_attribute("data-bs-theme", "dark")
        opened.page.get_by_role("button", name="Theme").click()
        opened.page.get_by_role("button", name="Light").click()
        expect(html).to_have_attribute("data-bs-theme", "light")
        # no module has run yet when the body begins
        opened.context.route("**/site-*.js", lambda route: route.abort())
        opened.page.goto(url, wait_until="commit")
        opened.page.wait_for_selector("main")
        assert html.get_attribute("data-bs-theme") == "light"


def test_the_keyboard_skips_to_the_content_and_opens_the_menu_of_a_phone(
    browser: Browser, url: str
) -> None:
    with window(browser, width=390) as opened:
        opened.go(url)
        opened.page.keyboard.press("Tab")
        skip = opened.page.get_by_role("link", name="Skip to the content")
        assert skip.is_visible()
        opened.page.keyboard.press("Enter")
        assert opened.page.evaluate("document.activeElement.id") == "main"
        menu = opened.page.get_by_role("button", name="Menu")
        menu.press("Enter")
        opened.page.get_by_role("link", name="API").wait_for(state="visible")
        opened.must_be_well()


def test_a_live_page_shows_a_change_by_itself_and_then_asks_no_more(browser: Browser) -> None:
    installation = Installation()
    world = installation.server.world
    job = installation.jobs["submitted"]
    with served(installation.server) as url, window(browser) as opened:
        give_session(opened, installation.user, url)
        opened.go(f"{url}/jobs/{job.job_id}")
        expect(opened.page.locator("#status")).to_contain_text("submitted")
        world.jobs.execute(job.job_id, Cancel(installation.user.id, "by the user"))
        opened.page.get_by_text("You cancelled this job.").wait_for()
        asked = len(opened.responses)
        opened.page.wait_for_timeout(2500)  # more than two of the shortest pauses
        assert len(opened.responses) == asked
        opened.must_be_well()
