"""The whole stack as a visitor uses it: login, upload, live page, download; and refused files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from local.demo import DEMO_VCF
from local.stack import Stack
from tests.support.browser import Window
from tests.support.file_server import ok, serving

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


def test_files_are_checked_before_they_are_sent(
    visitor: Window, stack: Stack, tmp_path: Path
) -> None:
    page, good = visitor.page, DEMO_VCF.read_bytes()
    samples = good.replace(b"\tINFO\n", "\tINFO\tFORMAT\tAnn\tBéla\n".encode(), 1)
    other = good.replace(b"<ID=chrM,length=16569>", b"<ID=chr21,length=48129895>")
    files = {
        "empty.vcf": (b"", "The file is empty"),
        "list.vcf": (b"chr1\t1\n", "does not begin with the line ##fileformat"),
        "sheet.vcf.gz": (b"PK\x03\x04..[Content_Types].xml", "a spreadsheet"),
        "inside.vcf.gz": (gzip.compress(b"BAM\x01rest"), "Inside, this is a BAM file"),
        "broken.vcf.gz": (b"\x1f\x8b\x08\x00" + b"\xff" * 50, "cannot be unpacked"),
        "hg19.vcf": (other, "with their lengths. The file is of GRCh37 (hg19)."),
        "good.vcf.gz": (gzip.compress(good), "contigs of Human mitochondrion"),
        "marked.vcf": (b"\xef\xbb\xbf" + samples, "2 samples: Ann, Béla"),
        "🧬" * 60 + ".vcf": (bgzip(samples), "2 samples: Ann, Béla"),
        "whole.bcf": (gzip.compress(b"BCF\x02\x02rest"), "Ready."),
    }
    visitor.go(f"{stack.url}/jobs/new")
    page.get_by_role("button", name="Upload and annotate").click()
    expect(page.locator("#problem")).to_have_text("Choose a file first.")
    for name, (content, _) in files.items():
        (tmp_path / name).write_bytes(content)
    page.locator("#file").set_input_files([tmp_path / name for name in files])
    rows = page.locator("#files li")
    expect(page.locator("#problem")).to_be_hidden()
    for number, (_, message) in enumerate(files.values()):
        expect(rows.nth(number)).to_contain_text(message)
    page.locator("#bundle").select_option("grch38-21q21")
    expect(rows.nth(6)).to_contain_text("has none of the contigs of the file")
    expect(rows.nth(5)).to_contain_text("has other lengths of its contigs")
    page.locator("#bundle").select_option("auto")
    expect(rows.nth(6)).to_contain_text("Ready.")
    visitor.must_be_well()
    visitor.take_screenshot("upload-checked")
    for number in range(9, 5, -1):
        rows.nth(number).get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Upload and annotate").click()
    page.evaluate(_DROP_MANY)
    expect(page.locator("#problem")).to_contain_text("You chose 10,000 files")
    expect(rows).to_have_count(6)
    assert not [r for r in visitor.responses if r.request.method == "POST" and "uploads" in r.url]
    for name in ("one.vcf", "two.vcf"):
        (tmp_path / name).write_bytes(good)
    page.locator("#file").set_input_files([tmp_path / "one.vcf", tmp_path / "two.vcf"])
    page.evaluate(_DROP_LONG_NAME, good.decode())
    page.locator("#bundle").select_option("human-mt")
    page.get_by_role("button", name="Upload and annotate").click()
    expect(page.locator("#overall")).to_have_text("2 of 2 files submitted.", timeout=20_000)
    expect(rows.nth(8)).to_contain_text("255 characters")
    page.get_by_role("link", name="See your jobs").click()
    for name in ("one.vcf", "two.vcf"):
        expect(page.locator("main")).to_contain_text(name)


# A file system has no name of 500 emoji.
_DROP_LONG_NAME = """(text) => {
  const held = new DataTransfer();
  held.items.add(new File([text], "🧬".repeat(500) + ".vcf"));
  document.getElementById("drop").dispatchEvent(new DragEvent("drop", {dataTransfer: held}));
}"""
# A test cannot choose so many files: the browser would be sent each path.
_DROP_MANY = """() => {
  const held = new DataTransfer();
  for (let n = 0; n < 10000; n++) held.items.add(new File(["x"], `${n}.vcf`));
  document.getElementById("drop").dispatchEvent(new DragEvent("drop", {dataTransfer: held}));
}"""


def bgzip(content: bytes) -> bytes:
    """The content as one block of bgzip and its end."""
    packed = gzip.compress(content, mtime=0)
    size = len(packed) + 8 - 1
    extra = b"\x06\x00BC\x02\x00" + size.to_bytes(2, "little")
    return packed[:3] + b"\x04" + packed[4:10] + extra + packed[10:] + _END


_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def test_an_upload_can_be_removed_and_tried_again_and_lines_and_the_sample_are_files_too(
    visitor: Window, stack: Stack
) -> None:
    page = visitor.page
    visitor.go(f"{stack.url}/jobs/new")
    page.route("**/*", lambda route: route.fallback() if stack.url in route.request.url else None)
    choose(page, DEMO_VCF)
    page.get_by_role("button", name="Upload and annotate").click()
    expect(page.locator("#files li progress")).to_be_visible()
    page.get_by_role("button", name=f"Remove: {DEMO_VCF.name}").click()
    expect(page.locator("#files li")).to_have_count(0)
    page.unroute("**/*")
    page.get_by_text("Or paste").click()
    pasted = page.get_by_label("Names of variants, or records with or without a header")
    pasted.fill("chrM 11778 . G A\nMT 3243 . A G")
    page.get_by_role("button", name="Add these lines as a file").click()
    page.locator("#bundle").select_option("human-mt")
    page.get_by_role("button", name="Upload and annotate").click()
    expect(page.locator("#status")).to_contain_text("completed", timeout=JOB_MILLISECONDS)
    expect(page.locator("main")).to_contain_text("pasted-1.vcf")
    _paste_names(visitor, stack)
    _give_an_address(visitor, stack)
    visitor.go(f"{stack.url}/jobs/new")
    page.get_by_text("Or paste").click()
    page.get_by_role("button", name="Annotate the sample").click()
    expect(page.locator("#status")).to_contain_text("completed", timeout=JOB_MILLISECONDS)
    visitor.must_be_well()


def _paste_names(visitor: Window, stack: Stack) -> None:
    page = visitor.page
    visitor.go(f"{stack.url}/jobs/new")
    page.get_by_text("Or paste").click()
    pasted = page.get_by_label("Names of variants, or records with or without a header")
    pasted.fill("rs63750264\nAPP:c.2149G>T\nAPP:p.Val717Ile\n")
    page.get_by_role("button", name="Add these lines as a file").click()
    expect(page.locator("#files li")).to_contain_text("do not tell which reference they are of")
    visitor.must_be_well()
    visitor.take_screenshot("upload-names")
    page.locator("#bundle").select_option("grch38-21q21")
    expect(page.locator("#files li")).to_contain_text("Ready.")
    page.get_by_role("button", name="Upload and annotate").click()
    expect(page.locator("#status")).to_contain_text("completed", timeout=JOB_MILLISECONDS)
    expect(page.locator("main")).to_contain_text("pasted-1.txt")
    expect(page.locator("#notes")).to_contain_text("Names that were not found, or are wrong")
    expect(page.locator("#notes")).to_contain_text("“APP:p.Val717Ile”: a change of a protein")
    visitor.must_be_well()
    visitor.take_screenshot("job-names")


def _give_an_address(visitor: Window, stack: Stack) -> None:
    page = visitor.page
    visitor.go(f"{stack.url}/jobs/new")
    page.get_by_text("Or give the address of a file").click()
    fetch = page.get_by_role("button", name="Fetch and annotate")
    fetch.click()
    expect(page.locator("#url-problem")).to_contain_text("Write the address of the file first")
    address = page.get_by_label("Address", exact=True)
    address.fill("ftp://example.org/my.vcf")
    page.locator("#bundle").select_option("human-mt")
    fetch.click()
    expect(page.locator("#url-problem")).to_contain_text("must begin with https:// or http://")
    expect(page.locator("#bundle")).to_have_value("human-mt")
    visitor.faults.clear()  # the browser tells of the answer 422 itself
    visitor.must_be_well()
    visitor.take_screenshot("upload-address")
    with serving() as server:
        server.answers["/my.vcf?signature=topsecret"] = ok(DEMO_VCF.read_bytes())
        for path, status in (("/my.vcf?signature=topsecret", "completed"), ("/none", "failed")):
            visitor.go(f"{stack.url}/jobs/new")
            page.get_by_text("Or give the address of a file").click()
            address.fill(server.url(path))
            page.locator("#bundle").select_option("human-mt")
            address.press("Enter")
            expect(page.locator("#status")).to_contain_text(status, timeout=JOB_MILLISECONDS)
            expect(page.locator("main")).not_to_contain_text("topsecret")
            visitor.must_be_well()
            visitor.take_screenshot(f"job-address-{status}")
    expect(page.locator("main")).to_contain_text("The server answered 404: there is no such file.")
