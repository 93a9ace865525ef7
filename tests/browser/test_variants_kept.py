"""What is taken from a table of variants and kept: files, links, marks, filters, layouts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Window, window
from tests.support.served_web import give_session
from tests.support.variants_place import Place, count, open_table, rows

pytestmark = pytest.mark.browser


def test_the_view_is_exported_as_it_is_shown(reader: Window, place: Place) -> None:
    query = "?gene=APP&impact=MODERATE&columns=pos,alt,hgvsp"
    page = open_table(reader, place.table(place.family, query))
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="TSV").click()
    lines = [line for line in download.value.path().read_text().splitlines() if line[:1] != "#"]
    assert lines[0].split("\t") == ["contig", "pos", "ref", "alt", "hgvsp"]
    assert len(lines) - 1 == count(page)


def test_a_link_shows_the_view_and_changes_nothing(
    reader: Window, browser: Browser, place: Place
) -> None:
    page = open_table(reader, place.table(place.family, "?gene=APP&sort=-pos"))
    found = count(page)
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("The link", exact=True).input_value()
    reader.must_be_well()
    with window(browser) as visitor:
        # the server of tests has a port of its own, which its links do not know
        theirs = open_table(visitor, place.url + link[link.index("/jobs/") :])
        assert count(theirs) == found
        expect(theirs.locator(".star, #open-share, #saved")).to_have_count(0)
        expect(theirs.locator("#link-ends time")).to_have_text(re.compile("2026"))
        theirs.get_by_role("button", name="Copy link").click()
        expect(theirs.locator("#said")).to_have_text(re.compile("Copied|not allow copying"))
        rows(theirs).first.click()
        expect(theirs.locator("#drawer .detail").first).to_be_visible()
        visitor.must_be_well()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_label("The link", exact=True)).to_have_count(0)


def test_marks_and_filters_are_kept(reader: Window, place: Place) -> None:
    page = open_table(reader, place.table(place.sample, "?q=Val717Ile"))
    rows(page).first.click()
    drawer = page.locator("#drawer")
    drawer.get_by_role("button", name="Star", exact=True).click()
    drawer.get_by_label("Note").fill("call the family")
    drawer.get_by_label("Add a tag").fill("candidate")
    drawer.get_by_label("Add a tag").press("Tab")
    expect(drawer.get_by_role("button", name="Remove the tag candidate")).to_be_visible()
    page.get_by_role("button", name="Saved").click()
    page.get_by_label("Name of the present filters").fill("London")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#saved .dropdown-item")).to_contain_text("London")
    reader.go(place.table(place.sample, "?gene=APP&impact=MODERATE"))
    expect(page.locator(".star[aria-pressed=true]")).to_have_count(1)
    page.get_by_role("button", name="Export").click()
    expect(page.locator("#report-starred")).to_have_attribute("href", re.compile(r"keys=\d+\.1$"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Saved").click()
    page.locator("#saved .dropdown-item", has_text="London").click()
    expect(page.locator("#count strong")).to_have_text("1")
    rows(page).first.click()
    expect(drawer.get_by_label("Note")).to_have_value("call the family")
    reader.must_be_well()


def test_saved_filters_and_layouts_are_renamed_replaced_and_deleted(
    browser: Browser, place: Place
) -> None:
    with window(browser, 390, "dark") as opened:
        give_session(opened, place.user, place.url)
        page = open_table(opened, place.table(place.family, "?columns=pos,alt,symbol,qual"))
        page.get_by_role("button", name="Columns").click()
        layouts = page.locator("#layouts")
        name = layouts.get_by_label("Name of the present layout")
        for title in ("Short", "Other"):
            name.fill(title)
            name.press("Enter")
            expect(layouts.get_by_role("button", name=re.compile(f"^{title}"))).to_be_focused()
        layouts.get_by_role("button", name="Rename the layout Short").click()
        field = layouts.get_by_label("New name of the layout Short")
        expect(field).to_be_focused()
        field.press("Escape")  # closes the field, not the dialog
        expect(layouts.get_by_role("button", name=re.compile("^Short"))).to_be_focused()
        layouts.get_by_role("button", name="Rename the layout Short").click()
        field.fill("Other")
        field.press("Enter")
        expect(field).to_have_js_property("validationMessage", "Another one has this name.")
        field.fill("Brief")
        opened.must_be_well()
        opened.take_screenshot("layouts-390-dark")
        field.press("Enter")
        expect(layouts.locator(".dropdown-item")).to_have_text(
            [re.compile("^Brief"), re.compile("^Other")]
        )
        page.get_by_role("button", name="Hide: QUAL").click()
        name.fill("Brief")
        layouts.get_by_role("button", name="Replace").click()
        expect(layouts.locator(".dropdown-item").first).to_have_text("Briefpos · alt · symbol")
        layouts.get_by_role("button", name="Delete the layout Other").click()
        opened.must_be_well()
        layouts.get_by_role("button", name="Yes, delete the layout Other").click()
        expect(layouts.locator(".dropdown-item")).to_have_count(1)
        page.get_by_role("button", name="As at the beginning").click()
        page.keyboard.press("Escape")
        head = page.locator("#grid .head")
        expect(head.filter(has_text="HGVS c.")).to_have_count(1)
        head.first.press("Alt+Shift+ArrowRight")  # a width that the layout does not have
        page.reload()
        page.get_by_role("button", name="Columns").click()
        layouts.get_by_role("button", name=re.compile("^Brief")).click()
        expect(head).to_have_text(["Position", "Alleles", "Gene"])
        expect(page).to_have_url(re.compile("columns=pos,alt,symbol(&|$)"))
        page.keyboard.press("Escape")
        widths = page.locator("#grid col").evaluate_all("all => all.map(one => one.style.width)")
        assert widths == ["62px", "122px", "122px", "84px"]
        _rename_a_filter(opened, place)


def _rename_a_filter(opened: Window, place: Place) -> None:
    page = open_table(opened, place.table(place.family, "?gene=APP"))
    menu = page.locator("#saved")
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("button", name="Saved").click()
    name = menu.get_by_label("Name of the present filters")
    name.fill("Amyloid")
    name.press("Enter")
    menu.get_by_role("button", name="Rename the filter Amyloid").click()
    menu.get_by_label("New name of the filter Amyloid").fill("APP alone")
    opened.must_be_well()
    opened.take_screenshot("saved-filters-390-dark")
    menu.get_by_role("button", name="Rename", exact=True).click()
    expect(menu.get_by_role("button", name=re.compile("^APP alone"))).to_be_focused()
    menu.get_by_role("button", name="Delete the filter APP alone").click()
    menu.get_by_role("button", name="Cancel").click()
    expect(menu.get_by_role("button", name=re.compile("^APP alone"))).to_be_focused()
    menu.get_by_role("button", name="Delete the filter APP alone").click()
    menu.get_by_role("button", name="Yes, delete the filter APP alone").click()
    expect(menu.get_by_role("button", name=re.compile("APP alone"))).to_have_count(0)
    opened.must_be_well()
