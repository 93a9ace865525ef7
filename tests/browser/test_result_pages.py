"""The pages of a result, as owners and visitors see them, with little and with much in them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Scheme, Window, chromium, in_every_look, window
from tests.support.family_vcf import DE_NOVO, FATHER, MATERNAL, MOTHER, PATERNAL
from tests.support.result_pages import LONG_SAMPLE, Results, results
from tests.support.served_web import give_session, served

pytestmark = pytest.mark.browser

RESULT_BYTES = 400_000
"""Of everything that the first look at a result loads, compressed."""
VAL717ILE = "q=Val717Ile"
ROW = "#grid tbody tr[data-key]"
ROLES = "&".join(
    f"family={member}"
    for member in (f"{LONG_SAMPLE}:child", f"{FATHER}:father", f"{MOTHER}:mother")
)
RARE = f"{ROLES}&max_af=0.01&impact=HIGH,MODERATE&pass=true"


class Look(NamedTuple):
    """A page, and the element that is there when it is complete."""

    path: str
    ready: str
    is_owner: bool = True
    is_refused: bool = False


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Results:
    chromium()  # no annotation for nobody
    return results(tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def url(place: Results) -> Iterator[str]:
    with served(place.server) as address:
        yield address


@pytest.fixture(scope="module")
def looks(place: Results) -> dict[str, Look]:
    """Every page of a result, in every state that differs."""
    family, other = f"/jobs/{place.family.job_id}", f"/jobs/{place.other.job_id}"
    sample = f"/jobs/{place.sample.job_id}"
    planted = place.key(place.family, VAL717ILE)
    link = place.link(place.family, "gene=APP&limit=50")
    return {
        "overview": Look(family, "gas-plot svg"),
        "overview-visitor": Look("/sample", "gas-plot svg", is_owner=False),
        "overview-none": Look(f"/jobs/{place.empty.job_id}", "text=There are no variants"),
        "table": Look(f"{family}/variants?limit=50", ROW),
        "table-filtered": Look(f"{family}/variants?{RARE}&inheritance=compound_het", ROW),
        "table-nothing": Look(f"{family}/variants?gene=NOSUCHGENE", "#state:visible"),
        "table-no-rows": Look(f"/jobs/{place.empty.job_id}/variants", "#state:visible"),
        "table-visitor": Look(f"{sample}/variants?limit=50", ROW, is_owner=False),
        "table-link": Look(link, ROW, is_owner=False),
        "variant": Look(f"{family}/variants/{planted}?{ROLES}", "#lollipop svg"),
        "gene": Look(f"{family}/genes/APP?{RARE}", ".pair-card"),
        "gene-no-pairs": Look(f"{other}/genes/MRPL39", "#list table"),
        "gene-unknown": Look(f"{family}/genes/NOSUCHGENE", "text=0 variants"),
        "compare-choose": Look(f"{family}/compare", "#other"),
        "compare": Look(f"{family}/compare?with={place.other.job_id}", "table"),
        "report": Look(f"{family}/report?keys={planted},{_first_keys(place)}", "h2"),
        "shares": Look("/account/shares", "td"),
        "link-unknown": Look(f"{family}?share=x", "h1", is_owner=False, is_refused=True),
    }


def _first_keys(place: Results) -> str:
    found = place.owner.call("GET", f"/jobs/{place.family.job_id}/variants?limit=3").json
    return ",".join(row["key"] for row in found["items"])


def show(opened: Window, url: str, look: Look) -> None:
    """Open the page and wait until it is complete."""
    opened.go(url + look.path)
    opened.page.locator(look.ready).first.wait_for()
    if look.is_refused:  # the browser tells of the status itself
        opened.faults.clear()


@in_every_look
def test_every_page_of_a_result_is_well(
    browser: Browser,
    place: Results,
    url: str,
    looks: dict[str, Look],
    width: int,
    scheme: Scheme,
) -> None:
    faults: list[str] = []
    with window(browser, width, scheme) as owner, window(browser, width, scheme) as visitor:
        give_session(owner, place.owner, url)
        for name, look in looks.items():
            opened = owner if look.is_owner else visitor
            show(opened, url, look)
            opened.take_screenshot(f"{name}-{width}-{scheme}")
            faults += [f"{name}: {fault}" for fault in opened.faults_of_page()]
            opened.faults.clear()
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", ["overview-visitor", "table-visitor"])
def test_a_result_weighs_little_and_loads_no_genome_browser(
    browser: Browser, url: str, looks: dict[str, Look], name: str
) -> None:
    with window(browser) as opened:
        show(opened, url, looks[name])
        opened.page.wait_for_load_state("networkidle")
        answers = [answer for answer in opened.responses if answer.status == 200]
        weights = {answer.url: len(gzip.compress(answer.body(), 9)) for answer in answers}
    assert len(weights) >= 5
    assert sum(weights.values()) < RESULT_BYTES, weights
    assert not [address for address in weights if "igv" in address]


def test_a_family_finds_its_planted_variants_by_clicks(
    browser: Browser, place: Results, url: str
) -> None:
    with window(browser) as opened:
        give_session(opened, place.owner, url)
        opened.go(f"{url}/jobs/{place.family.job_id}/variants?limit=50")
        page = opened.page
        page.locator(ROW).first.wait_for()
        page.locator("#section-samples > summary").click()
        for sample, role in ((LONG_SAMPLE, "Child"), (FATHER, "Father"), (MOTHER, "Mother")):
            member = page.get_by_role("group", name=f"Role of {sample} in the family")
            member.get_by_text(role, exact=True).click()
        page.get_by_role("group", name="Usual limits").get_by_text("0.01", exact=True).click()
        for impact in ("HIGH", "MODERATE"):
            page.get_by_role("checkbox", name=impact).check()
        chosen = page.get_by_label("Inheritance", exact=True)
        for model, planted in (
            ("de_novo", [DE_NOVO]),
            ("compound_het", [DE_NOVO, PATERNAL, MATERNAL]),
        ):
            chosen.select_option(model)
            rows = page.locator(ROW)
            expect(rows).to_have_count(len(planted))
            keys = {row.get_attribute("data-key") for row in rows.all()}
            assert keys == {place.planted_key(one) for one in planted}
        opened.take_screenshot("family-by-clicks")
        opened.must_be_well()


def test_a_gene_shows_its_pairs_with_their_parents(
    browser: Browser, place: Results, url: str
) -> None:
    """The table hands the roles on; without parents the phase is unknown."""
    table = f"{url}/jobs/{place.family.job_id}/variants"
    with window(browser) as opened:
        give_session(opened, place.owner, url)
        opened.go(f"{table}?{RARE}&inheritance=compound_het")
        opened.page.locator(ROW).first.click()
        opened.page.get_by_role("link", name="All variants of APP").click()
        cards = opened.page.locator(".pair-card")
        cards.first.wait_for()
        origins = [
            {half.get_attribute("data-origin") for half in card.locator(".pair-half").all()}
            for card in opened.page.locator('.pair-card[data-phase="trans"]').all()
        ]
        assert origins == [{"father", "mother"}]
        only_child = "&".join(part for part in RARE.split("&") if ":father" not in part)
        only_child = "&".join(part for part in only_child.split("&") if ":mother" not in part)
        opened.go(f"{url}/jobs/{place.family.job_id}/genes/APP?{only_child}")
        expect(cards.first.get_by_role("heading")).to_have_text("Phase unknown")
        expect(cards.first).to_contain_text("parent unknown")
        opened.must_be_well()
