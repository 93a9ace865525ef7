"""The table of variants in a real browser: questions, chips, funnel, keys, marks, errors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from gas.domain.job import Job
from tests.support.browser import Scheme, Window, chromium, in_every_look, window
from tests.support.exports import completed
from tests.support.family_vcf import family_vcf
from tests.support.served_web import give_session, served
from tests.support.variants import annotate
from tests.support.web_server import User, WebServer
from web import sample

pytestmark = pytest.mark.browser

VAL717ILE = "p.Val717Ile"
ROLES = "&".join(
    f"family={member}"
    for member in ("child:child", "child:affected", "father:father", "mother:mother")
)


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


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    chromium()  # no annotation for nobody
    folder = tmp_path_factory.mktemp("variants")
    source = folder / "family.vcf"
    source.write_text(family_vcf(1_500, seed=17))
    server = WebServer()
    user = server.user()
    own = completed(server, user, annotate(sample.FILE, folder / "sample"))
    family = completed(server, user, annotate(source, folder / "family"))
    with served(server) as url:
        yield Place(server, user, url, folder, own, family)


@pytest.fixture
def reader(browser: Browser, place: Place) -> Iterator[Window]:
    with window(browser) as opened:
        give_session(opened, place.user, place.url)
        yield opened


def rows(page: Page) -> Locator:
    return page.locator("#grid tbody tr[data-key]")


def open_table(reader: Window, url: str) -> Page:
    reader.go(url)
    expect(reader.page.locator("#count strong")).to_have_text(re.compile(r"\d"))
    expect(reader.page.locator("[aria-busy=true]")).to_have_count(0)  # keys and filters work
    return reader.page


def count(page: Page) -> int:
    return int(page.locator("#count strong").inner_text().replace(",", ""))


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


def test_a_family_finds_its_de_novo_variant(reader: Window, place: Place) -> None:
    query = f"?{ROLES}&inheritance=de_novo&max_af=0.01&impact=HIGH,MODERATE&pass=true&min_gq=30"
    page = open_table(reader, place.table(place.family, query))
    expect(rows(page).filter(has_text=VAL717ILE)).to_have_count(1)
    expect(page.get_by_role("columnheader").get_by_label("affected")).to_have_count(1)
    reader.take_screenshot("variants-family")
    reader.must_be_well()


def test_compound_heterozygotes_name_their_partner(reader: Window, place: Place) -> None:
    query = f"?{ROLES}&inheritance=compound_het&impact=HIGH,MODERATE&min_gq=90&pass=true"
    page = open_table(reader, place.table(place.family, query))
    paternal = rows(page).filter(has_text="from father")
    expect(paternal.filter(has_text="p.Ala713Thr")).to_have_count(1)
    partner = paternal.filter(has_text="p.Ala713Thr").locator(".pair-cell a").first
    key = partner.inner_text()
    partner.click()
    expect(page.locator("#drawer .detail").first).to_be_visible()
    expect(page).to_have_url(re.compile(rf"variant={re.escape(key)}"))
    reader.must_be_well()


def test_a_pedigree_file_gives_roles(reader: Window, place: Place, tmp_path: Path) -> None:
    page = open_table(reader, place.table(place.family))
    page.locator("#section-samples > summary").click()
    pedigree = tmp_path / "family.ped"
    pedigree.write_text("f child father mother 2 2\nf father 0 0 1 1\nf mother 0 0 2 1\n")
    page.locator("#pedigree").set_input_files(pedigree)
    expect(page.locator("#pedigree-words")).to_contain_text("3 samples have roles now")
    expect(page.locator("#chips a.chip", has_text="child: affected")).to_have_count(1)
    pedigree.write_text("nothing of that kind")
    page.locator("#pedigree").set_input_files(pedigree)
    expect(page.locator("#pedigree-words")).to_contain_text("six columns")
    reader.must_be_well()


def test_nothing_found_names_the_filter_and_errors_their_place(
    reader: Window, place: Place
) -> None:
    page = open_table(reader, place.table(place.family, "?impact=HIGH&gene=NOSUCHGENE"))
    state = page.locator("#state")
    expect(state).to_contain_text("No variant passes all filters")
    reader.must_be_well()
    state.get_by_role("link", name="Remove this filter").click()
    expect(state).to_be_hidden()
    page.locator(".filter-section", has_text="Expression").locator("summary").click()
    page.get_by_label("Expression").fill("qual > > 5")
    expect(page.locator("#error-where")).to_contain_text("expected")
    expect(page.locator("#error-where mark")).to_have_text(">")
    expect(page.get_by_label("Expression")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#count")).to_contain_text("Filter error")  # the rows are older ones
    # the browser tells of the refusal itself
    reader.faults[:] = [fault for fault in reader.faults if "400" not in fault]
    page.get_by_label("Expression").fill("qual > 5")
    expect(page.locator("#error-where")).to_be_empty()
    expect(page.locator("#count")).to_contain_text("allele")
    expect(rows(page).first).to_be_visible()
    reader.must_be_well()


def test_what_the_frequency_hides_is_told(reader: Window, place: Place) -> None:
    page = open_table(reader, place.table(place.family, "?max_af=0&keep_missing_af=false"))
    notice = page.locator("#hidden-pathogenic")
    expect(notice).to_contain_text("hidden by the frequency filter")
    notice.get_by_role("link", name="Show them").click()
    expect(page).to_have_url(re.compile("clinical=pathogenic"))
    expect(rows(page).first).to_contain_text("pathogenic")
    reader.must_be_well()


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


def answer_once(page: Page, path: str, status: int, document: dict[str, object]) -> None:
    """The next request to that part of the API gets this problem."""
    page.route(
        re.compile(rf"/api/v1/jobs/[^/]+/variants{path}"),
        lambda route: route.fulfill(
            status=status, content_type="application/problem+json", json=document
        ),
        times=1,
    )


def test_the_first_look_tells_how_much_of_the_file_is_there(browser: Browser, place: Place) -> None:
    server = WebServer()  # which has not opened the file yet
    user = server.user()
    job = completed(server, user, place.folder / "sample")
    with served(server) as url, window(browser) as opened:
        give_session(opened, user, url)
        page = opened.page
        opening = {"type": "urn:gas:problem:table-opening", "fraction": 0.42, "retry_after": 2}
        answer_once(page, "/columns", 503, opening)
        page.goto(f"{url}/jobs/{job.job_id}/variants")
        expect(page.locator("#state")).to_contain_text("42 %")
        expect(rows(page).first).to_be_visible()
        expect(page.locator("#state")).to_be_hidden()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.reload()  # now it knows the columns, and writes them into the page
        expect(rows(page).first).to_be_visible()
        assert not [one for one in asked if "/variants/columns" in one]


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


def test_what_is_typed_before_the_filters_work_is_asked(reader: Window, place: Place) -> None:
    page = reader.page
    held: list[Route] = []
    page.route(re.compile("/parts-"), lambda route: held.append(route))  # noqa: PLW0108  its method cannot be wrapped
    page.goto(place.table(place.sample))
    expect(rows(page).first).to_be_visible()
    page.get_by_label("Search in names").fill("Val717Ile")
    for route in held:
        route.continue_()
    expect(page.locator("#count strong")).to_have_text("1")
    expect(page.get_by_label("Search in names")).to_have_value("Val717Ile")


def test_errors_tell_the_next_step_and_the_trace(reader: Window, place: Place) -> None:
    page = open_table(reader, place.table(place.sample))
    problem = {"title": "The table is busy", "detail": "Try again in a few seconds."}
    answer_once(page, r"\?", 503, {**problem, "trace_id": "4bf92f3577b34da6"})
    page.locator("#filter-gene").fill("APP")
    state = page.locator("#state")
    expect(state).to_contain_text("The table is busy")
    expect(state).to_contain_text("4bf92f3577b34da6")
    state.get_by_role("button", name="Try again").click()
    expect(rows(page).first).to_contain_text("APP")
    page.route("**/variants?**", lambda route: route.abort())
    page.locator("#filter-gene").fill("MRPL39")
    expect(state).to_contain_text("could not be reached")
    page.unroute("**/variants?**")
    state.get_by_role("button", name="Try again").click()
    expect(rows(page).first).to_contain_text("MRPL39")
    cut_off = '{"items": ['
    page.route("**/variants?**", lambda route: route.fulfill(body=cut_off), times=1)
    page.locator("#filter-gene").fill("APP")
    expect(state).to_contain_text("The answer was cut off")
    state.get_by_role("button", name="Try again").click()
    expect(rows(page).first).to_contain_text("APP")


def test_a_newer_question_replaces_an_older_one(reader: Window, place: Place) -> None:
    page = open_table(reader, place.table(place.sample))
    waiting: list[Route] = []
    page.route("**/variants?gene=APP&**", lambda route: waiting.append(route))  # noqa: PLW0108  its method cannot be wrapped
    gene = page.locator("#filter-gene")
    with page.expect_request(re.compile("gene=APP&")):
        gene.fill("APP")
    gene.fill("MRPL39")
    expect(rows(page).first).to_contain_text("MRPL39")
    for route in waiting:
        route.continue_()
    page.wait_for_timeout(500)
    expect(rows(page).first).to_contain_text("MRPL39")
    reader.must_be_well()


def test_thousands_of_genes_can_be_pasted(reader: Window, place: Place) -> None:
    page = open_table(reader, place.table(place.sample))
    genes = ["APP", *(f"GENE{number}" for number in range(9_000))]
    page.locator("#filter-gene").fill(", ".join(genes))
    expect(page.locator("#chips a.chip")).to_contain_text("8998 more")
    expect(rows(page).first).to_contain_text("APP")
    found = count(page)
    page.reload()  # the address holds them where no server sees it
    expect(page.locator("#count strong")).to_have_text(f"{found:,}")
    reader.must_be_well()


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


def test_a_preset_sets_its_filters_and_keeps_the_gene(reader: Window, place: Place) -> None:
    menu = reader.page.locator("#presets")
    page = open_table(reader, place.table(place.family, "?gene=APP"))
    page.get_by_role("button", name="Presets").click()
    needing = menu.get_by_role("button", name=re.compile("Needs the roles of the samples"))
    expect(needing.first).to_be_disabled()
    expect(menu.get_by_role("button", name=re.compile("^High quality"))).to_be_enabled()
    reader.must_be_well()
    page = open_table(reader, place.table(place.family, f"?gene=APP&{ROLES}"))
    page.get_by_role("button", name="Presets").click()
    expect(menu).to_contain_text("VarFish")
    menu.get_by_role("button", name=re.compile("^De novo")).first.click()
    expect(page).to_have_url(re.compile(r"inheritance=de_novo"))
    expect(page).to_have_url(re.compile(r"gene=APP"))
    expect(rows(page).filter(has_text=VAL717ILE)).to_have_count(1)
    expect(menu).to_be_hidden()
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


def test_a_session_that_is_over_leads_to_the_login(browser: Browser, place: Place) -> None:
    with window(browser) as opened:
        give_session(opened, place.user, place.url)
        page = open_table(opened, place.table(place.sample))
        opened.context.clear_cookies()
        page.get_by_label("Genes", exact=True).fill("APP")
        state = page.locator("#state")
        expect(state).to_contain_text("Your session is over")
        expect(state.get_by_role("button", name="Log in again")).to_be_visible()
