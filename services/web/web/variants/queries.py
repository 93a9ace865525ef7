"""A plan as SQL: counts of each step in one scan, the rows of a page, and what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web.variants.keys import FILE, ROW, Query
from web.variants.order import Order, order_sql
from web.variants.schema import Column
from web.variants.sql import TRUE, Condition, all_of
from web.variants.steps import Missing, Step

FIRST_ROWS = 20_000
"""So many rows the scan that counts names: if there are no more, only those need be sorted."""


@dataclass(frozen=True, slots=True)
class StepCount:
    """How many rows a step left and removed, and how many of those it saw lack the value."""

    step: Step
    remaining: int
    removed: int
    missing_count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The exact total and the funnel; ``hidden_pathogenic`` only the filter of frequency hides.

    ``first`` has the places of the first ``FIRST_ROWS`` rows in the order of the file.
    """

    total: int
    funnel: tuple[StepCount, ...]
    hidden_pathogenic: int
    first: tuple[int, ...]

    def followed_by(self, later: Counts) -> Counts:
        """These with the counts of the steps that come after."""
        funnel = (*self.funnel, *later.funnel)
        hidden = self.hidden_pathogenic + later.hidden_pathogenic
        return Counts(later.total, funnel, hidden, later.first)


def funnel_query(
    path: Path, steps: Sequence[Step], among: Condition = TRUE, last: int = -1
) -> Query:
    """One row: what each step removed, what it saw missing, what is hidden, the first rows.

    ``stage`` n is the step, from 1, that removes a row, 0 none; -n if it removes the row for want
    of the value. Steps are looked at in order, and no further than that one. Only rows for which
    ``among`` is true are looked at; the first rows are those behind the place ``last``.
    """
    first = steps[0].condition if _is_pushed_down(steps) else TRUE
    kept = _kept(steps)
    inner = [_stage(steps), Condition(f"{ROW} AS place")]
    inner += [Condition(f"{c.sql} AS missing_{n}", c.values) for n, c in kept]
    hiding = next((n for n, step in enumerate(steps, start=1) if step.hides_pathogenic), 0)
    if hiding:
        inner.append(Condition("is_pathogenic"))
    outer = [f"count_if(stage = {n})" for n in range(len(steps) + 1)]
    outer += [f"count_if(stage = -{n})" for n in range(1, len(steps) + 1)]
    outer += [f"count_if((stage = 0 OR abs(stage) > {n}) AND missing_{n})" for n, _ in kept]
    outer.append(f"count_if(abs(stage) = {hiding} AND is_pathogenic)" if hiding else "0")
    outer.append(f"min(place, {FIRST_ROWS}) FILTER (WHERE stage = 0 AND place > ?)")
    where = all_of(part for part in (among, first) if part is not TRUE)
    sql = (
        f"SELECT {', '.join(outer)} FROM (SELECT {', '.join(c.sql for c in inner)}"
        f" FROM {FILE} WHERE {where.sql})"
    )
    values = [value for condition in inner for value in condition.values]
    return Query(sql, (last, *values, str(path), *where.values))


def counts_of(seen: int, steps: Sequence[Step], found: Sequence[Any]) -> Counts:
    """The counts from the row of ``funnel_query``; ``seen`` is how many rows ``among`` has."""
    many, kept = len(steps), _kept(steps)
    *counts, first = found
    # Of no rows at all, DuckDB's counts are null.
    passed, *numbers, hidden = (count or 0 for count in counts)
    known, lacking, missing = numbers[:many], numbers[many : 2 * many], numbers[2 * many :]
    removed = [known[n] + lacking[n] for n in range(many)]
    missing_of = dict(enumerate(lacking)) | {
        n: count for (n, _), count in zip(kept, missing, strict=True)
    }
    if _is_pushed_down(steps):  # what the reader skipped was not counted
        removed[0] = seen - passed - sum(removed[1:])
    left, funnel = seen, []
    for number, step in enumerate(steps):
        left -= removed[number]
        funnel.append(StepCount(step, left, removed[number], missing_of[number]))
    return Counts(passed, tuple(funnel), hidden, tuple(first or ()))


def page_query(
    path: Path, condition: Condition, order: Sequence[Order], limit: int, after: Condition = TRUE
) -> Query:
    """The places of the first ``limit`` rows, of those for which ``after`` is true."""
    wanted = all_of(part for part in (after, condition) if part is not TRUE)
    sql = f"SELECT {ROW} FROM {FILE} WHERE {wanted.sql} ORDER BY {order_sql(order)}"
    return Query(f"{sql} LIMIT {limit:d}", (str(path), *wanted.values))


def rows_query(path: Path, columns: Sequence[Column], places: Sequence[int]) -> Query:
    """Place, ``record``, ``allele`` and the columns of these rows, in any order."""
    names = ", ".join([ROW, "record", "allele", *(column.sql for column in columns)])
    among = among_places(places)
    return Query(f"SELECT {names} FROM {FILE} WHERE {among.sql}", (str(path), *among.values))


def among_places(places: Sequence[int]) -> Condition:
    """True for the rows at these places.

    The bounds let the reader skip row groups; with the list as a subquery it decodes the other
    columns only where a row is found, which a list of values would not do.
    """
    return Condition(
        f"{ROW} BETWEEN ? AND ? AND {ROW} IN (SELECT unnest(?))",
        (min(places), max(places), list(places)),
    )


def _is_pushed_down(steps: Sequence[Step]) -> bool:
    """Whether the reader can skip what the first step removes: nothing else is asked of it."""
    return bool(steps) and steps[0].missing is Missing.NONE


def _stage(steps: Sequence[Step]) -> Condition:
    """The stage of a row. Nested, as DuckDB tests only what the steps before have kept."""
    inner = Condition("0")
    for number, step in reversed(list(enumerate(steps, start=1))):
        lacks = step.missing is Missing.REMOVED
        missing = Condition(f" WHEN {step.is_missing.sql} THEN -{number}", step.is_missing.values)
        missing = missing if lacks else Condition("")
        inner = Condition(
            f"CASE WHEN {step.condition.sql} THEN {inner.sql}{missing.sql} ELSE {number} END",
            (*step.condition.values, *inner.values, *missing.values),
        )
    return Condition(f"{inner.sql} AS stage", inner.values)


def _kept(steps: Sequence[Step]) -> list[tuple[int, Condition]]:
    """The steps, from 0, that keep rows without the value, and where it is missing."""
    return [(n, s.is_missing) for n, s in enumerate(steps) if s.missing is Missing.KEPT]
