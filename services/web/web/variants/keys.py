"""Keys of rows, and SQL with its values."""

from __future__ import annotations

from dataclasses import dataclass

from web.variants.sql import Value

FILE = "read_parquet(?, file_row_number = true)"
ROW = "file_row_number"
"""The place of a row in the file, from 0: in order of the file, and nothing need be read for it."""
_MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Key:
    """A row: the record's number in the VCF from 1, and the allele's in ALT (0 for none)."""

    record: int
    allele: int

    def __str__(self) -> str:
        return f"{self.record}.{self.allele}"

    @classmethod
    def parsed(cls, text: str) -> Key | None:
        """The key that ``str`` writes so; None for other text."""
        record, _, allele = text.partition(".")
        parts = (record, allele)
        if all(part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS for part in parts):
            return cls(int(record), int(allele))
        return None


@dataclass(frozen=True, slots=True)
class Query:
    """SQL with its values, ready for the engine."""

    sql: str
    values: tuple[Value, ...]
