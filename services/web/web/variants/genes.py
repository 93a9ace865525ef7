"""Finds genes in a file, so that the table's scan need only look where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from web.variants.keys import FILE, ROW
from web.variants.sql import FALSE, Condition, Value, all_of, any_of

_MOST_SYMBOLS = 50_000


class Rows(Protocol):
    """Runs SQL with its values."""

    def __call__(self, sql: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]: ...


@dataclass(frozen=True, slots=True)
class FoundGenes:
    """True for the rows of the genes; and the names that the file does not have."""

    condition: Condition
    unknown: tuple[str, ...]


def find_genes(rows: Rows, path: Path, genes: Sequence[str]) -> FoundGenes:
    """The rows in which a transcript is of one of the genes, given by symbol or id.

    Two small queries find which values of ``all_symbols`` and ``gene`` are meant and where in
    the file. Comparing every row with 10,000 names took ten times as long.
    """
    spellings = {gene: {gene, symbol_of(gene)} for gene in genes}
    names = sorted({name for several in spellings.values() for name in several})
    by_symbol = rows(_BY_SYMBOL, [str(path), names])
    met = {word for text, _, _ in by_symbol for word in text.split("&")}
    left = [gene for gene, several in spellings.items() if not several & met]
    by_id = rows(_BY_ID, [str(path), left]) if left else []
    met |= {text for text, _, _ in by_id}
    unknown = tuple(gene for gene, several in spellings.items() if not several & met)
    parts = [
        _inside(column, found)
        for column, found in (("all_symbols", by_symbol), ("gene", by_id))
        if found
    ]
    return FoundGenes(any_of(parts) if parts else FALSE, unknown)


_BY_SYMBOL = f"""
SELECT text, first, last
FROM (SELECT all_symbols AS text, min({ROW}) AS first, max({ROW}) AS last
      FROM {FILE} WHERE all_symbols IS NOT NULL GROUP BY text)
WHERE list_has_any(string_split(text, '&'), ?) LIMIT {_MOST_SYMBOLS}
"""
_BY_ID = f"""
SELECT gene, min({ROW}), max({ROW}) FROM {FILE}
WHERE gene IN (SELECT unnest(?)) GROUP BY gene LIMIT {_MOST_SYMBOLS}
"""


def _inside(column: str, found: list[tuple[Any, ...]]) -> Condition:
    """True for these values; the bounds let the reader skip row groups."""
    first, last = min(row[1] for row in found), max(row[2] for row in found)
    texts = [row[0] for row in found]
    if len(texts) == 1:
        equal = Condition(f"{column} = ?", (texts[0],))
    else:
        equal = Condition(f"{column} IN (SELECT unnest(?))", (texts,))
    return all_of([Condition(f"{ROW} BETWEEN ? AND ?", (first, last)), equal])


def symbol_of(name: str) -> str:
    """The name as HGNC would write it: upper case but for ``orf``."""
    upper = name.upper()
    head, orf, tail = upper.partition("ORF")
    is_open_frame = orf and head.startswith("C") and head[1:].isalnum() and tail[:1].isdigit()
    return f"{head}orf{tail}" if is_open_frame else upper
