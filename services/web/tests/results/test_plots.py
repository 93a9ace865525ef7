"""The plots and checks of a result, from its summary."""

import pytest

from web.results.plots import Plot, Row, plots_of
from web.results.samples import sample_checks

SUMMARY = {
    "consequences_by_worst": {"missense_variant": 3, "intron_variant": 1},
    "impacts": {"MODERATE": 3, "MODIFIER": 1},
    "genes": {"APP": 2},
    "transitions": 4,
    "transversions": 2,
    "depths": {"of": "genotypes", "from": [0, 10, 20], "counts": [1, 0, 5]},
    "highest_population_frequencies": {"from": [0.0, 0.01], "counts": [2, 1], "unknown": 7},
    "density": {"bin_bases": 1000, "counts": {"chr21": [0, 4]}},
}
EMPTY_SAMPLE = {
    **dict.fromkeys(("hom_ref", "het", "hom", "hemi", "other", "partial", "missing"), 0),
    **dict.fromkeys(("transitions", "transversions", "y_carried"), 0),
    **dict.fromkeys(("x_heterozygous", "x_homozygous_or_hemizygous"), 0),
}


def plots(summary: dict[str, object]) -> dict[str, Plot]:
    return {plot.id: plot for plot in plots_of(summary)}


def test_each_bar_asks_for_what_it_counts() -> None:
    found = plots(SUMMARY)
    assert found["consequences"].rows[0] == Row(
        "missense variant",
        3,
        (("consequence", "missense_variant"), ("any_transcript", "true")),
        "missense_variant",
    )
    assert found["genes"].rows == (Row("APP", 2, (("gene", "APP"),)),)
    assert found["density"].rows == (Row("chr21", 4, (("region", "chr21"),), bins=(0, 4)),)


def test_bins_are_named_by_their_edges() -> None:
    found = plots(SUMMARY)
    assert [row.label for row in found["depths"].rows] == ["0–10", "10–20", "20 and more"]
    assert [row.question for row in found["depths"].rows][1:] == [
        (("min_dp", "10"),),
        (("min_dp", "20"),),
    ]
    assert [(row.label, row.question) for row in found["rarity"].rows] == [
        ("0–0.01", (("max_af", "0.01"),)),
        ("0.01 and more", ()),
    ]
    assert "Of 7 alleles no frequency is known." in found["rarity"].about


def test_what_an_older_summary_lacks_is_left_out() -> None:
    assert set(plots({"consequences": {"x": 1}, "genes": {}})) == {"consequences"}
    assert plots_of({}) == []


@pytest.mark.parametrize(
    ("x_het", "x_other", "on_y", "sex", "warnings"),
    [
        (60, 40, 0, "XX", 0),
        (2, 98, 40, "XY", 0),
        (60, 40, 40, "unclear", 1),
        (2, 98, 0, "unclear", 1),
        (5, 5, 0, "unclear", 0),
    ],
)
def test_x_and_y_tell_the_sex_or_that_they_do_not_agree(
    x_het: int, x_other: int, on_y: int, sex: str, warnings: int
) -> None:
    sample = EMPTY_SAMPLE | {
        "name": "s",
        "x_heterozygous": x_het,
        "x_homozygous_or_hemizygous": x_other,
        "y_carried": on_y,
    }
    (check,) = sample_checks({"samples": [sample]})
    assert check.sex == sex
    assert len(check.warnings) == warnings


def test_ratios_are_none_where_there_is_nothing_to_divide_by() -> None:
    (check,) = sample_checks({"samples": [EMPTY_SAMPLE | {"name": "s"}]})
    assert (check.ti_tv, check.het_hom, check.missing, check.x_het) == (None,) * 4
    (check,) = sample_checks({"samples": [EMPTY_SAMPLE | {"name": "s", "het": 9, "missing": 1}]})
    assert check.missing == 0.1
    assert check.warnings == ("10% of the genotypes are missing",)
