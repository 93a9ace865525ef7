"""Expressions: what they mean, what is refused and where, and that no text becomes SQL."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.variant_tables import OpenTable, asked
from web.variants.expression.compiler import compiled
from web.variants.expression.parser import MAX_DEPTH, parsed
from web.variants.expression.tokens import BadExpression
from web.variants.parameters import BadParameter
from web.variants.schema import Schema, described

SCHEMA: Schema = described(
    {
        "record": "BIGINT",
        "qual": "DOUBLE",
        "impact": "VARCHAR",
        "all_symbols": "VARCHAR",
        "has_mane": "BOOLEAN",
        "s1_gq": "FLOAT",
        "s1_gt": "VARCHAR",
        "transcripts_impact": "VARCHAR[]",
        "transcripts_protein_start": "INTEGER[]",
    },
    {"samples": ["NA 12:1"], "contigs": ["1"], "known": {}, "tool": "GAS", "bundle": "b",
     "assembly": "GRCh38"},
    rows=1,
)  # fmt: skip
PLAIN = settings(max_examples=300, deadline=None, print_blob=True)


@pytest.mark.parametrize(
    ("text", "position", "part"),
    [
        ("", 0, "name of a column"),
        ("qual >", 6, "found the end"),
        ("qual > 3 impact", 9, "and, or"),
        ("(qual > 3", 9, "')'"),
        ('impact == "HIGH', 10, "closing quote"),
        ("quality > 3", 0, "did you mean qual"),
        ("qual == 'x'", 8, "a number"),
        ("impact > 3", 9, "in quotes"),
        ("impact", 0, "no column of true and false"),
        ("has_mane < true", 9, "no order"),
        ("qual == impact", 5, "cannot be compared"),
        ('3 == "x"', 2, "one side must be a column"),
        ("s2.gq > 3", 0, "there is no sample 2"),
        ('sample["x"].gq > 3', 0, "no sample x"),
        ('"HIGH" in qual', 10, "one value a row"),
        ("qual in ()", 9, "a number, or a quoted text"),
        ("qual > 3 ; x", 9, "';'"),
        ("not", 3, "found the end"),
        ("qual is 3", 8, "'missing'"),
        ("qual > 1e999", 7, "too large"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, position: int, part: str) -> None:
    with pytest.raises(BadExpression) as caught:
        compiled(parsed(text), SCHEMA)
    assert part in caught.value.message
    assert caught.value.position == position


def test_values_are_bound_and_names_looked_up() -> None:
    text = """impact == "x'; DROP TABLE y --" and sample["NA 12:1"].gq >= 20"""
    condition = compiled(parsed(text), SCHEMA)
    assert condition.sql == '("impact" = ?) AND ("s1_gq" >= ?)'
    assert condition.values == ("x'; DROP TABLE y --", 20)


def test_depth_and_length_are_bounded() -> None:
    deep = "(" * (MAX_DEPTH + 2) + "qual > 1" + ")" * (MAX_DEPTH + 2)
    for text in (deep, "not " * 500 + "has_mane", " or ".join(["qual > 1"] * 900)):
        with pytest.raises(BadExpression):
            parsed(text)


@PLAIN
@given(text=st.text(max_size=200))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    assert_parsed_or_refused(text)


def assert_parsed_or_refused(text: str) -> None:
    """Nothing but a place in the text, or SQL with as many holes as values."""
    try:
        condition = compiled(parsed(text), SCHEMA)
    except BadExpression as error:
        place: int | None = error.position
    else:
        place = None
        assert condition.sql.count("?") == len(condition.values)
    assert place is None or 0 <= place <= len(text)


_WORDS = st.sampled_from(
    ["qual", "impact", "has_mane", "s1.gq", "transcripts_impact", "transcripts_protein_start",
     "and", "or", "not", "in", "is", "missing", "contains", "(", ")", "[", "]", ",", "==", "<", ">",
     '"HIGH"', "'a'", "3", "1e5", "true", "sample", ".", "gt", '"NA 12:1"']
)  # fmt: skip


@PLAIN
@given(words=st.lists(_WORDS, max_size=25))
def test_any_words_are_parsed_or_refused(words: list[str]) -> None:
    assert_parsed_or_refused(" ".join(words))


_TESTS = st.sampled_from(
    ["qual > 300", "impact == 'MODERATE'", '"APP" in all_symbols', "has_mane", "s1.gq >= 30",
     "max_af is missing", "max_af < 0.05", '"MODERATE" in transcripts_impact',
     "transcripts_protein_start > 300", 'impact in ("HIGH", "LOW")', 'hgvsp contains "Val"',
     "s1_ad_alt > s2_ad_alt", "term not in ('intron_variant')", "is_pathogenic == true"]
)  # fmt: skip


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(parts, st.sampled_from(["and", "or"]), parts).map(lambda p: f"({' '.join(p)})"),
        parts.map(lambda part: f"not ({part})"),
    )


@settings(
    max_examples=60,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.recursive(_TESTS, _joined, max_leaves=6))
def test_an_expression_its_opposite_and_the_unknown_are_all_rows(
    text: str, family_file: Path, open_table: OpenTable
) -> None:
    with open_table(family_file) as table:
        kept, _ = asked(table, {"where": [text]})
        opposite, _ = asked(table, {"where": [f"not ({text})"]})
        rows = table.schema.rows
    assert kept.total + opposite.total + kept.funnel[0].missing_count == rows


INJECTIONS = [
    "'; DROP TABLE x; --",
    '" OR 1=1 --',
    "1) OR (1=1",
    "read_csv('/etc/passwd')",
    "\\'; SELECT 1",
    "a\x00b",
]


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("name", ["gene", "q", "rs"])
def test_text_of_users_finds_nothing_and_runs_nothing(
    text: str, name: str, family_file: Path, open_table: OpenTable
) -> None:
    with open_table(family_file) as table:
        counts, keys = asked(table, {name: [text]})
        assert (counts.total, keys) == (0, [])
        assert asked(table, {})[0].total == table.schema.rows


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("name", ["sort", "columns", "where", "region", "genotype", "impact"])
def test_text_of_users_is_never_a_name(
    text: str, name: str, family_file: Path, open_table: OpenTable
) -> None:
    with open_table(family_file) as table, pytest.raises(BadParameter):
        asked(table, {name: [text]})
