"""A plan as SQL: counts of each step in one scan, the rows of a page, and what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web.variants.keys import FILE, ROW, Query
from web.variants.order import Order, order_sql
from web.variants.schema import Column
from web.variants.sql import FALSE, TRUE, Condition, all_of, inverse
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


def funnel_query(path: Path, steps: Sequence[Step], last: int = -1) -> Query:
    """One row: what each step removed, what it saw missing, what is hidden, the first rows.

    ``stage`` n is the step, from 1, that removes a row, 0 none. Steps are looked at in order, and
    no further than that one. The rows are those behind the place ``last``.
    """
    first = steps[0].condition if _is_pushed_down(steps) else TRUE
    stage = _stage(steps)
    tested = _tested(steps)
    inner = [Condition(f"{stage.sql} AS stage", stage.values), Condition(f"{ROW} AS place")]
    inner += [Condition(f"{c.sql} AS missing_{n}", c.values) for n, c in tested]
    hiding = next((n for n, step in enumerate(steps, start=1) if step.hides_pathogenic), 0)
    if hiding:
        inner.append(Condition("is_pathogenic"))
    outer = [f"count_if(stage = {n})" for n in range(len(steps) + 1)]
    outer += [f"count_if((stage = 0 OR stage > {n}) AND missing_{n})" for n, _ in tested]
    outer.append(f"count_if(stage = {hiding} AND is_pathogenic)" if hiding else "0")
    outer.append(f"min(place, {FIRST_ROWS}) FILTER (WHERE stage = 0 AND place > ?)")
    sql = (
        f"SELECT {', '.join(outer)} FROM (SELECT {', '.join(c.sql for c in inner)}"
        f" FROM {FILE} WHERE {first.sql})"
    )
    values = [value for condition in inner for value in condition.values]
    return Query(sql, (last, *values, str(path), *first.values))


def counts_of(rows: int, steps: Sequence[Step], found: Sequence[Any]) -> Counts:
    """The counts from the row of ``funnel_query``; ``rows`` is the size of the file."""
    # Of no rows at all, DuckDB's counts are null.
    passed, *removed = (count or 0 for count in found[: len(steps) + 1])
    tested = [n for n, _ in _tested(steps)]
    *missing, hidden, first = found[len(steps) + 1 :]
    missing_of = {n: count or 0 for n, count in zip(tested, missing, strict=True)}
    if _is_pushed_down(steps):  # what the reader skipped was not counted
        removed[0] = rows - passed - sum(removed[1:])
    left, funnel = rows, []
    for number, step in enumerate(steps):
        left -= removed[number]
        funnel.append(StepCount(step, left, removed[number], missing_of.get(number, 0)))
    return Counts(passed, tuple(funnel), hidden or 0, tuple(first or ()))


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
    removing = [inverse(step.condition) for step in steps]
    cases = " ".join(f"WHEN {c.sql} THEN {n}" for n, c in enumerate(removing, start=1))
    values = tuple(value for condition in removing for value in condition.values)
    return Condition(f"CASE {cases} ELSE 0 END", values) if steps else Condition("0")


def _tested(steps: Sequence[Step]) -> list[tuple[int, Condition]]:
    """The steps, from 0, whose value can be missing, and where it is."""
    return [(n, s.is_missing) for n, s in enumerate(steps) if s.is_missing is not FALSE]
