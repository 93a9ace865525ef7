"""The whole stack as a visitor uses it: login, upload, live page, download; and refused files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from local.demo import DEMO_VCF
from local.stack import Stack
from tests.support.browser import Window

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

JOB_MILLISECONDS = 60_000


def choose(page: Page, file: Path) -> None:
    page.locator("#file").set_input_files(file)


def test_a_file_is_uploaded_annotated_and_downloaded(visitor: Window, stack: Stack) -> None:
    page = visitor.page
    page.get_by_role("link", name="New job").first.click()
    choose(page, DEMO_VCF)
    page.get_by_role("button", name="Upload and annotate").click()
    expect(page.locator("#status")).to_contain_text("completed", timeout=JOB_MILLISECONDS)
    visitor.must_be_well()
    visitor.take_screenshot("stack-job")
    with page.expect_download() as download:
        page.get_by_role("link", name="Annotated VCF").click()
    result = gzip.decompress(download.value.path().read_bytes())
    assert result.startswith(b"##fileformat=VCF")
    for path in ("/jobs", "/account", "/help/api", "/jobs/new"):
        visitor.go(stack.url + path)
        visitor.must_be_well()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are logged out.")).to_be_visible()
    visitor.must_be_well()


def test_a_file_that_is_no_vcf_is_refused_before_it_is_sent(
    visitor: Window, stack: Stack, tmp_path: Path
) -> None:
    good = DEMO_VCF.read_bytes()
    files = {
        "empty.vcf": (b"", "The file is empty"),
        "list.vcf": (b"chr1\t1\n", "does not begin with the line ##fileformat"),
        "sheet.vcf.gz": (b"PK\x03\x04rest", "a ZIP archive or a spreadsheet"),
        "inside.vcf.gz": (gzip.compress(b"BCF\x02\x02rest"), "Inside, this is a BCF file"),
        "broken.vcf.gz": (b"\x1f\x8b\x08\x00" + b"\xff" * 50, "cannot be unpacked"),
        "good.vcf.gz": (gzip.compress(good), None),
        "marked.vcf": (b"\xef\xbb\xbf" + good, None),
    }
    visitor.go(f"{stack.url}/jobs/new")
    problem = visitor.page.locator("#problem")
    for name, (content, message) in files.items():
        (tmp_path / name).write_bytes(content)
        choose(visitor.page, tmp_path / name)
        if message:
            expect(problem).to_contain_text(message)
        else:
            expect(problem).to_be_hidden()
    choose(visitor.page, tmp_path / "list.vcf")
    visitor.page.get_by_role("button", name="Upload and annotate").click()
    expect(problem).to_be_visible()
    visitor.must_be_well()
    visitor.take_screenshot("stack-refused")
    assert not [r for r in visitor.responses if r.request.method == "POST" and "uploads" in r.url]


def test_an_upload_can_be_cancelled_and_tried_again(visitor: Window, stack: Stack) -> None:
    page = visitor.page
    visitor.go(f"{stack.url}/jobs/new")
    page.route(f"{stack.aws_url}/**", lambda route: None)  # the storage never answers
    choose(page, DEMO_VCF)
    page.get_by_role("button", name="Upload and annotate").click()
    expect(page.locator("#transfer")).to_be_visible()
    page.get_by_role("button", name="Cancel the upload").click()
    expect(page.locator("#problem")).to_contain_text("The upload was cancelled.")
    page.unroute(f"{stack.aws_url}/**")
    page.get_by_role("button", name="Upload and annotate").click()
    expect(page.locator("#status")).to_contain_text("completed", timeout=JOB_MILLISECONDS)
    visitor.must_be_well()
