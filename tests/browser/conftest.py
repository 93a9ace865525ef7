"""A browser for each process of tests, and a stack for the journeys through all of GAS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from local.demo import running_stack
from local.stack import Stack
from tests.support.browser import Window, chromium, running_browser, window
from tests.support.served_web import give_session
from tests.support.variants_place import Place, running_place
from tests.support.wire import Wire, running_wire

GRACE_SECONDS = 3600


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(scope="session")
def wire() -> Iterator[Wire]:
    """What the browser's requests to S3 go through."""
    with running_wire() as running:
        yield running


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, wire: Wire) -> Iterator[Stack]:
    chromium()  # no stack for nobody
    folder, environment = (
        tmp_path_factory.mktemp("stack"),
        {
            "GAS_S3_PUBLIC_URL": wire.url,
            "GAS_FETCH_PRIVATE": "true",
        },
    )
    with running_stack(folder, GRACE_SECONDS, environment) as running:
        wire.target = running.aws_port
        yield running


def accept_terms(page: Page, url: str) -> None:
    """Accept the terms, which are asked for before the first upload, and go back to the jobs."""
    page.goto(f"{url}/jobs/new")
    accept = page.get_by_role("button", name="Accept and go on")
    if accept.count():
        accept.click()
        page.locator("#file").wait_for()
    page.goto(f"{url}/jobs")


@pytest.fixture
def visitor(browser: Browser, stack: Stack) -> Iterator[Window]:
    """A window of a user who has logged in."""
    with window(browser) as opened:
        opened.go(f"{stack.url}/login")
        opened.page.locator("input[name=sub]").fill("ada@example.org")
        opened.page.get_by_role("button", name="Authorize").click()
        opened.page.get_by_role("heading", name="Jobs").wait_for()
        accept_terms(opened.page, stack.url)
        opened.faults.clear()  # those of the provider's pages
        yield opened


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    chromium()  # no annotation for nobody
    with running_place(tmp_path_factory.mktemp("variants")) as running:
        yield running


@pytest.fixture
def reader(browser: Browser, place: Place) -> Iterator[Window]:
    with window(browser) as opened:
        give_session(opened, place.user, place.url)
        yield opened
