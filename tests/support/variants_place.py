"""A served user with two jobs, whose variants a browser looks at, and what is read there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from gas.domain.job import Job
from tests.support.browser import Window
from tests.support.exports import completed
from tests.support.family_vcf import family_vcf
from tests.support.served_web import served
from tests.support.variants import annotate
from tests.support.web_server import User, WebServer
from web import sample


@dataclass(frozen=True)
class Place:
    """A served installation: a user with the sample's job and a family's."""

    server: WebServer
    user: User
    url: str
    folder: Path
    sample: Job
    family: Job

    def table(self, job: Job, query: str = "") -> str:
        return f"{self.url}/jobs/{job.job_id}/variants{query}"


def rows(page: Page) -> Locator:
    return page.locator("#grid tbody tr[data-key]")


def open_table(reader: Window, url: str) -> Page:
    reader.go(url)
    expect(reader.page.locator("#count strong")).to_have_text(re.compile(r"\d"))
    expect(reader.page.locator("[aria-busy=true]")).to_have_count(0)  # keys and filters work
    return reader.page


def count(page: Page) -> int:
    return int(page.locator("#count strong").inner_text().replace(",", ""))


@contextmanager
def running_place(folder: Path) -> Iterator[Place]:
    """Serve a user's two annotated jobs until the block ends; ``folder`` is for their files."""
    source = folder / "family.vcf"
    source.write_text(family_vcf(1_500, seed=17))
    server = WebServer()
    user = server.user()
    own = completed(server, user, annotate(sample.FILE, folder / "sample"))
    family = completed(server, user, annotate(source, folder / "family"))
    with served(server) as url:
        yield Place(server, user, url, folder, own, family)
