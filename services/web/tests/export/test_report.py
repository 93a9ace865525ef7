"""The report of chosen variants."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import escape

from web.export.report import frequency, reported, stars_of
from web.variants.keys import Key


def report(exports: Any, keys: str) -> Any:
    return exports.user.browser.get(f"/jobs/{exports.job.job_id}/report?keys={keys}")


def test_a_report_has_the_chosen_variants_in_order_with_methods_and_limits(random: Any) -> None:
    sql = "SELECT record, allele, hgvsc, hgvsp FROM t WHERE hgvsp IS NOT NULL AND clin_sig"
    rows = random.rows(f"{sql} IS NOT NULL ORDER BY record LIMIT 2")
    keys = [f"{record}.{allele}" for record, allele, *_ in rows]
    page = report(random, ",".join(reversed(keys)))
    assert page.status_code == 200
    places = [page.text.index(f"<dd>{escape(hgvsc)}</dd>") for _, _, hgvsc, _ in rows]
    assert places[0] > places[1]
    for word in ("Research use", "mehari", "grch38-21q21", "Ensembl release 84", "clinvar"):
        assert word in page.text
    assert "no review status, so no stars" in page.text
    assert "style=" not in page.text
    assert "<script" not in page.text


def test_a_report_has_genotypes(sample: Any) -> None:
    ((record, genotype),) = sample.rows(
        "SELECT record, s1_gt FROM t WHERE s1_zygosity = 'het' LIMIT 1"
    )
    page = report(sample, f"{record}.1")
    assert f"<td>{genotype}</td><td>het</td>" in page.text
    assert 'scope="row">SAMPLE</th>' in page.text


@pytest.mark.parametrize(
    "keys", ["", "x", "1", "1.1.1", "-1.1", ",".join(f"{n}.1" for n in range(201))]
)
def test_keys_that_are_none_or_too_many_are_a_400(sample: Any, keys: str) -> None:
    assert report(sample, keys).status_code == 400


def test_a_key_that_is_not_there_and_another_users_job_are_a_404(sample: Any) -> None:
    assert report(sample, "999.1").status_code == 404
    eve = sample.user.server.user("eve")
    assert eve.browser.get(f"/jobs/{sample.job.job_id}/report?keys=1.1").status_code == 404


def test_of_many_samples_only_carriers_are_shown(sample: Any) -> None:
    server = sample.user.server
    found = server.app.extensions["gas"].variants.variant(sample.job, Key(1, 1))
    others = [{"sample": f"S{n}", "gt": "0/0", "zygosity": "hom_ref"} for n in range(100)]
    carrier = {
        "sample": "C",
        "gt": "0/1",
        "zygosity": "het",
        "ad_ref": 18,
        "ad_alt": 15,
        "ab": 0.45,
    }
    shown = reported({**found, "genotypes": [*others, carrier]})
    assert [row.sample for row in shown.genotypes] == ["C"]
    assert shown.genotypes[0].reads == "18|15"
    assert shown.more_genotypes == 100


@pytest.mark.parametrize(
    ("status", "stars"),
    [
        ("practice_guideline", 4),
        ("reviewed_by_expert_panel", 3),
        ("criteria_provided&_multiple_submitters&_no_conflicts", 2),
        ("criteria_provided&_single_submitter", 1),
        ("criteria_provided&_conflicting_classifications", 1),
        ("no_assertion_criteria_provided", 0),
        ("something else", 0),
    ],
)
def test_stars_are_those_of_clinvar(status: str, stars: int) -> None:
    assert stars_of(status) == stars


def test_a_frequency_names_its_population() -> None:
    row: dict[str, Any] = {"max_af": 0.0123, "max_af_pops": "AFR&EUR", "af": 0.001}
    row |= {"gnomade_af": None, "gnomadg_af": None}
    assert frequency(row) == "0.0123 in AFR, EUR, the highest; overall 0.001"
    nothing = dict.fromkeys(row)
    assert frequency(nothing) == "none known in the bundle's sources"
