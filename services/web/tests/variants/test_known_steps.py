"""ClinVar's stars, and the pseudoautosomal regions."""

from __future__ import annotations

from pathlib import Path

import pytest

from web.variants.engine import Engine, Limits
from web.variants.inheritance import is_outside_par
from web.variants.known_steps import review_column, stars_sql
from web.variants.schema import Schema, described


def schema(assembly: str = "GRCh38") -> Schema:
    return described(
        {"record": "BIGINT", "known_CLINVAR_REVIEW": "VARCHAR"},
        {"samples": [], "contigs": ["chrX"], "known": {}, "tool": "GAS", "bundle": "b",
         "assembly": assembly},
        rows=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "stars"),
    [
        ("practice_guideline", 4),
        ("reviewed_by_expert_panel", 3),
        ("criteria_provided,_multiple_submitters,_no_conflicts", 2),
        ("criteria_provided&_multiple_submitters&_no_conflicts", 2),
        ("criteria_provided,_conflicting_classifications", 1),
        ("criteria_provided,_single_submitter", 1),
        ("no_assertion_criteria_provided", 0),
        ("no_classification_provided", 0),
        (None, None),
    ],
)
def test_stars_follow_the_review_status(
    tmp_path: Path, status: str | None, stars: int | None
) -> None:
    column = review_column(schema())
    assert column is not None
    sql = f"SELECT {stars_sql(column)} FROM (SELECT ?::VARCHAR AS {column.sql})"
    with Engine(tmp_path, Limits()).session() as session:
        assert session.rows(sql, [status]) == [(stars,)]


@pytest.mark.parametrize(
    ("assembly", "pos", "is_outside"),
    [
        ("GRCh38", 2_781_479, False),
        ("GRCh38", 2_781_480, True),
        ("GRCh38", 155_701_383, False),
        ("GRCh37", 2_699_520, False),
        ("GRCh37", 2_699_521, True),
        ("other", 100_000, True),
    ],
)
def test_the_pseudoautosomal_regions_are_those_of_the_assembly(
    assembly: str, pos: int, *, is_outside: bool
) -> None:
    assert is_outside_par(schema(assembly), "chrX", pos) is is_outside
