"""What people do with a result, through all of GAS: without an account, and with one."""

from __future__ import annotations

import re
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, expect

from local.stack import Stack
from tests.support.browser import Scheme, Window, in_every_look, window
from tests.support.genome_view import GenomeView
from web import sample

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

JOB_MILLISECONDS = 60_000
SAMPLE_SECONDS = 90
TITLE = "APP p.Val717Ile"
POSITION = "25891784"


def rows(page: Page) -> Locator:
    return page.locator("#grid tbody tr[data-key]")


def find(page: Page, text: str) -> str:
    """Search for a text that one variant has; the variant's key."""
    page.get_by_label("Search in names").fill(text)
    expect(page.locator("#count")).to_have_text(re.compile(r"^1 of "))
    expect(rows(page)).to_have_count(1)
    return rows(page).get_attribute("data-key") or ""


def job_of(page: Page) -> str:
    """The id of the job whose page this is."""
    return urlsplit(page.url).path.split("/")[2]


def open_sample(opened: Window, stack: Stack) -> Page:
    """From the start page to the table of the sample."""
    link = opened.page.get_by_role("link", name="Look at a sample result")
    deadline = time.monotonic() + SAMPLE_SECONDS
    opened.go(stack.url)
    while not link.is_visible():  # it is annotated after the start
        assert time.monotonic() < deadline, "there is no sample"
        opened.page.wait_for_timeout(1000)
        opened.go(stack.url)
    link.click()
    expect(opened.page.locator("gas-plot svg").first).to_be_visible()
    opened.page.get_by_role("link", name="See the variants").click()
    return opened.page


def test_a_visitor_finds_the_variant_and_takes_it_along(browser: Browser, stack: Stack) -> None:
    with window(browser) as opened:
        page = open_sample(opened, stack)
        key, job_id = find(page, "Val717Ile"), job_of(page)
        opened.must_be_well()
        page.get_by_role("button", name="Export").click()
        link = page.get_by_role("link", name="TSV")
        address = urlsplit(link.get_attribute("href") or "")
        (columns,) = parse_qs(address.query)["columns"]
        with page.expect_download() as download:
            link.click()
        lines = [line for line in download.value.path().read_text().splitlines() if line[0] != "#"]
        asked = {"q": "Val717Ile", "columns": columns}
        api = f"{stack.url}/api/v1/jobs/{job_id}/variants"
        found = requests.get(api, params=asked, timeout=30).json()
        assert [item["key"] for item in found["items"]] == [key]
        (line,) = lines[1:]
        exported = dict(zip(columns.split(","), line.split("\t"), strict=True))
        assert exported["pos"] == POSITION
        for name, value in exported.items():
            answered = found["items"][0][name]
            assert value == ("" if answered is None else str(answered)), name
        opened.must_be_well()


@in_every_look
def test_the_genome_shows_the_place_and_its_alleles(
    browser: Browser, stack: Stack, width: int, scheme: Scheme
) -> None:
    with window(browser, width, scheme) as opened:
        page = open_sample(opened, stack)
        opened.go(f"{page.url}?q=Val717Ile")
        expect(rows(page)).to_have_count(1)
        rows(page).locator("td").nth(2).click()
        page.get_by_role("link", name="Own page").click()
        expect(page.locator("#title")).to_have_text(TITLE)
        assert not [r for r in opened.responses if "/assets/igv" in r.url]
        view = GenomeView(page)
        view.open()
        assert [r for r in opened.responses if "/assets/igv" in r.url]
        first, last = (int(text.replace(",", "")) for text in view.place.split(":")[1].split("-"))
        assert (first + last) // 2 == int(POSITION)
        record = view.record_in_the_middle()
        assert (record["Pos"], record["Ref"], record["Alt"]) == ("25,891,784", "C", "T")
        assert (view.brightness_of_the_ground < 0.3) == (scheme == "dark")
        opened.take_screenshot(f"variant-genome-{width}-{scheme}")
        opened.must_be_well()


