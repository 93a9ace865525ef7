"""How many values a sample should have for a key, by its genotype and its alleles."""

from __future__ import annotations

from math import comb

import numpy as np

from annotator.validate.entries import Entries
from annotator.vcf.columns import Flags, Offsets

_ANY = 0
_MOST_PLOIDY, _MOST_ALLELES = 64, 10_000
_DIPLOID = 2
_MOST_VALUES = 1 << 40


class Cells:
    """What is known of each sample of each record.

    Its ploidy, how many local alleles it has, and the ``genotypes`` where FORMAT has GT.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self.ploidy: Offsets = np.full(count, _DIPLOID, dtype=np.int64)
        self.local: Offsets | None = None
        self.genotypes: Entries | None = None
        self._met: Flags | None = None

    def __len__(self) -> int:
        return self._count

    def meets(self, of: Offsets) -> Flags:
        """Which of those cells were met before."""
        if self._met is None:
            self._met = np.zeros(self._count, dtype=np.bool_)
        before: Flags = self._met[of].copy()
        self._met[of] = True
        return before


def wanted(number: bytes, alternates: Offsets, of: Offsets, cells: Cells) -> Offsets | None:
    """How many values each should have, 0 where any number is right; None if all may.

    ``alternates`` counts the alleles of ALT of each value, ``of`` is its cell.
    """
    if number.isdigit():
        return np.full(len(of), int(number[:9]))
    if number == b"P":
        return cells.ploidy[of]
    if number.startswith(b"L"):
        if cells.local is None:
            return None
        alternates, number = cells.local[of], number[1:]
    elif number in {b"A", b"R", b"G"}:
        alternates = np.where(alternates == 0, -1, alternates)
    if number in {b"A", b"R"}:
        counts: Offsets = alternates + (number == b"R")
        return np.maximum(counts, _ANY)
    if number == b"G":
        return _genotypes(alternates, cells.ploidy[of])
    return None


def _genotypes(alternates: Offsets, ploidy: Offsets) -> Offsets:
    """How many genotypes there are of so many alleles beside the reference."""
    counts = (alternates + 1) * np.where(ploidy == 1, 2, alternates + 2) // 2
    counts[ploidy == 0] = _ANY
    for at in np.flatnonzero(ploidy > _DIPLOID).tolist():
        copies, others = int(ploidy[at]), max(int(alternates[at]), 0)
        known = copies <= _MOST_PLOIDY and others <= _MOST_ALLELES
        counts[at] = min(comb(others + copies, copies), _MOST_VALUES) if known else _ANY
    return np.maximum(counts, _ANY)


def local_alleles(entries: Entries, of: Offsets, cells: int) -> tuple[Offsets, Flags]:
    """How many local alleles each cell has, and which values of LAA are no such list."""
    counts = np.zeros(cells, dtype=np.int64)
    wrong = np.zeros(len(entries), dtype=np.bool_)
    alternates = entries.rows.alternates[entries.of]
    for index in np.flatnonzero(~entries.missing()).tolist():
        names = entries.text(index).split(b",")
        numbers = [int(name[:9]) for name in names if name.isdigit()]
        counts[of[index]] = len(names)
        is_list = len(numbers) == len(names) == len(set(numbers))
        wrong[index] = not (is_list and all(1 <= one <= alternates[index] for one in numbers))
    return counts, wrong
