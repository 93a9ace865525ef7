"""The table of variants in a real browser: the question, its columns, keys and looks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Scheme, Window, in_every_look, window
from tests.support.served_web import give_session
from tests.support.variants_place import Place, count, open_table, rows

pytestmark = pytest.mark.browser

VAL717ILE = "p.Val717Ile"


def test_someone_finds_the_pathogenic_variant_and_reads_all_about_it(
    reader: Window, place: Place
) -> None:
    page = open_table(reader, place.table(place.sample))
    total = count(page)
    page.keyboard.press("/")
    page.keyboard.type("Val717Ile")
    expect(page.locator("#count")).to_have_text(f"1 of {total:,} alleles")
    expect(rows(page)).to_have_count(1)
    page.get_by_label("Genes", exact=True).fill("app")
    expect(page.locator("#chips a.chip")).to_have_count(2)
    page.keyboard.press("Escape")
    rows(page).first.click()
    drawer = page.locator("#drawer")
    expect(drawer.get_by_role("heading", level=2)).to_have_text(f"APP {VAL717ILE}")
    expect(drawer).to_contain_text("ENST00000346798.7:c.2149G>A")
    expect(drawer.get_by_role("link", name="dbSNP rs63750264")).to_have_attribute(
        "href", "https://www.ncbi.nlm.nih.gov/snp/rs63750264"
    )
    assert "variant=" in page.url
    own = drawer.get_by_role("link", name="Own page").get_attribute("href") or ""
    assert "gene=app" in own
    assert "q=Val717Ile" in own
    reader.must_be_well()
    page.go_back()
    expect(drawer).to_be_hidden()
    page.keyboard.press("Enter")
    expect(drawer).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_the_address_is_the_whole_question(reader: Window, place: Place) -> None:
    query = "?gene=APP&impact=HIGH,MODERATE&max_af=0.01&sort=-pos"
    page = open_table(reader, place.table(place.family, query))
    found, first = count(page), rows(page).first.get_attribute("data-key")
    assert page.locator("#filter-gene").input_value() == "APP"
    assert page.locator("#filter-max_af").input_value() == "0.01"
    expect(page.locator('[name="impact"]:checked')).to_have_count(2)
    page.locator("#chips a.chip", has_text="Gene is APP").click()
    expect(page.locator("#chips a.chip")).to_have_count(2)
    expect(page.locator("#grid")).not_to_have_attribute("aria-busy", "true")
    assert count(page) > found
    page.go_back()
    expect(page.locator("#count strong")).to_have_text(f"{found:,}")
    page.reload()
    expect(page.locator("#count strong")).to_have_text(f"{found:,}")
    assert rows(page).first.get_attribute("data-key") == first
    reader.must_be_well()


def test_the_funnel_ends_where_the_count_is(reader: Window, place: Place) -> None:
    page = open_table(reader, place.table(place.family, "?gene=APP&max_af=0.01&min_qual=100"))
    page.locator("#funnel summary").click()
    steps = page.locator("#funnel-steps tbody tr")
    expect(steps).to_have_count(4)
    left = [int(text.replace(",", "")) for text in steps.locator("td.strong").all_inner_texts()]
    assert left == sorted(left, reverse=True)
    assert left[-1] == count(page)
    expect(steps.filter(has_text="QUAL").locator("td").last).to_contain_text("removed")
    reader.must_be_well()


def test_columns_sort_move_and_are_remembered(reader: Window, place: Place) -> None:
    page = open_table(reader, place.table(place.family))
    header = page.get_by_role("columnheader", name="QUAL")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    page.get_by_role("columnheader", name="Gene").get_by_role("button").click(modifiers=["Shift"])
    expect(page).to_have_url(re.compile(r"sort=-qual,symbol"))
    page.locator('.head[data-column="symbol"]').press("Alt+ArrowLeft")
    expect(page).to_have_url(re.compile(r"columns=pos,symbol,alt,"))
    page.get_by_role("button", name="Columns").click()
    expect(page.locator("#columns-shown code")).to_contain_text(["symbol"])
    page.get_by_label("Find a column").fill("exon")
    page.get_by_role("button", name=re.compile("^exon")).click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("columnheader", name="exon")).to_be_visible()
    reader.go(place.table(place.sample))  # another file, no columns in the address
    expect(page.get_by_role("columnheader", name="exon")).to_be_attached()
    reader.must_be_well()


def test_keys_move_rows_but_do_nothing_in_inputs(reader: Window, place: Place) -> None:
    page = open_table(reader, place.table(place.family, "?limit=50"))
    for _ in range(2):
        page.keyboard.press("j")
    expect(rows(page).nth(2)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(rows(page).nth(1)).to_be_focused()
    page.keyboard.press("s")
    expect(rows(page).nth(1).locator(".star")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("x")
    expect(rows(page).nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("]")
    expect(page.locator("#pager")).to_contain_text("51–100 of")
    page.keyboard.press("]")
    expect(page.locator("#pager")).to_contain_text("101–150 of")
    rows(page).first.click()  # a step of the browser's history between the pages
    page.keyboard.press("[")
    expect(page.locator("#pager")).to_contain_text("51–100 of")
    page.keyboard.press("Escape")
    page.keyboard.press("[")
    expect(page.locator("#pager")).to_contain_text("1–50 of")
    page.locator("#filter-q").focus()
    page.keyboard.type("jxs?")
    assert page.locator("#filter-q").input_value() == "jxs?"
    expect(page.locator("#help-dialog")).to_be_hidden()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#help-dialog")).to_be_visible()
    reader.must_be_well()


@in_every_look
def test_the_table_is_well_at_every_width_and_in_every_scheme(
    browser: Browser, place: Place, width: int, scheme: Scheme
) -> None:
    with window(browser, width, scheme) as opened:
        give_session(opened, place.user, place.url)
        page = open_table(opened, place.table(place.family, "?gene=APP&max_af=0.05"))
        opened.must_be_well()
        opened.take_screenshot(f"variants-{width}-{scheme}")
        rows(page).first.locator("td").nth(1).click()
        expect(page.locator("#drawer .detail").first).to_be_visible()
        opened.must_be_well()
        opened.take_screenshot(f"variants-drawer-{width}-{scheme}")


def test_rows_below_the_window_are_drawn_when_someone_comes_near(
    reader: Window, place: Place
) -> None:
    page = open_table(reader, place.table(place.family, "?limit=200"))
    frame = page.locator("#frame")
    expect(rows(page)).to_have_count(30)
    whole = frame.evaluate("frame => frame.scrollHeight")
    frame.evaluate("frame => frame.scrollTop = 900")
    expect(rows(page)).to_have_count(80)
    page.keyboard.press("Control+f")  # the browser's search must find all of them
    expect(rows(page)).to_have_count(200)
    expect(rows(page).last).to_have_attribute("aria-rowindex", "201")
    assert frame.evaluate("frame => frame.scrollHeight") == whole
    page.keyboard.press("j")
    expect(rows(page).nth(1)).to_be_focused()
    reader.must_be_well()


def test_the_page_of_a_variant_leads_back_to_the_rows_one_came_from(
    reader: Window, place: Place
) -> None:
    query = "?gene=APP&genotype=child:het&sort=-pos&columns=pos,hgvsp"
    page = open_table(reader, place.table(place.family, query))
    found = count(page)
    rows(page).first.click()
    page.get_by_role("link", name="Own page").click()
    expect(page.locator("#details .facts").first).to_be_visible()
    page.get_by_label("Breadcrumb").get_by_role("link", name="Variants").click()
    expect(page).to_have_url(re.compile(r"/variants\?gene=APP&genotype=child(:|%3A)het&sort=-pos"))
    expect(page.locator("#count strong")).to_have_text(f"{found:,}")
    reader.must_be_well()
