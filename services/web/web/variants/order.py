"""The order of rows, and what is behind a row in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from web.variants.keys import ROW
from web.variants.schema import Column
from web.variants.sql import Condition, Value, all_of, any_of


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by; missing values come last in both directions."""

    column: Column
    is_descending: bool


def order_sql(order: Sequence[Order]) -> str:
    """The order as SQL. Ties are broken by the place in the file, so pages never overlap."""
    names = [f"{by.column.sql} {'DESC' if by.is_descending else 'ASC'} NULLS LAST" for by in order]
    return ", ".join([*names, ROW])


def after(order: Sequence[Order], values: Sequence[Value], row: int) -> Condition:
    """True for rows behind the one at that place, which has these values in ``order``."""
    last = Condition(f"{ROW} > ?", (row,))
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
