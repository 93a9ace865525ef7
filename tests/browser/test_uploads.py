"""Uploads through all of GAS: several files, pauses, lost connections, reloads, a lost session."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from local.demo import DEMO_VCF
from local.stack import Stack
from tests.support.browser import Window
from tests.support.uploading import HELD, Parts, press, row, send, state, two_parts, wait_for
from tests.support.wire import Wire

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

JOB_MILLISECONDS = 60_000
_DROP = """([names, text]) => {
  const dataTransfer = new DataTransfer();
  for (const name of names) dataTransfer.items.add(new File([text], name));
  document.getElementById("drop").dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
}"""  # noqa: E501


def test_three_files_survive_a_pause_a_lost_connection_a_reload_and_a_lost_session(
    visitor: Window, stack: Stack, wire: Wire, tmp_path: Path
) -> None:
    page = visitor.page
    paused, cut, reloaded = (two_parts(tmp_path / f"{n}.vcf") for n in ("paused", "cut", "reload"))
    visitor.go(f"{stack.url}/jobs/new")
    parts = Parts(page)
    wire.hold_after(HELD)
    page.locator("#file").set_input_files([paused, cut])
    expect(state(page, "cut.vcf")).to_have_text("Ready.")
    expect(row(page, "cut.vcf")).to_contain_text("contigs of Human mitochondrion")
    page.locator("#bundle").select_option("human-mt")
    send(page)
    for name in ("paused.vcf", "cut.vcf"):
        expect(state(page, name)).to_contain_text(re.compile(r"^[1-8]\.\d MB of 8\.5 MB sent"))
    wait_for(lambda: parts.numbers == [2, 2], page)
    visitor.take_screenshot("upload-two")
    visitor.must_be_well()
    press(page, "paused.vcf", "Pause")
    expect(state(page, "paused.vcf")).to_contain_text("Paused.")
    wire.cut()
    expect(state(page, "cut.vcf")).to_contain_text("The connection is lost")
    wire.release()
    wire.mend()
    expect(state(page, "cut.vcf")).to_have_text("Submitted.", timeout=20_000)
    expect(state(page, "paused.vcf")).to_contain_text("Paused.")
    press(page, "paused.vcf", "Go on")
    expect(page.locator("#overall")).to_have_text("2 of 2 files submitted.", timeout=20_000)
    assert sorted(parts.numbers) == [1, 1, 2, 2], "no part was sent twice"
    visitor.faults.clear()  # the browser tells of lost connections itself
    visitor.must_be_well()
    _reload_in_the_middle(visitor, stack, wire, reloaded)


def _reload_in_the_middle(visitor: Window, stack: Stack, wire: Wire, file: Path) -> None:
    page = visitor.page
    visitor.go(f"{stack.url}/jobs/new")
    parts = Parts(page)
    wire.hold_after(HELD)
    page.locator("#bundle").select_option("human-mt")
    page.locator("#file").set_input_files(file)
    send(page)
    wait_for(lambda: parts.numbers == [2], page)
    page.on("dialog", lambda dialog: dialog.accept())  # whether to leave
    page.reload()
    wire.release()
    expect(page.locator("#unfinished")).to_contain_text("reload.vcf")
    expect(page.locator("#bundle")).to_have_value("human-mt")
    visitor.must_be_well()
    visitor.take_screenshot("upload-unfinished")
    content = file.read_bytes()
    changed = file.parent / "other" / file.name
    changed.parent.mkdir()
    changed.write_bytes(content.replace(b"\t73\t", b"\t72\t", 1))
    page.locator("#file").set_input_files(changed)
    expect(row(page, "reload.vcf")).to_contain_text("it was changed since")
    visitor.must_be_well()
    press(page, "reload.vcf", "Remove")
    page.locator("#file").set_input_files(file)
    expect(state(page, "reload.vcf")).to_contain_text("only what is missing is sent")
    expect(page.locator("#unfinished")).to_be_hidden()  # it has what it asked for
    _lose_the_session(visitor, stack)
    page.wait_for_url("**/jobs/*-*", timeout=20_000)
    assert parts.numbers == [2, 1]
    assert len({upload for upload, _ in parts.sent}) == 1
    expect(page.locator("#status")).to_contain_text("completed", timeout=JOB_MILLISECONDS)
    visitor.must_be_well()


def _lose_the_session(visitor: Window, stack: Stack) -> None:
    page = visitor.page
    visitor.context.clear_cookies()
    send(page)
    expect(page.locator("#signed-out")).to_contain_text("Your session has ended")
    other = visitor.context.new_page()
    other.goto(f"{stack.url}/login?next=/jobs/new")
    other.locator("input[name=sub]").fill("ada@example.org")
    other.get_by_role("button", name="Authorize").click()
    other.get_by_role("heading", name="New job").wait_for()
    other.close()
    expect(page.locator("#signed-out")).to_be_hidden(timeout=20_000)
    visitor.faults.clear()  # the browser tells of the 401 itself


def test_a_small_file_cut_off_by_a_reload_is_sent_once_and_asked_for_no_more(
    visitor: Window, stack: Stack, wire: Wire, tmp_path: Path
) -> None:
    page = visitor.page
    files = [tmp_path / name for name in ("small.vcf", "other.vcf")]
    for file in files:
        file.write_bytes(DEMO_VCF.read_bytes())
    visitor.go(f"{stack.url}/jobs/new")
    page.locator("#bundle").select_option("human-mt")
    wire.hold_after(1)
    page.locator("#file").set_input_files(files)
    send(page)
    expect(state(page, "small.vcf")).to_contain_text("sent")
    page.once("dialog", lambda dialog: dialog.accept())  # whether to leave
    page.reload()
    wire.release()
    expect(page.locator("#unfinished li")).to_have_count(2)
    page.locator("#file").set_input_files(files)
    expect(page.locator("#unfinished")).to_be_hidden()
    send(page)
    expect(page.locator("#overall")).to_have_text("2 of 2 files submitted.", timeout=20_000)
    send(page)
    expect(page.locator("#problem")).to_contain_text("All of these are submitted already.")
    visitor.must_be_well()
    page.reload()
    expect(page.locator("#overall")).to_be_empty()
    expect(page.locator("#unfinished")).to_be_hidden()


def test_files_that_are_sent_during_submissions_are_submitted_together_after_them(
    visitor: Window, stack: Stack, tmp_path: Path
) -> None:
    page = visitor.page
    files = [tmp_path / f"{n}.vcf" for n in range(20)]
    for file in files:
        file.write_bytes(DEMO_VCF.read_bytes())
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/jobs/batch", hold)
    page.route(f"{stack.aws_url}/**", _later)
    visitor.go(f"{stack.url}/jobs/new")
    page.locator("#bundle").select_option("human-mt")
    page.locator("#file").set_input_files(files)
    send(page)
    submitting = page.locator("#files li[data-stage=submitting]")
    expect(submitting).to_have_count(len(files), timeout=JOB_MILLISECONDS)
    assert len(held) == 2
    page.unroute("**/jobs/batch")
    with page.expect_request("**/jobs/batch") as third:
        for submission in held:
            submission.continue_()
    expect(page.locator("#overall")).to_have_text(
        "20 of 20 files submitted.", timeout=JOB_MILLISECONDS
    )
    bodies = [route.request.post_data_json or {} for route in held]
    bodies.append(third.value.post_data_json or {})
    assert sum(len(body["upload_ids"]) for body in bodies) == len(files)
    visitor.must_be_well()


def _later(route: Route) -> None:
    time.sleep(0.05)
    route.continue_()


def test_a_name_that_is_too_long_and_too_many_files_are_told_before_anything_is_sent(
    visitor: Window, stack: Stack
) -> None:
    page = visitor.page
    visitor.go(f"{stack.url}/jobs/new")
    page.evaluate(_DROP, [["🧬" * 500 + ".vcf"], DEMO_VCF.read_text()])
    expect(page.locator("#files li")).to_contain_text("more than 255 characters")
    visitor.must_be_well()
    page.evaluate(_DROP, [[f"{n}.vcf" for n in range(10_000)], ""])
    expect(page.locator("#problem")).to_contain_text("You chose 10,000 files")
    expect(page.locator("#files li")).to_have_count(1)
    send(page)
    expect(page.locator("#problem")).to_contain_text("There is nothing left to send")
    visitor.must_be_well()
