"""The paragraph of methods: versions and citations, from the provenance."""

from __future__ import annotations

from typing import Any

from web.export.methods_text import paragraph

PROVENANCE = {
    "input": {"filename": "my.vcf", "sha256": "ab12"},
    "bundle": {
        "name": "grch38", "version": "115", "assembly": "GRCh38", "source": "Ensembl release 115",
        "known": [
            {"name": "clinvar", "version": "2026-11", "licence": "public domain",
             "citation": "Landrum et al. 2018, doi:10.1093/nar/gkx1153"},
            {"name": "cohort", "version": "7", "licence": "internal", "citation": "none"},
        ],
    },
    "engine": "mehari 0.48.0", "software": {"gas-annotator": "1.2.3", "pysam": "0.23"},
    "python": "3.13.0", "ended_at": "2026-11-28T23:59:00.000+00:00",
}  # fmt: skip


def test_all_that_a_paper_needs_is_in_it() -> None:
    text = paragraph(PROVENANCE)
    for words in (
        "on 28 November 2026 by GAS, the Genomics Annotation Service, 1.2.3 with",
        "engine mehari 0.48.0, against the reference bundle grch38 version 115",
        "(assembly GRCh38; sequence and gene models: Ensembl release 115).",
        "clinvar 2026-11 (Landrum et al. 2018, doi:10.1093/nar/gkx1153); cohort 7; alleles",
        "doi:10.1186/s13059-016-0974-4",
        "doi:10.1002/humu.22981",
        "Python 3.13.0, pysam 0.23.",
        "SHA-256 ab12.",
    ):
        assert words in text
    assert "my.vcf" not in text, "a file's name may tell who the patient is"


def test_what_is_not_known_is_left_out() -> None:
    text = paragraph({"bundle": PROVENANCE["bundle"] | {"known": []}})  # type: ignore[operator]
    assert "HGVS" not in text
    assert "looked up" not in text
    assert "None" not in text
    assert "Further software" not in text


def test_page_and_api_have_it_and_strangers_do_not(sample: Any) -> None:
    path = f"/jobs/{sample.job.job_id}"
    page = sample.user.browser.get(f"{path}/methods")
    assert page.status_code == 200
    assert "against the reference bundle grch38-21q21 version" in page.text
    assert f'href="{path}/methods"' in sample.user.browser.get(path).text
    eve = sample.user.server.user("eve")
    assert eve.browser.get(f"{path}/methods").status_code == 404
