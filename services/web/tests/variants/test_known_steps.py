"""ClinVar's stars, and the pseudoautosomal regions."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.support.variant_tables import OpenTable
from web.variants.engine import Engine, Limits
from web.variants.inheritance import is_outside_par
from web.variants.known_steps import name_steps, review_column, stars_sql
from web.variants.opening import read_schema
from web.variants.parameters import question_of
from web.variants.schema import Schema, described
from web.variants.sql import any_of


def schema(assembly: str = "GRCh38", joined: tuple[str, ...] = ()) -> Schema:
    return described(
        {"record": "BIGINT", "known_CLINVAR_REVIEW": "VARCHAR"},
        {"samples": [], "contigs": ["chrX"], "known": {}, "tool": "GAS", "bundle": "b",
         "assembly": assembly},
        rows=1,
        joined=joined,
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
    ("joined", "found"),
    [((), [1, 4]), (("id",), [1, 4, 5]), (("id", "existing_variation"), [1, 2, 4, 5])],
)
def test_names_are_looked_up_among_several_where_a_row_has_several(
    tmp_path: Path, joined: tuple[str, ...], found: list[int]
) -> None:
    (step,) = name_steps(question_of({"rs": ["7"]}), schema(joined=joined), any_of)
    sql = (
        "SELECT i FROM (VALUES (1, 'rs7', NULL), (2, 'rs1&rs7', NULL), (3, 'rs77', 'rs70'),"
        f" (4, NULL, 'rs7'), (5, NULL, 'a;rs7')) t(i, existing_variation, id)"
        f" WHERE {step.condition.sql} ORDER BY i"
    )
    with Engine(tmp_path, Limits()).session() as session:
        assert session.rows(sql, step.condition.values) == [(i,) for i in found]


def test_a_file_is_opened_knowing_which_names_are_joined(
    family_file: Path, open_table: OpenTable
) -> None:
    changed = family_file.with_name("joined.parquet")
    with open_table(family_file) as table:
        metadata = table.session.rows(
            "SELECT decode(key), decode(value) FROM parquet_kv_metadata(?)", [str(family_file)]
        )
        assert table.schema.joined == frozenset()
    about = ", ".join(f"'{key}': '{str(value).replace(chr(39), chr(39) * 2)}'"
                      for key, value in metadata if str(key).startswith("gas."))  # fmt: skip
    duckdb.execute(
        f"COPY (SELECT * REPLACE (CASE WHEN record = 900 THEN 'rs1;x' ELSE id END AS id)"
        f" FROM '{family_file}') TO '{changed}' (FORMAT parquet, KV_METADATA {{{about}}})"
    )
    with Engine(changed.parent, Limits()).session() as session:
        found = read_schema(changed, session.rows, session.describe)
    assert found.joined == {"id"}


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
