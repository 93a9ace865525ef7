"""Steps on known variants: frequency, clinical significance, review stars, names, text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from web.variants.parameters import BadParameter
from web.variants.question import Question
from web.variants.schema import JOINED_BY, Column, Schema
from web.variants.site_steps import words_of
from web.variants.sql import Condition, all_of, any_of
from web.variants.steps import Missing, Step, is_null, listed, one_of
from web.variants.vocabulary import CLINICAL, NO_CLINICAL

_BETWEEN_TERMS = "[|/&,]"
_REVIEW = re.compile(r"known_.*(revstat|review)", re.IGNORECASE)
_RS = re.compile(r"(?:rs)?([0-9]+)", re.IGNORECASE)
_NAME = re.compile(r"(rs|COSV|COSM|CM|ss|nsv|esv)[0-9]", re.IGNORECASE)
_WORDS = ("all_symbols", "gene", "hgvsp", "clin_sig", "consequence")
STARS = (
    ("no_assertion", 0),
    ("practice_guideline", 4),
    ("reviewed_by_expert_panel", 3),
    ("_multiple_submitters", 2),
    ("criteria_provided", 1),
    ("_single_submitter", 1),
    ("_conflicting_", 1),
)
"""Words of ClinVar's review status and the stars that they give; the first that is found counts."""


def clinical_steps(question: Question, schema: Schema) -> Iterator[Step]:
    """ClinVar's significance and stars. Raises BadParameter where the bundle has no stars."""
    if question.clinical:
        terms = [term for name in question.clinical for term in CLINICAL.get(name, ())]
        parts = [_has_term(tuple(terms))] if terms else []
        keeps = NO_CLINICAL in question.clinical
        parts += [is_null("clin_sig")] if keeps else []
        label = f"ClinVar says {listed(question.clinical)}"
        missing = Missing.KEPT if keeps else Missing.REMOVED
        yield Step("clinical", label, any_of(parts), missing, is_null("clin_sig"))
    if question.min_stars:
        column = review_column(schema)
        if column is None:
            message = f"the bundle {schema.bundle} has no review status, so there are no stars"
            raise BadParameter("min_stars", message)
        kept = Condition(f"{stars_sql(column)} >= ?", (question.min_stars,))
        label = f"At least {question.min_stars} ClinVar stars"
        yield Step("min_stars", label, kept, Missing.REMOVED, is_null(column.sql))


def review_column(schema: Schema) -> Column | None:
    """The column of ClinVar's review status, if the bundle has it."""
    return next((c for name, c in schema.columns.items() if _REVIEW.fullmatch(name)), None)


def stars_sql(column: Column) -> str:
    """Stars from 0 to 4 of a review status; the column is part of it several times."""
    cases = [f"WHEN {column.sql} IS NULL THEN NULL"]
    for word, stars in STARS:
        cases.append(f"WHEN contains({column.sql}, '{word}') THEN {stars}")
    return f"CASE {' '.join(cases)} ELSE 0 END"


def name_steps(
    question: Question, schema: Schema, find: Callable[[Sequence[Condition]], Condition]
) -> Iterator[Step]:
    """Names of dbSNP. ``find`` looks up where one of several conditions is true."""
    if question.rs:
        names = tuple(_rs_name(name) for name in question.rs)
        found = find([_named(column, names, schema) for column in JOINED_BY])
        yield Step("rs", f"Name is {listed(names)}", found)


def text_steps(question: Question) -> Iterator[Step]:
    """Text anywhere."""
    if question.text:
        label = f"Text “{question.text}” in gene, HGVS, name or ClinVar"
        yield Step("q", label, _with_text(question.text), is_costly=True)


def _with_text(text: str) -> Condition:
    """True where the text is in a column of its kind: to search all takes three times as long."""
    if _NAME.match(text):
        columns, text = tuple(JOINED_BY), text if text[:2] != "RS" else text.lower()
        return any_of(Condition(f"contains({name}, ?)", (text,)) for name in columns)
    if text.lower().startswith("c."):
        return Condition("contains(hgvsc, ?)", (text,))
    if text.lower().startswith("p."):
        return Condition("contains(lower(hgvsp), ?)", (text.lower(),))
    parts = [Condition(f"contains(lower({name}), ?)", (text.lower(),)) for name in _WORDS]
    # Where a change is written with letters of bases, their case is part of the name.
    return any_of([*parts, Condition("contains(hgvsc, ?)", (text,))])


def frequency_steps(question: Question, schema: Schema) -> Iterator[Step]:
    """The highest frequency; a variant without one is kept, as it is new rather than common."""
    if question.max_af is None:
        return
    keeps = question.keep_missing_af
    columns = ", ".join(["max_af", *_overall(schema), *(["0"] if keeps else [])])
    unknown = all_of(is_null(name) for name in ("max_af", *schema.other_frequencies))
    yield Step(
        "max_af",
        f"Frequency at most {question.max_af:g} in every population",
        Condition(f"coalesce({columns}) <= ?", (question.max_af,)),
        Missing.KEPT if keeps else Missing.REMOVED,
        unknown,
        hides_pathogenic=True,
    )


def _overall(schema: Schema) -> list[str]:
    """What stands for the highest population where none is known: the highest overall frequency."""
    others = schema.other_frequencies
    return list(others) if len(others) < 2 else [f"greatest({', '.join(others)})"]


def _has_term(terms: tuple[str, ...]) -> Condition:
    words = f"string_split_regex(lower(clin_sig), '{_BETWEEN_TERMS}')"
    return Condition(f"list_has_any({words}, ?)", (list(terms),))


def _rs_name(name: str) -> str:
    match = _RS.fullmatch(name)
    return f"rs{match[1]}" if match else name


def _named(column: str, names: tuple[str, ...], schema: Schema) -> Condition:
    """True where a name is among those of the column; most rows have one name only."""
    if column not in schema.joined:
        return one_of(column, names)
    between = JOINED_BY[column]
    several = Condition(f"contains({column}, '{between}')")
    return any_of([one_of(column, names), all_of([several, words_of(column, names, between)])])
