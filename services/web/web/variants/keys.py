"""Keys of rows, and SQL with its values."""

from __future__ import annotations

from dataclasses import dataclass

from web.variants.sql import Value

FILE = "read_parquet(?, file_row_number = true)"
ROW = "file_row_number"
"""The place of a row in the file, from 0: in order of the file, and nothing need be read for it."""


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
