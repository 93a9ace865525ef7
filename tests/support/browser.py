"""A real Chromium for tests: pages that remember every fault, axe-core, screenshots.

The browser is Debian's: ``GAS_CHROMIUM``, or the one on the PATH. A machine without one skips these
tests and says so.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect, sync_playwright

from local.stack import ROOT

Scheme = Literal["light", "dark"]
_LOOKS: tuple[tuple[int, Scheme], ...] = (
    (1280, "light"),
    (390, "dark"),
    (1280, "dark"),
    (390, "light"),
)
"""Widths of a desktop and a phone in CSS pixels, and colour schemes."""
in_every_look = pytest.mark.parametrize(
    ("width", "scheme"), _LOOKS if os.environ.get("GAS_ALL_LOOKS") else _LOOKS[:2]
)
"""All four with ``make browser``; other runs have less time, and see each width and scheme once."""
SCREENSHOTS = ROOT / ".gas" / "screenshots"

_AXE = ROOT / "services/web/frontend/node_modules/axe-core/axe.min.js"
_RUN_AXE = """
async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter(({impact}) => impact === "serious" || impact === "critical")
  .map(({id, help, nodes}) => `${id}: ${help}\\n  ` + nodes.map(n => n.html.slice(0, 300) + ' ' + n.failureSummary).join("\\n  "))
"""  # noqa: E501
_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`));
"""
_TIMEOUT_MILLISECONDS = 15_000


def chromium() -> str:
    """The path of the browser; skips the test where there is none."""
    found = os.environ.get("GAS_CHROMIUM") or shutil.which("chromium")
    if not found:
        pytest.skip(
            "!!! NO CHROMIUM (`make browser` installs it where it may; or set GAS_CHROMIUM)."
            " NOT TESTED: pages in a real browser, accessibility, content security policy !!!"
        )
    return found


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    """A headless browser, closed when the block ends."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
            timeout=60_000,
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Window:
    """A window of the browser. ``faults`` are errors of its console, scripts and policy so far."""

    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)

    def note(self, response: Response) -> None:
        """Remember a response."""
        self.responses.append(response)

    def go(self, url: str) -> None:
        """Open the address, and wait until its scripts have run and nothing is loaded any more."""
        self.page.goto(url, wait_until="load")

    def faults_of_page(self) -> list[str]:
        """What the browser has complained of so far, and what axe-core finds on this page.

        What is being loaded is waited for: it is faded meanwhile, on purpose.
        """
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0, timeout=30_000)
        wide = [f"{self.page.url} is wider than the window"] if self.overflows() else []
        return [*self.faults, *self.page.evaluate(_RUN_AXE), *wide]

    def must_be_well(self) -> None:
        """Raise AssertionError where the current page has a fault."""
        found = self.faults_of_page()
        assert not found, "\n".join(found)

    def overflows(self) -> bool:
        """True if the page can be scrolled sideways."""
        return bool(
            self.page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
        )

    def take_screenshot(self, name: str) -> Path:
        """Write the whole page to the ignored folder of screenshots; returns the file."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=True, animations="disabled")
        return path


@contextlib.contextmanager
def window(browser: Browser, width: int = 1280, scheme: Scheme = "light") -> Iterator[Window]:
    """A window of its own, without anyone's session."""
    context = browser.new_context(
        viewport={"width": width, "height": 844 if width < 600 else 800},
        color_scheme=scheme,
        locale="en-GB",
        timezone_id="Europe/London",
        reduced_motion="reduce",
    )
    context.set_default_timeout(_TIMEOUT_MILLISECONDS)
    # The policy of the page does not hold for these.
    context.add_init_script(path=_AXE)
    context.add_init_script(_TELL_VIOLATIONS)
    opened = Window(context, context.new_page())
    page = opened.page
    page.on("console", lambda m: opened.faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: opened.faults.append(f"script: {error}"))
    page.on("response", opened.note)
    try:
        yield opened
    finally:
        context.close()
