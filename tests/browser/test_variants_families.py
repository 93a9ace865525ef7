"""What one looks for in a table of variants: families, panels of genes, rare variants."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browser import Window
from tests.support.variants_place import Place, count, open_table, rows

pytestmark = pytest.mark.browser

VAL717ILE = "p.Val717Ile"
ROLES = "&".join(
    f"family={member}"
    for member in ("child:child", "child:affected", "father:father", "mother:mother")
)


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


def test_what_the_frequency_hides_is_told(reader: Window, place: Place) -> None:
    page = open_table(reader, place.table(place.family, "?max_af=0&keep_missing_af=false"))
    notice = page.locator("#hidden-pathogenic")
    expect(notice).to_contain_text("hidden by the frequency filter")
    notice.get_by_role("link", name="Show them").click()
    expect(page).to_have_url(re.compile("clinical=pathogenic"))
    expect(rows(page).first).to_contain_text("pathogenic")
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
