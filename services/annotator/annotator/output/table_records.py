"""What lines of the table begin with: the record's own columns, from CHROM to FILTER."""

from __future__ import annotations

import numpy as np
import polars as pl

from annotator.validate.rows import Rows
from annotator.vcf.columns import ALT, CHROM, FILTER, ID, INFO, Offsets, Spans, Table
from annotator.vcf.strings import strings

MOST_ALT_BYTES = 1_000
"""Of a record with a longer list of ALT, a line has only its own allele: 70,000 of them in each of
70,000 lines would be gigabytes."""

_FORMULA = np.frombuffer(b"=+-@", dtype=np.uint8)
"""What a spreadsheet computes if a cell begins with it. Of these columns only ID and FILTER can."""


def records_of(rows: Rows, places: Offsets, alleles: Offsets) -> pl.Series:
    """The beginning of each line, of that record and that allele of it, from 1.

    An ID or FILTER that a spreadsheet would compute has an apostrophe before it.
    """
    table = rows.table
    different, which = np.unique(places, return_inverse=True)
    fixed = Spans(table.column(CHROM).starts, table.column(INFO).starts - 1)
    texts = strings(table.bytes, fixed[different])
    formulas = np.flatnonzero(_is_formula(table, different))
    if len(formulas):
        texts = texts.scatter(formulas, [_defused(text) for text in texts.gather(formulas)])
    lines = texts.gather(which)
    alt = table.column(ALT)[different]
    many = np.flatnonzero((alt.lengths > MOST_ALT_BYTES)[which])
    if len(many):
        lists = {place: _Alleles(texts[int(place)]) for place in np.unique(which[many])}
        own = [lists[which[line]].line(int(alleles[line])) for line in many]
        lines = lines.scatter(many, own)
    return lines


def _is_formula(table: Table, places: Offsets) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    first = [table.bytes[table.column(column).starts[places]] for column in (ID, FILTER)]
    return np.isin(first[0], _FORMULA) | np.isin(first[1], _FORMULA)


def _defused(text: str) -> str:
    cells = text.split("\t")
    for column in (ID, FILTER):
        if cells[column].startswith(("=", "+", "-", "@")):
            cells[column] = f"'{cells[column]}"
    return "\t".join(cells)


class _Alleles:
    """A record with very many alternate alleles."""

    def __init__(self, text: str) -> None:
        self._cells = text.split("\t")
        self._alleles = self._cells[ALT].split(",")

    def line(self, allele: int) -> str:
        """The beginning of a line of that allele, from 1."""
        cells = self._cells
        return "\t".join([*cells[:ALT], self._alleles[allele - 1], *cells[ALT + 1 :]])
