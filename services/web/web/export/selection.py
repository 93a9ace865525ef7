"""What is exported: a query, its values, and what each column of its answer holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from duckdb import DuckDBPyConnection

Values = Sequence[object] | Mapping[str, object]
"""The values bound to a query's placeholders: by position, or by name."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A SELECT of the columns shown, in the order shown, with placeholders for every value.

    ``query`` ends without a semicolon. ``values`` are bound to it and never become SQL.
    """

    query: str
    values: Values = ()


class Kind(StrEnum):
    """What a column holds, as far as writers treat it differently."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    BOOLEAN = "boolean"
    TEXTS = "list of text"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the answer; ``sql`` is its name as an SQL identifier."""

    name: str
    kind: Kind

    @property
    def sql(self) -> str:
        return '"' + self.name.replace('"', '""') + '"'


def columns_of(connection: DuckDBPyConnection, selection: Selection) -> tuple[Column, ...]:
    """The columns that the query answers, in order. Raises duckdb.Error for an invalid query."""
    rows = connection.execute(f"DESCRIBE {selection.query}", _bound(selection)).fetchall()
    return tuple(Column(str(row[0]), _kind(str(row[1]))) for row in rows)


def count_of(connection: DuckDBPyConnection, selection: Selection) -> int:
    """The number of rows that the query answers."""
    query = f"SELECT count(*) FROM ({selection.query})"
    (count,) = connection.execute(query, _bound(selection)).fetchall()[0]
    return int(count)


def _bound(selection: Selection) -> object:
    return selection.values or None


_INTEGER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")
_REAL = re.compile(r"FLOAT|DOUBLE|DECIMAL.*")


def _kind(duckdb_type: str) -> Kind:
    if duckdb_type.endswith("[]"):
        return Kind.TEXTS if duckdb_type == "VARCHAR[]" else Kind.LIST
    if _INTEGER.fullmatch(duckdb_type):
        return Kind.INTEGER
    if _REAL.fullmatch(duckdb_type):
        return Kind.REAL
    return Kind.BOOLEAN if duckdb_type == "BOOLEAN" else Kind.TEXT
