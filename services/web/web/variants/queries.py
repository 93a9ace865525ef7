"""A plan as SQL: counts of each step, the rows of a page, and what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web.variants.keys import FILE, ROW, Query
from web.variants.named_rows import NO_ROWS, NamedRows
from web.variants.order import Order, order_sql
from web.variants.schema import Column
from web.variants.sql import FALSE, TRUE, Condition, all_of
from web.variants.steps import Missing, Step

FIRST_ROWS = 20_000
"""So many rows the scan that counts names: if there are no more, only those need be sorted."""
COSTLY_ROWS = 200_000
"""The same where to test the rows again would take longer than to name more of them."""


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

    ``first`` names the first rows in the order of the file, ``FIRST_ROWS`` at least; without any
    step it names none.
    """

    total: int
    funnel: tuple[StepCount, ...]
    hidden_pathogenic: int
    first: NamedRows = NO_ROWS

    @property
    def are_named(self) -> bool:
        """Whether ``first`` has all rows."""
        return self.first.count == self.total

    def followed_by(self, later: Counts) -> Counts:
        """These with the counts of the steps that come after."""
        funnel = (*self.funnel, *later.funnel)
        hidden = self.hidden_pathogenic + later.hidden_pathogenic
        return Counts(later.total, funnel, hidden, later.first)


@dataclass(frozen=True, slots=True)
class Round:
    """Steps that one scan looks at, of the rows for which ``among`` is true.

    ``lacking`` says how many of these rows lack what the first step tests, if that is known. Then
    the reader may skip all that this step removes: none of it need be counted.
    """

    steps: tuple[Step, ...]
    among: Condition = TRUE
    lacking: int | None = None

    @property
    def is_pushed_down(self) -> bool:
        """Whether the reader can skip what the first step removes."""
        return bool(self.steps) and self.lacking is not None and not self.steps[0].hides_pathogenic

    @property
    def most(self) -> int:
        """So many rows are named."""
        return COSTLY_ROWS if any(step.is_costly for step in self.steps) else FIRST_ROWS

    @property
    def where(self) -> Condition:
        """True for the rows that must be read."""
        first = [self.steps[0].condition] if self.is_pushed_down else []
        return all_of(part for part in (self.among, *first) if part is not TRUE)

    @property
    def kept(self) -> list[tuple[int, Condition]]:
        """The steps, from 0, that keep rows without the value, and where it is missing."""
        return [
            (n, step.is_missing)
            for n, step in enumerate(self.steps)
            if step.missing is Missing.KEPT and not (n == 0 and self.is_pushed_down)
        ]

    @property
    def stage(self) -> Condition:
        """The step, from 1, that removes a row, 0 if none; negative if for want of the value.

        Nested, as DuckDB tests only what the steps before have kept.
        """
        inner = Condition("0")
        for number, step in reversed(list(enumerate(self.steps, start=1))):
            if number == 1 and self.is_pushed_down:
                continue
            lacks = step.is_missing if step.missing is Missing.REMOVED else FALSE
            lacking = f" WHEN {lacks.sql} THEN -{number}" if lacks is not FALSE else ""
            inner = Condition(
                f"CASE WHEN {step.condition.sql} THEN {inner.sql}{lacking} ELSE {number} END",
                (*step.condition.values, *inner.values, *lacks.values),
            )
        return inner


def funnel_query(path: Path, round_: Round, table: str, last: int = -1) -> Query:
    """Makes ``table``: what each step removed, what it saw missing, what is hidden, the first rows.

    The first rows are those behind the place ``last``.
    """
    stage, kept, steps = round_.stage, round_.kept, round_.steps
    inner = [Condition(f"{stage.sql} AS stage", stage.values), Condition(f"{ROW} AS place")]
    inner += [Condition(f"{c.sql} AS missing_{n}", c.values) for n, c in kept]
    hiding = next((n for n, step in enumerate(steps, start=1) if step.hides_pathogenic), 0)
    if hiding:
        inner.append(Condition("is_pathogenic"))
    first = 1 if round_.is_pushed_down else 0
    tested = list(enumerate(steps, start=1))[first:]
    outer = ["count_if(stage = 0)" if tested else "count(*)"]
    outer += ["0"] * first + [f"count_if(stage = {n})" for n, _ in tested]
    outer += ["0"] * first
    outer += [
        f"count_if(stage = -{n})" if step.missing is Missing.REMOVED else "0" for n, step in tested
    ]
    outer += [f"count_if((stage = 0 OR abs(stage) > {n}) AND missing_{n})" for n, _ in kept]
    outer.append(f"count_if(abs(stage) = {hiding} AND is_pathogenic)" if hiding else "0")
    shown = [part for part, is_asked in (("stage = 0", tested), ("place > ?", last >= 0))
             if is_asked]  # fmt: skip
    filtered = f" FILTER (WHERE {' AND '.join(shown)})" if shown else ""
    named = [f"{count} AS count_{n}" for n, count in enumerate(outer)]
    named.append(f"min(place, {round_.most}){filtered} AS first")
    where = round_.where
    sql = (
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {', '.join(named)}"
        f" FROM (SELECT {', '.join(c.sql for c in inner)} FROM {FILE} WHERE {where.sql})"
    )
    values = [value for condition in inner for value in condition.values]
    behind = (last,) if last >= 0 else ()
    return Query(sql, (*behind, *values, str(path), *where.values))


def found_query(table: str) -> Query:
    """The counts that ``funnel_query`` made; how many rows are named, the first and the last."""
    names = "* EXCLUDE (first), len(first), first[1], first[-1]"
    return Query(f"SELECT {names} FROM {table}", ())


def counts_of(seen: int, round_: Round, table: str, found: Sequence[Any]) -> Counts:
    """The counts from the row of ``found_query``; ``seen`` is how many rows the round has."""
    steps, many = round_.steps, len(round_.steps)
    *counts, named, least, greatest = found
    # Of no rows at all, DuckDB's counts are null.
    passed, *numbers, hidden = (count or 0 for count in counts)
    known, lacking, kept = numbers[:many], numbers[many : 2 * many], numbers[2 * many :]
    removed = [known[n] + lacking[n] for n in range(many)]
    missing = dict(enumerate(lacking))
    missing |= {n: count for (n, _), count in zip(round_.kept, kept, strict=True)}
    if round_.is_pushed_down:  # what the reader skipped was not counted
        removed[0] = seen - passed - sum(removed[1:])
        missing[0] = round_.lacking or 0
    left, funnel = seen, []
    for number, step in enumerate(steps):
        left -= removed[number]
        funnel.append(StepCount(step, left, removed[number], missing[number]))
    first = NamedRows(table, named or 0, least or 0, greatest or 0)
    return Counts(passed, tuple(funnel), hidden, first)


def any_place_query(path: Path, conditions: Sequence[Condition], limit: int) -> Query:
    """Up to ``limit`` places of rows for which one of the conditions is true, each once."""
    scans = " UNION ".join(f"SELECT {ROW} FROM {FILE} WHERE {c.sql}" for c in conditions)
    values = [value for c in conditions for value in (str(path), *c.values)]
    return Query(f"{scans} LIMIT {limit:d}", tuple(values))


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
