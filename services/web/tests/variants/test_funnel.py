"""The funnel says of every step what a count of its own would, however the rounds go."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.variant_questions import EXAMPLES, questions
from tests.support.variant_tables import OpenTable, Parameters, asked
from web.variants.keys import FILE
from web.variants.parameters import question_of
from web.variants.plan import Plan
from web.variants.sql import Condition, all_of
from web.variants.table import Table

_TOGETHER = ("carriers_gq", "carriers_ad_alt", "carriers_ab")
FEWER = settings(EXAMPLES, max_examples=25)


def count(table: Table, *conditions: Condition) -> int:
    """How many rows of the file meet all of them."""
    where = all_of(conditions)
    sql = f"SELECT count(*) FROM {FILE} WHERE {where.sql}"
    ((found,),) = table.session.rows(sql, (str(table.path), *where.values))
    return int(found)


def funnel(table: Table, plan: Plan) -> list[tuple[int, int, int]]:
    """What each step leaves, removes and sees missing, each counted by a query of its own."""
    kept: list[Condition] = []
    found = []
    for step in plan.steps:
        before = count(table, *kept)
        missing = count(table, *kept, step.is_missing)
        kept.append(step.condition)
        found.append((count(table, *kept), before - count(table, *kept), missing))
    return found


@FEWER
@given(parameters=questions(), few=st.sampled_from([1, 40, 20_000]))
def test_each_step_counts_what_a_query_of_its_own_counts(
    parameters: Parameters, few: int, family_file: Path, open_table: OpenTable
) -> None:
    with (
        patch("web.variants.queries.FIRST_ROWS", few),
        patch("web.variants.queries.COSTLY_ROWS", few),
        open_table(family_file) as table,
    ):
        plan = table.plan(question_of(parameters))
        counts = table.counts(plan)
        steps = counts.funnel[: len(plan.steps)]
        wanted = funnel(table, plan)
        assert [(s.remaining, s.removed, s.missing_count) for s in steps] == wanted
        hiding = [s for s in plan.steps if s.hides_pathogenic]
        others = [s.condition for s in plan.steps if not s.hides_pathogenic]
        pathogenic = Condition("is_pathogenic")
        hidden = count(table, *others, pathogenic) - count(table, plan.condition, pathogenic)
        assert counts.hidden_pathogenic == (hidden if hiding else 0)


def _older(path: Path, *names: str) -> Path:
    """The file as it was before it had these columns."""
    file = pq.ParquetFile(path)
    kept = {k: v for k, v in (file.metadata.metadata or {}).items() if k.startswith(b"gas.")}
    table = file.read().drop_columns(list(names)).replace_schema_metadata(kept)
    older = path.with_name(f"older-{path.name}")
    pq.write_table(table, older)
    return older


@pytest.fixture(scope="module")
def older_file(family_file: Path) -> Path:
    """The family's file from before columns said what samples have together."""
    return _older(family_file, *_TOGETHER, "zygosities")


@pytest.fixture(scope="module")
def older_cohort(cohort_file: Path) -> Path:
    """The same with samples in lists."""
    return _older(cohort_file, *_TOGETHER)


@FEWER
@given(parameters=questions(), is_cohort=st.booleans())
def test_a_file_without_columns_of_all_samples_answers_alike(
    parameters: Parameters,
    is_cohort: bool,
    family_file: Path,
    cohort_file: Path,
    older_file: Path,
    older_cohort: Path,
    open_table: OpenTable,
) -> None:
    answers = []
    for path in (cohort_file, older_cohort) if is_cohort else (family_file, older_file):
        with open_table(path) as table:
            counts, keys = asked(table, parameters | {"sort": ["qual"]})
        steps = [(s.step.name, s.remaining, s.removed, s.missing_count) for s in counts.funnel]
        answers.append((keys, steps, counts.hidden_pathogenic))
    assert answers[0] == answers[1]
