"""The table of variants when something is missing, late or wrong."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browser import Window, window
from tests.support.exports import completed
from tests.support.served_web import give_session, served
from tests.support.variants_place import Place, open_table, rows
from tests.support.web_server import WebServer

pytestmark = pytest.mark.browser


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


def test_a_session_that_is_over_leads_to_the_login(browser: Browser, place: Place) -> None:
    with window(browser) as opened:
        give_session(opened, place.user, place.url)
        page = open_table(opened, place.table(place.sample))
        opened.context.clear_cookies()
        page.get_by_label("Genes", exact=True).fill("APP")
        state = page.locator("#state")
        expect(state).to_contain_text("Your session is over")
        expect(state.get_by_role("button", name="Log in again")).to_be_visible()


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
