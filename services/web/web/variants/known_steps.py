"""Steps on known variants: frequency, clinical significance, review stars, names, text."""

from __future__ import annotations

from collections.abc import Iterator

from web.variants.question import Question
from web.variants.sql import Condition, any_of
from web.variants.steps import Missing, Step

FREQUENCY = "coalesce(max_af, greatest(af, gnomade_af, gnomadg_af))"
"""The highest frequency in one population; where none is known, the highest overall one."""


def frequency_steps(question: Question) -> Iterator[Step]:
    """The highest frequency; a variant without one is kept, as it is new rather than common."""
    if question.max_af is None:
        return
    rare = Condition(f"{FREQUENCY} <= ?", (question.max_af,))
    unknown = Condition(f"{FREQUENCY} IS NULL")
    keeps = question.keep_missing_af
    yield Step(
        "max_af",
        f"Frequency at most {question.max_af:g} in every population",
        any_of([rare, unknown]) if keeps else rare,
        Missing.KEPT if keeps else Missing.REMOVED,
        unknown,
        hides_pathogenic=True,
    )
