"""Files for MultiQC, by the schema of its custom content."""

from __future__ import annotations

from typing import Any

import pytest

from gas import multiqc

SUMMARY: dict[str, Any] = {
    "records": 120,
    "annotated": 118,
    "known_pathogenic": 2,
    "ts_tv_ratio": 2.11,
    "impacts": {"HIGH": 3, "LOW": 100},
    "variant_types": {"SNV": 110, "deletion": 10},
    "consequences_by_worst": {"missense_variant": 17, "synonymous_variant": 100, "stop_gained": 3},
    "samples": [
        {"name": "child", "het": 30, "hom": 10, "hemi": 1, "missing": 2, "transitions": 20,
         "transversions": 8},
        {"name": "mother", "het": 5, "hom": 0, "hemi": 0, "missing": 0, "transitions": 3,
         "transversions": 0},
    ],
    "bundle": "grch38@115",
    "engine": "mehari 1",
}  # fmt: skip


def test_a_jobs_counts_are_a_row_of_a_table() -> None:
    made = multiqc.document("variants", "child", SUMMARY)
    assert made["plot_type"] == "table"
    assert made["data"] == {
        "child": {
            "records": 120,
            "annotated": 118,
            "known_pathogenic": 2,
            "ts_tv": 2.11,
            "impact_HIGH": 3,
            "impact_MODERATE": 0,
            "impact_LOW": 100,
            "impact_MODIFIER": 0,
            "type_SNV": 110,
            "type_deletion": 10,
        }
    }
    assert set(made["headers"]) == set(made["data"]["child"])
    assert made["headers"]["ts_tv"]["format"].format(2.111) == "2.11"
    assert made["headers"]["records"]["format"].format(1200) == "1,200"
    assert "grch38@115" in made["description"]


def test_the_most_severe_consequences_are_bars_in_order_and_rare_ones_are_added_up() -> None:
    made = multiqc.document("consequences", "child", SUMMARY)
    assert made["plot_type"] == "bargraph"
    assert list(made["data"]["child"].items()) == [
        ("synonymous_variant", 100), ("missense_variant", 17), ("stop_gained", 3),
    ]  # fmt: skip
    many = {f"term_{number}": number for number in range(1, 31)}
    bars = multiqc.document("consequences", "c", {"consequences_by_worst": many})["data"]["c"]
    assert len(bars) == 21
    assert bars["other"] == sum(range(1, 11))


def test_samples_are_rows_of_their_own() -> None:
    rows = multiqc.document("samples", "file", SUMMARY)["data"]
    assert rows["child"] == {
        "het": 30, "hom": 10, "hemi": 1, "missing": 2, "ts_tv": 2.5, "het_hom": 3.0,
    }  # fmt: skip
    assert "ts_tv" not in rows["mother"], "nobody knows a ratio to zero"
    assert "het_hom" not in rows["mother"]


@pytest.mark.parametrize("section", multiqc.SECTIONS)
def test_files_of_several_jobs_meet_in_one_section_and_old_summaries_have_one_too(
    section: str,
) -> None:
    one, other = (multiqc.document(section, name, SUMMARY) for name in ("a", "b"))
    assert one["id"] == other["id"] == f"gas_{section}"
    assert one["pconfig"]["id"] != one["id"], "MultiQC needs two ids"
    old = multiqc.document(section, "a", {"records": 1, "ts_tv_ratio": None})
    assert set(old) == set(one)
    assert multiqc.file_name("a", section) == f"a.{section}_mqc.json"
