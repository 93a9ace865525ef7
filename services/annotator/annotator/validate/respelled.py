"""Alleles that an earlier record of a block has, at another POS or with more bases around them."""

from __future__ import annotations

import numpy as np

from annotator.validate.rows import Rows
from annotator.vcf.columns import ALT, REF, Flags

LONGEST_REF = 200
"""In bases; REF counts once for each allele of ALT, so that a long one would cost its square."""

_Allele = tuple[int, int, bytes, bytes]


def respelled(rows: Rows) -> list[int]:
    """Rows with an allele that another row has in other words, in their order.

    Only rows that are not trimmed, or have several alleles, are looked at one by one, if others
    are near them, and the rows that lie where such an allele does: so the time is linear in the
    bytes.
    """
    near = _near(rows)
    loose = np.flatnonzero(near & ~rows.is_normal).tolist()
    several = [row for row, alts in rows.odd.items() if len(alts) > 1 and near[row]]
    chosen = sorted({*loose, *several})
    alleles = {row: _trimmed(rows, row) for row in chosen}
    places = np.unique([place for found in alleles.values() for _, place, _, _ in found])
    plain = np.isin(rows.positions, places) & rows.is_normal
    plain[several] = False
    alleles |= {row: _trimmed(rows, row) for row in np.flatnonzero(plain).tolist()}
    seen: dict[_Allele, int] = {}
    again = {row for row in sorted(alleles) for allele in alleles[row]
             if seen.setdefault(allele, row) != row}  # fmt: skip
    return sorted(again - {row for row, _ in rows.repeats()})


def _near(rows: Rows) -> Flags:
    """Which rows may touch another one, or are not in order."""
    last = np.maximum.accumulate(rows.positions + rows.table.column(REF).lengths)
    touching = rows.positions[1:] <= last[:-1]
    near = np.zeros(len(rows.positions), dtype=np.bool_)
    near[1:] |= touching
    near[:-1] |= touching
    return near


def _trimmed(rows: Rows, row: int) -> set[_Allele]:
    """The alleles of bases of a row: contig, place, and what is left of REF and ALT without
    the bases that they share at their ends."""
    table, columns = rows.table, (rows.table.column(REF), rows.table.column(ALT))
    ref, alt = (table.text[column.starts[row] : column.ends[row]].upper() for column in columns)
    contig, place = int(rows.contigs[row]), int(rows.positions[row])
    found: set[_Allele] = set()
    if len(ref) > LONGEST_REF or not ref.isalpha():
        return found
    for one in alt.split(b","):
        if one.isalpha() and one != ref:
            end = _shared(ref[::-1], one[: -len(ref) - 1 : -1])
            left, other = ref[: len(ref) - end], one[: len(one) - end]
            begin = _shared(left, other)
            found.add((contig, place + begin, left[begin:], other[begin:]))
    return found


def _shared(one: bytes, other: bytes) -> int:
    """How many bases two alleles have in common from the first on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (base, its) in pairs if base != its), min(len(one), len(other)))
