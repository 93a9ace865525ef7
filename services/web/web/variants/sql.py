"""Pieces of SQL. Their text is ours; whatever a user wrote is among the bound values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Value = bool | int | float | str | list[str] | list[int] | None


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL with a ``?`` for each of ``values``, in order."""

    sql: str
    values: tuple[Value, ...] = ()


TRUE = Condition("TRUE")
FALSE = Condition("FALSE")


def all_of(conditions: Iterable[Condition]) -> Condition:
    """True where every condition is; TRUE without any."""
    return _joined(list(conditions), " AND ", TRUE)


def any_of(conditions: Iterable[Condition]) -> Condition:
    """True where one condition is at least; FALSE without any."""
    return _joined(list(conditions), " OR ", FALSE)


def quoted(name: str) -> str:
    """A column's name as SQL. ``name`` comes from the file's own schema."""
    return '"' + name.replace('"', '""') + '"'


def _joined(conditions: Sequence[Condition], word: str, empty: Condition) -> Condition:
    if not conditions:
        return empty
    if len(conditions) == 1:
        return conditions[0]
    text = word.join(f"({condition.sql})" for condition in conditions)
    return Condition(text, tuple(v for condition in conditions for v in condition.values))
