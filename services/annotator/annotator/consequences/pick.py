"""Which one transcript stands for a variant, and which transcripts a result has.

Source: "Ensembl VEP, options for filtering results", ``--pick_order``. VEP picks by the first
criterion that tells two transcripts apart; what is left equal is decided by the order of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Literal, get_args

import numpy as np
import polars as pl

from annotator.consequences.alleles import Flags
from annotator.consequences.genetic_code import Columns
from annotator.consequences.transcript_table import TranscriptTable

Criterion = Literal[
    "mane_select",
    "mane_plus_clinical",
    "canonical",
    "appris",
    "tsl",
    "biotype",
    "rank",
    "ccds",
    "length",
]
PICK_ORDER: tuple[Criterion, ...] = get_args(Criterion)
"""What counts first; a bundle or a job may give another order, or fewer."""

Selection = Literal["all", "mane", "picked"]
"""Which transcripts a result has: all; MANE and canonical ones (the picked one where a variant has
none of these); the picked one."""

_NO_LEVEL = 100
_WORST = np.iinfo(np.int64).max
_APPRIS = {f"P{level}": level for level in range(1, 6)} | {"A1": 11, "A2": 12}
_GRADES: dict[str, pl.Expr] = {
    "mane_select": pl.col("MANE_SELECT").is_null(),
    "mane_plus_clinical": pl.col("MANE_PLUS_CLINICAL").is_null(),
    "canonical": pl.col("CANONICAL").is_null(),
    "appris": pl.col("APPRIS").replace_strict(_APPRIS, default=_NO_LEVEL, return_dtype=pl.Int64),
    "tsl": pl.col("TSL").cast(pl.Int64).fill_null(_NO_LEVEL),
    "biotype": pl.col("BIOTYPE").fill_null("") != "protein_coding",
    "ccds": pl.col("CCDS").is_null(),
}
"""What each criterion makes of a transcript: lower is better."""
_IS_MAIN = pl.any_horizontal(pl.col("MANE", "CANONICAL").is_not_null())


class Picker:
    """Picks by an order of criteria."""

    def __init__(self, table: TranscriptTable, order: Sequence[Criterion] = PICK_ORDER) -> None:
        self._order = tuple(order)
        grades = table.about.select(_GRADES[one].alias(one) for one in _order_by_transcript(order))
        # The last place is that of no transcript at all.
        self._grades = {
            name: np.append(grades[name].cast(pl.Int64).to_numpy(), 0) for name in grades.columns
        }
        sizes = np.where(table.coding_first > 0, table.coding_lengths, table.lengths)
        self._grades["length"] = np.append(-sizes, 0)
        main = table.about.select(_IS_MAIN.alias("main"))["main"].to_numpy()
        self._is_main = np.append(main, values=True)

    def picked(self, allele: Columns, transcript: Columns, bits: Columns) -> Flags:
        """One pair of each allele. ``allele`` is sorted; ``bits`` are the terms of each pair."""
        if not len(allele):
            return np.zeros(0, dtype=np.bool_)
        severity = bits & -bits
        keys = [
            severity if criterion == "rank" else self._grades[criterion][transcript]
            for criterion in self._order
        ]
        order = np.lexsort((*reversed(keys), allele))
        first = np.flatnonzero(np.diff(allele[order], prepend=allele[order[0]] - 1))
        flags = np.zeros(len(allele), dtype=np.bool_)
        flags[order[first]] = True
        return flags

    def candidates(self, selection: Selection, allele: Columns, transcript: Columns) -> Flags:
        """Which pairs a result may have, or may be picked, as far as transcripts alone tell.

        ``allele`` is sorted. Only these need be judged: what ``picked`` and ``selected`` say of
        them is what they would say of all.
        """
        if selection == "all" or not len(allele):
            return np.ones(len(allele), dtype=np.bool_)
        flags = np.ones(len(allele), dtype=np.bool_)
        for criterion in takewhile(lambda one: one != "rank", self._order):
            grades = self._grades[criterion][transcript]
            grades = np.where(flags, grades, _WORST)
            begins = np.flatnonzero(np.diff(allele, prepend=allele[0] - 1))
            sizes = np.diff(begins, append=len(allele))
            flags &= grades == np.repeat(np.minimum.reduceat(grades, begins), sizes)
        return flags | self._is_main[transcript] if selection == "mane" else flags

    def selected(
        self, selection: Selection, allele: Columns, transcript: Columns, picked: Flags
    ) -> Flags:
        """Which pairs a result has."""
        if selection == "all":
            return np.ones(len(allele), dtype=np.bool_)
        if selection == "picked":
            return picked
        main = self._is_main[transcript]
        has_main = np.zeros(int(allele.max(initial=0)) + 1, dtype=np.bool_)
        has_main[allele[main]] = True
        kept: Flags = main | (picked & ~has_main[allele])
        return kept


def _order_by_transcript(order: Sequence[Criterion]) -> list[Criterion]:
    return [one for one in order if one in _GRADES]