def annotate(page: Page, stack: Stack, file: Path) -> None:
    """Upload the file, and wait on the page of its job."""
    page.goto(f"{stack.url}/jobs/new")
    page.locator("#file").set_input_files(file)
    page.locator("#bundle").select_option(sample.BUNDLE)
    page.get_by_role("button", name="Upload and annotate").click()
    expect(page.locator("#status")).to_contain_text("completed", timeout=JOB_MILLISECONDS)


def test_an_owner_keeps_shares_withdraws_and_compares(
    visitor: Window, browser: Browser, stack: Stack, tmp_path: Path
) -> None:
    page = visitor.page
    annotate(page, stack, sample.FILE)
    first = page.url
    page.get_by_role("link", name="See the variants").click()
    key = find(page, "Val717Ile")
    _save_and_use_again(page)
    rows(page).locator(".star").click()
    expect(rows(page).locator(".star")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(rows(page).locator(".star")).to_have_attribute("aria-pressed", "true")
    visitor.must_be_well()
    _share_and_withdraw(page, browser, key)
    visitor.must_be_well()
    _run_again(page, first)
    without = tmp_path / "without.vcf"
    lines = sample.FILE.read_text().splitlines(keepends=True)
    without.write_text("".join(line for line in lines if f"\t{POSITION}\t" not in line))
    annotate(page, stack, without)
    _compare(visitor, first)


def _save_and_use_again(page: Page) -> None:
    saved = page.get_by_role("button", name="Saved")
    saved.click()
    page.get_by_label("Name of the present filters").fill("London")
    page.locator("#saved").get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#saved .dropdown-item")).to_contain_text("London")
    page.keyboard.press("Escape")
    page.locator("#chips a.chip").click()
    expect(page.locator("#chips")).to_be_hidden()
    saved.click()
    page.locator("#saved .dropdown-item").click()
    expect(rows(page)).to_have_count(1)


def _share_and_withdraw(page: Page, browser: Browser, key: str) -> None:
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("The link", exact=True).input_value()
    with window(browser) as colleague:
        colleague.go(link)
        expect(rows(colleague.page)).to_have_count(1)
        assert rows(colleague.page).get_attribute("data-key") == key
        expect(colleague.page.locator(".star, #open-share, #saved")).to_have_count(0)
        colleague.must_be_well()
        page.locator("#share-list").get_by_role("button", name="Withdraw").click()
        expect(page.locator("#share-list")).to_contain_text("withdrawn")
        page.keyboard.press("Escape")
        colleague.go(link)
        expect(colleague.page.locator("main")).to_contain_text("It was withdrawn by its owner")
        colleague.faults.clear()  # the browser tells of the status itself
        colleague.take_screenshot("link-withdrawn")
        colleague.must_be_well()
        api = link.replace("/jobs/", "/api/v1/jobs/", 1)
        assert requests.get(api, timeout=30).status_code == 410


def _run_again(page: Page, first: str) -> None:
    page.goto(first)
    page.get_by_label("Split records with several alternate alleles").check()
    page.get_by_role("button", name="Run again").click()
    page.wait_for_url(lambda url: "/jobs/" in url and url != first)
    expect(page.locator("#status")).to_contain_text("completed", timeout=JOB_MILLISECONDS)


def _compare(visitor: Window, first: str) -> None:
    """The newest other job lacks the variant."""
    page = visitor.page
    visitor.go(first)
    page.get_by_role("link", name="Compare").click()
    expect(page.locator("#other option")).to_have_count(2)
    page.locator("#other").select_option(index=0)
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".alert").last).to_contain_text(
        "1 known to be pathogenic here and not there"
    )
    expect(page.locator("tbody tr").first).to_contain_text("p.Val717Ile")
    expect(page.locator("tbody tr").first).to_contain_text("new pathogenic")
    visitor.take_screenshot("compare-files")
    visitor.must_be_well()
