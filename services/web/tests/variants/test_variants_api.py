"""The REST API of variants: answers, rights, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest

from tests.support.family_vcf import DE_NOVO, MATERNAL, PATERNAL, RECESSIVE, X_LINKED, Planted
from tests.support.variant_jobs import job_with_table
from tests.support.web_server import User, WebServer, problem

TRIO = "family=child:child&family=father:father&family=mother:mother"
CLEAN = f"{TRIO}&min_gq=90&min_ab=0.4&min_alt_reads=10"


@pytest.fixture(scope="module")
def user() -> User:
    return WebServer().user()


@pytest.fixture(scope="module")
def job_id(user: User, family_file: Path) -> str:
    return job_with_table(user, family_file.read_bytes())


def ask(user: User, job_id: str, query: str = "") -> Any:
    return user.call("GET", f"/jobs/{job_id}/variants{query}")


def places(answer: Any) -> set[tuple[str, int]]:
    return {(item["contig"], item["pos"]) for item in answer.json["items"]}


def place(planted: Planted) -> tuple[str, int]:
    return planted.site.contig, planted.site.pos


def test_a_page_has_exact_counts_a_funnel_and_the_columns(user: User, job_id: str) -> None:
    answer = ask(user, job_id, "?gene=APP&impact=MODERATE&max_af=0,01&limit=3&columns=pos,symbol")
    body = answer.json
    assert answer.status_code == 200
    assert [left["step"] for left in body["funnel"]] == ["gene", "impact", "max_af"]
    assert body["funnel"][-1]["remaining"] == body["total"] >= len(body["items"]) == 3
    assert body["funnel"][-1]["missing"] == "kept"
    assert body["columns"] == ["pos", "symbol"]
    assert set(body["items"][0]) == {"key", "pos", "symbol"}


@pytest.mark.parametrize(
    ("model", "planted"),
    [
        ("de_novo", DE_NOVO),
        ("recessive", RECESSIVE),
        ("x_linked", X_LINKED),
        ("compound_het", PATERNAL),
        ("compound_het", MATERNAL),
        ("compound_het", DE_NOVO),
    ],
)
def test_each_model_finds_what_was_planted(
    user: User, job_id: str, model: str, planted: Planted
) -> None:
    answer = ask(user, job_id, f"?{CLEAN}&inheritance={model}&limit=500")
    assert place(planted) in places(answer)


def test_a_pair_never_has_both_alleles_from_one_parent(user: User, job_id: str) -> None:
    pairs = ask(user, job_id, f"/pairs?{CLEAN}&gene=APP&limit=500").json
    assert pairs["total"] == len(pairs["items"]) > 0
    origins = {tuple(sorted(pair["origins"])) for pair in pairs["items"]}
    assert origins <= {
        ("father", "mother"),
        ("de_novo", "father"),
        ("de_novo", "mother"),
        ("de_novo", "either_parent"),
    }
    assert {pair["phase"] for pair in pairs["items"]} <= {"trans", "de_novo"}


def test_without_parents_the_phase_is_unknown(user: User, job_id: str) -> None:
    pairs = ask(user, job_id, "/pairs?family=child:child&gene=APP&limit=5").json["items"]
    assert {pair["phase"] for pair in pairs} == {"unknown"}


def test_rows_of_pairs_name_their_partners(user: User, job_id: str) -> None:
    items = ask(user, job_id, f"?{CLEAN}&inheritance=compound_het&gene=APP").json["items"]
    keys = {item["key"] for item in items}
    for item in items:
        assert set(item["compound_het"]["partners"]) <= keys
        assert item["compound_het"]["partner_count"] >= 1


@pytest.mark.parametrize("sort", ["", "-qual", "filter,-qual", "-s1_gq,hgvsp", "max_af,-pos"])
def test_pages_follow_each_other_without_gap_or_overlap(user: User, job_id: str, sort: str) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        query = f"?type=SNV&limit=211&sort={sort}" + (f"&cursor={cursor}" if cursor else "")
        page = ask(user, job_id, query).json
        seen += [item["key"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == page["total"] > 500


def test_rows_are_sorted_with_missing_values_last(user: User, job_id: str) -> None:
    for sort, is_descending in (("qual", False), ("-qual", True)):
        items = ask(user, job_id, f"?sort={sort}&limit=500&columns=qual").json["items"]
        found = [item["qual"] for item in items if item["qual"] is not None]
        assert found == sorted(found, reverse=is_descending)


def test_a_cursor_of_another_question_is_refused(user: User, job_id: str) -> None:
    cursor = ask(user, job_id, "?limit=1&type=SNV").json["next_cursor"]
    for query in (f"?type=MNV&cursor={cursor}", f"?type=SNV&sort=pos&cursor={cursor}",
                  f"?type=SNV&cursor={cursor}x", "?cursor=abc"):  # fmt: skip
        found = problem(ask(user, job_id, query), 400, "invalid-request")
        assert found["errors"][0]["field"] == "cursor"
    assert ask(user, job_id, f"?type=SNV&columns=pos&cursor={cursor}").status_code == 200


@pytest.mark.parametrize(
    ("query", "field", "part"),
    [
        ("genes=APP", "genes", "did you mean gene?"),
        ("impact=HUGE", "impact", "HIGH, MODERATE, LOW, MODIFIER"),
        ("consequence=missense", "consequence", "missense_variant"),
        ("max_af=2", "max_af", "from 0 to 1"),
        ("max_af=rare", "max_af", "0.01"),
        ("region=chr5:1-10", "region", "it has 21, X"),
        ("region=21:20-10", "region", "ends before it starts"),
        ("genotype=child:heterozygous", "genotype", "het"),
        ("genotype=nobody:het", "genotype", "child"),
        ("inheritance=de_novo", "family", "mother"),
        (f"{TRIO}&family=father:child&inheritance=de_novo", "family", "one child"),
        ("sort=transcripts_term", "sort", "list"),
        ("sort=qualiti", "sort", "qual"),
        ("columns=drop", "columns", "no column"),
        ("limit=501", "limit", "1 to 500"),
        ("min_stars=2", "min_stars", "no review status"),
        ("gene=" + ",".join(f"G{n}" for n in range(10_001)), "gene", "10,000"),
    ],
)
def test_what_cannot_be_asked_names_the_field_and_what_is_allowed(
    user: User, job_id: str, query: str, field: str, part: str
) -> None:
    found = problem(ask(user, job_id, f"?{query}"), 400, "invalid-request")
    assert found["errors"][0]["field"] == field
    assert part in found["detail"]


def test_a_bad_expression_points_at_the_place(user: User, job_id: str) -> None:
    text = 'impact == "HIGH" and (qual > 30'
    found = problem(ask(user, job_id, f"?where={quote(text)}"), 400, "invalid-request")
    assert found["position"] == len(text)
    assert found["detail"].endswith("^")


def test_ten_thousand_genes_can_be_sent_as_a_form(user: User, job_id: str) -> None:
    genes = ",".join(["APP", *(f"GENE{n}" for n in range(9_999))])
    answer = user.call("POST", f"/jobs/{job_id}/variants", data={"gene": genes, "limit": "1"})
    assert answer.json["total"] == ask(user, job_id, "?gene=APP").json["total"] > 0


def test_a_region_off_the_contig_is_empty(user: User, job_id: str) -> None:
    assert ask(user, job_id, "?region=21:46000000-46000001").json["total"] == 0


def test_one_variant_has_its_transcripts_genotypes_and_known_variants(
    user: User, job_id: str
) -> None:
    (item,) = ask(user, job_id, "?rs=63750264&q=Val717Ile").json["items"]
    found = ask(user, job_id, f"/{item['key']}").json
    assert found["columns"]["hgvsp"].endswith("p.Val717Ile")
    assert sum(transcript["pick"] for transcript in found["transcripts"]) == 1
    assert [cell["sample"] for cell in found["genotypes"]] == [
        "child",
        "father",
        "mother",
        "sister",
    ]
    known = {known["field"]: known["value"] for known in found["known"]}
    assert "Pathogenic" in known["CLINVAR_SIG"]
    problem(ask(user, job_id, "/99999999.1"), 404, "variant-not-found")
    problem(ask(user, job_id, "/abc"), 404, "variant-not-found")


def test_a_pathogenic_variant_that_the_frequency_hides_is_told(user: User, job_id: str) -> None:
    everything = ask(user, job_id, "?where=is_pathogenic").json["total"]
    strict = ask(user, job_id, "?max_af=0&keep_missing_af=false").json
    assert strict["hidden_pathogenic"] == everything > 0


def test_facets_have_values_with_counts_that_add_up(user: User, job_id: str) -> None:
    found = ask(user, job_id, "/facets?gene=APP").json
    total = ask(user, job_id, "?gene=APP").json["total"]
    assert sum(value["count"] for value in found["values"]["type"]) == total
    assert found["ranges"]["qual"]["min"] <= found["ranges"]["qual"]["max"]
    meanings = {column["name"]: column for column in found["columns"]}
    assert meanings["pos"]["about"] == "POS, 1-based"
    assert meanings["s1_gq"]["source"] == "your VCF, genotype of child"


def test_presets_name_their_source_and_can_be_asked(user: User, job_id: str) -> None:
    presets = ask(user, job_id, "/presets").json["presets"]
    assert {preset["source"].split()[0].rstrip(",") for preset in presets} >= {"VarFish", "seqr"}
    for preset in presets:
        query = "&".join(f"{name}={quote(value)}" for name, value in preset["parameters"])
        family = f"&{TRIO}" if preset["needs_family"] else ""
        assert ask(user, job_id, f"?{query}{family}&limit=1").status_code == 200, preset["name"]


def test_a_pedigree_becomes_roles(user: User, job_id: str) -> None:
    text = "F child father mother 1 2\nF father 0 0 1 1\nF mother 0 0 2 1\nF uncle 0 0 1 2\n"
    answer = user.call("POST", f"/jobs/{job_id}/variants/pedigree", json={"text": text})
    assert answer.json["family"] == ["child:child", "father:father", "mother:mother"]
    assert answer.json["not_in_file"] == ["uncle"]
    bad = user.call("POST", f"/jobs/{job_id}/variants/pedigree", json={"text": "F child"})
    assert "line 1 has 2 columns" in problem(bad, 400, "invalid-request")["detail"]


def test_nobody_else_sees_the_table(user: User, job_id: str) -> None:
    stranger = user.server.user("bob")
    for path in ("", "/facets", "/1.1", "/pairs", "/presets", "/copied"):
        problem(ask(stranger, job_id, path), 404, "not-found")


def test_an_archived_or_deleted_job_opens_nothing_though_its_file_is_cached(
    family_file: Path,
) -> None:
    user = WebServer().user()
    world = user.server.world
    first = job_with_table(user, family_file.read_bytes())
    assert ask(user, first).status_code == 200
    world.archive(world.job(first))
    problem(ask(user, first), 409, "result-archived")
    second = job_with_table(user, family_file.read_bytes())
    assert ask(user, second).status_code == 200
    user.call("DELETE", f"/jobs/{second}")
    problem(ask(user, second), 404, "not-found")


def test_a_job_without_a_table_offers_to_run_it_again(user: User) -> None:
    job_id = job_with_table(user, None)
    found = problem(ask(user, job_id), 409, "table-not-made")
    assert "Run it again" in found["detail"]
    assert found["run_again"] == job_id


@pytest.mark.parametrize("kind", ["text", "cut", "changed"])
def test_a_damaged_file_is_told_and_its_copy_dropped(
    user: User, family_file: Path, kind: str
) -> None:
    whole = family_file.read_bytes()
    damaged = {
        "text": b"no Parquet at all",
        "cut": whole[: len(whole) // 2],
        "changed": whole[:200] + bytes(len(whole) - 4_000) + whole[-3_800:],
    }[kind]
    found = problem(ask(user, job_with_table(user, damaged)), 409, "table-damaged")
    assert "Run the job again" in found["detail"]


def test_another_version_of_the_file_is_refused(
    user: User, family_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "other.parquet"
    duckdb.connect().execute(
        f"COPY (FROM '{family_file}') TO '{path}'"
        " (FORMAT parquet, KV_METADATA {'gas.variants.version': '2'})"
    )
    found = problem(ask(user, job_with_table(user, path.read_bytes())), 409, "table-version")
    assert "version 2" in found["detail"]


def test_samples_in_lists_have_the_same_genotypes(
    user: User, job_id: str, cohort_file: Path
) -> None:
    cohort = job_with_table(user, cohort_file.read_bytes())
    for key in ("1.1", "600.1", "1200.1"):
        few, many = (ask(user, job, f"/{key}").json["genotypes"] for job in (job_id, cohort))
        assert few == many[:4]
        assert len(many) == 20
