"""A plan as SQL: counts of each step in one scan, the keys of a page, rows by their keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web.variants.plan import Order, Plan
from web.variants.schema import Column
from web.variants.sql import FALSE, TRUE, Condition, Value, all_of, any_of, inverse
from web.variants.steps import Missing, Step

FILE = "read_parquet(?)"


@dataclass(frozen=True, slots=True)
class Key:
    """A row: the record's number in the VCF from 1, and the allele's in ALT (0 for none)."""

    record: int
    allele: int

    def __str__(self) -> str:
        return f"{self.record}.{self.allele}"


@dataclass(frozen=True, slots=True)
class Query:
    """SQL with its values, ready for the engine."""

    sql: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class StepCount:
    """How many rows a step left and removed, and how many of those it saw lack the value."""

    step: Step
    remaining: int
    removed: int
    missing_count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The exact total and the funnel; ``hidden_pathogenic`` only the filter of frequency hides."""

    total: int
    funnel: tuple[StepCount, ...]
    hidden_pathogenic: int


def funnel_query(path: Path, steps: Sequence[Step]) -> Query:
    """Rows of (stage, mask, pathogenic, count): ``stage`` n is the n-th step, which removed them.

    Stage 0 passed all. Bit n of ``mask`` says that the value of step n, from 0, is missing. Steps
    are looked at in order, and no further than the one that removes the row.
    """
    first = _pushed_down(steps)
    stage = _stage(steps)
    bits = [_bit(n, step) for n, step in enumerate(steps) if step.is_missing is not FALSE]
    mask = Condition(
        " + ".join(b.sql for b in bits) or "0", tuple(v for b in bits for v in b.values)
    )
    sql = (
        f"SELECT stage, mask, stage = {_hiding(steps)} AND is_pathogenic IS TRUE AS hidden,"
        " count(*)"
        f" FROM (SELECT {stage.sql} AS stage, {mask.sql} AS mask, is_pathogenic"
        f" FROM {FILE} WHERE {first.sql}) GROUP BY ALL"
    )
    return Query(sql, (*stage.values, *mask.values, str(path), *first.values))


def counts_of(rows: int, steps: Sequence[Step], found: Sequence[tuple[Any, ...]]) -> Counts:
    """The counts from the answer of ``funnel_query``; ``rows`` is the size of the file."""
    left, funnel = rows, []
    for number, step in enumerate(steps):
        remaining = sum(n for stage, _, _, n in found if not 0 < stage <= number + 1)
        missing = sum(
            n for stage, mask, _, n in found if not 0 < stage <= number and mask >> number & 1
        )
        funnel.append(StepCount(step, remaining, left - remaining, missing))
        left = remaining
    hidden = sum(n for _, _, is_hidden, n in found if is_hidden)
    return Counts(left, tuple(funnel), hidden)


def page_query(path: Path, plan: Plan, limit: int, after: Condition = TRUE) -> Query:
    """The keys of the first ``limit`` rows, of those for which ``after`` is true."""
    condition = all_of([after, plan.condition] if after is not TRUE else [plan.condition])
    sql = f"SELECT record, allele FROM {FILE} WHERE {condition.sql} ORDER BY {_order(plan.order)}"
    return Query(f"{sql} LIMIT {limit:d}", (str(path), *condition.values))


def rows_query(path: Path, columns: Sequence[Column], keys: Sequence[Key]) -> Query:
    """``record``, ``allele`` and the columns of these rows, in any order."""
    names = ", ".join(["record", "allele", *(column.sql for column in columns)])
    records = [key.record for key in keys]
    sql = (
        f"SELECT {names} FROM {FILE} WHERE record >= ? AND record <= ?"
        f" AND record IN ({', '.join('?' * len(records))})"
    )
    return Query(sql, (str(path), min(records), max(records), *records))


def after(order: Sequence[Order], values: Sequence[Value], key: Key) -> Condition:
    """True for rows behind the one with these values in ``order`` and this key."""
    behind = [
        Condition("record > ?", (key.record,)),
        Condition("record = ? AND allele > ?", (key.record, key.allele)),
    ]
    last = any_of(behind)
    for by, value in reversed(list(zip(order, values, strict=True))):
        last = _behind(by, value, last)
    return last


def _behind(by: Order, value: Value, among_equals: Condition) -> Condition:
    name = by.column.sql
    if value is None:  # missing values are last, so only other missing ones follow
        return all_of([Condition(f"{name} IS NULL"), among_equals])
    sign = "<" if by.is_descending else ">"
    return any_of(
        [
            Condition(f"{name} {sign} ?", (value,)),
            Condition(f"{name} IS NULL"),
            all_of([Condition(f"{name} = ?", (value,)), among_equals]),
        ]
    )


def _order(order: Sequence[Order]) -> str:
    """The order as SQL. Ties are broken by the key, so pages never overlap."""
    names = [f"{by.column.sql} {'DESC' if by.is_descending else 'ASC'} NULLS LAST" for by in order]
    return ", ".join([*names, "record", "allele"])


def _pushed_down(steps: Sequence[Step]) -> Condition:
    """The first step, if what it removes need not be looked at again: the reader can skip it."""
    return steps[0].condition if steps and steps[0].missing is Missing.NONE else TRUE


def _stage(steps: Sequence[Step]) -> Condition:
    removing = [inverse(step.condition) for step in steps]
    cases = " ".join(f"WHEN {c.sql} THEN {n}" for n, c in enumerate(removing, start=1))
    values = tuple(value for condition in removing for value in condition.values)
    return Condition(f"CASE {cases} ELSE 0 END", values) if steps else Condition("0")


def _bit(number: int, step: Step) -> Condition:
    missing = step.is_missing
    return Condition(f"CASE WHEN {missing.sql} THEN {1 << number} ELSE 0 END", missing.values)


def _hiding(steps: Sequence[Step]) -> int:
    return next((n for n, step in enumerate(steps, start=1) if step.hides_pathogenic), -1)
