"""The page for new jobs as a browser's tests use it, and files that it sends in two parts."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, Request

from local.demo import DEMO_VCF

PART = 8 << 20
HELD = 1 << 20
"""Bytes after which a wire holds back: more than a short part has, and less than a full one."""
_REST = 100_000


def two_parts(path: Path) -> Path:
    """Write a VCF of a full part and a short one; returns its path."""
    lines = DEMO_VCF.read_text().splitlines()
    info = '##INFO=<ID=PAD,Number=1,Type=String,Description="Fills a part">'
    lines.insert(1, info)
    records = [line for line in lines if not line.startswith("#")]
    pad = "PAD=" + "x" * ((PART + _REST) // len(records))
    text = "\n".join(line if line[0] == "#" else line[:-1] + pad for line in lines) + "\n"
    assert PART < len(text) < PART + 2 * _REST
    path.write_text(text)
    return path


def row(page: Page, name: str) -> Locator:
    """The row of that file."""
    return page.locator("#files li").filter(has_text=name)


def state(page: Page, name: str) -> Locator:
    """What the page says of that file."""
    return row(page, name).locator("[data-part=state]")


def press(page: Page, name: str, button: str) -> None:
    """Press a button of that file."""
    row(page, name).get_by_role("button", name=f"{button}: {name}").click()


def send(page: Page) -> None:
    """Press the button that sends all."""
    page.get_by_role("button", name="Upload and annotate").click()


class Parts:
    """The parts that the browser has sent, with their uploads and numbers."""

    def __init__(self, page: Page) -> None:
        self.sent: list[tuple[str, int]] = []
        page.on("requestfinished", self._note)

    def _note(self, request: Request) -> None:
        query = parse_qs(urlsplit(request.url).query)
        if request.method == "PUT" and "partNumber" in query:
            self.sent.append((query["uploadId"][0], int(query["partNumber"][0])))

    @property
    def numbers(self) -> list[int]:
        """The numbers of the parts in the order in which they were sent."""
        return [number for _, number in self.sent]


def wait_for(condition: Callable[[], object], page: Page, seconds: float = 10) -> None:
    """Wait until the condition holds. Raises AssertionError after that many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)
