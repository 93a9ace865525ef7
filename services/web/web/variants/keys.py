"""Keys of rows, and SQL with its values."""

from __future__ import annotations

from dataclasses import dataclass

from web.variants.sql import Value

FILE = "read_parquet(?)"
_ALLELES = 1 << 20
_MOST_DIGITS = 15
KEY = f"record * {_ALLELES} + allele"
"""A row's key as one number, which grows in the order of the file."""


@dataclass(frozen=True, slots=True, order=True)
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

    @classmethod
    def of(cls, number: int) -> Key:
        """The key that is that number."""
        return cls(*divmod(number, _ALLELES))

    @property
    def number(self) -> int:
        """The key as one number, as ``KEY`` gives it."""
        return self.record * _ALLELES + self.allele


@dataclass(frozen=True, slots=True)
class Query:
    """SQL with its values, ready for the engine."""

    sql: str
    values: tuple[Value, ...]
