"""How far HGVS moves insertions and deletions to the 3' end, and the genomic HGVS name.

Source: HGVS nomenclature, general recommendations ("3' rule"), hgvs-nomenclature.org.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from annotator.consequences.alleles import Alleles, Flags
from annotator.consequences.genetic_code import UNKNOWN, Bases, Columns, reverse_complement
from annotator.consequences.genome import Genome

MOST_BASES = 1_000
"""VEP looks no farther either."""


def shifts(genome: Genome, alleles: Alleles, direction: int) -> Columns:
    """By how many bases pure insertions and deletions can move on the genome; 0 for the others.

    ``direction`` 1 moves to higher positions (3' of the plus strand), -1 to lower ones.
    """
    moved = np.zeros(len(alleles), dtype=np.int64)
    active = np.flatnonzero((alleles.ref_length == 0) != (alleles.alt_length == 0))
    for step in range(MOST_BASES):
        if not len(active):
            break
        active = active[_same(genome, alleles, active, step, direction)]
        moved[active] += 1
    return moved


class Moves(NamedTuple):
    """By how many bases alleles can move to higher and to lower positions."""

    ahead: Columns
    back: Columns


def moves_of(genome: Genome, alleles: Alleles) -> Moves:
    """Both ``shifts`` of all alleles."""
    return Moves(shifts(genome, alleles, 1), shifts(genome, alleles, -1))


def _same(genome: Genome, alleles: Alleles, which: Columns, step: int, direction: int) -> Flags:
    """Which can move on by one base after ``step`` moves."""
    length = alleles.ref_length[which] + alleles.alt_length[which]
    is_insertion = alleles.is_insertion[which]
    ahead = (alleles.end if direction == 1 else alleles.start)[which] + direction * (1 + step)
    next_base = genome.bases_of_many(alleles.contig[which], ahead)
    # What is moved over comes back at its other end: after a whole round these are the genome's.
    place = step if direction == 1 else length - 1 - step
    own = alleles.first[which] + np.where(is_insertion & (step < length), place, 0)
    # One base more, for deletions, which have none of their own to look up.
    inserted: Bases = np.append(alleles.bases, UNKNOWN)[np.minimum(own, len(alleles.bases))]
    back = np.where(is_insertion & (step >= length), ahead - direction * length, ahead)
    back = np.where(is_insertion, back, ahead - direction * length)
    behind = genome.bases_of_many(alleles.contig[which], back)
    compared = np.where(is_insertion & (step < length), inserted, behind)
    same: Flags = (next_base == compared) & (next_base < 4)
    return same


def genomic_names(
    genome: Genome, alleles: Alleles, moves: Moves, mitochondria: Iterable[int]
) -> pl.Series:
    """HGVSg: ``21:g.25891784C>T``, ``…del``, ``…dup``, ``…_…ins…``, ``…delins…``.

    Names on the contigs of the numbers ``mitochondria`` have ``m.``.
    """
    heads = [f"{name}:g." for name in genome.names]
    for contig in mitochondria:
        heads[contig] = f"{genome.names[contig]}:m."
    single = (alleles.ref_length == 1) & (alleles.alt_length == 1)
    frame = pl.DataFrame(
        {
            "head": pl.Series(heads, dtype=pl.String).gather(alleles.contig),
            "start": alleles.start,
            "end": alleles.end,
            "ref": alleles.ref,
            "alt": alleles.alt,
        }
    )
    simple = frame.select(pl.concat_str("head", "start", "ref", pl.lit(">"), "alt").alias("HGVSg"))[
        "HGVSg"
    ]
    others = np.flatnonzero(~single)
    # What can move by its own length in all is a copy of its neighbour.
    copies = moves.ahead + moves.back >= alleles.alt_length
    moved = zip(moves.ahead[others].tolist(), copies[others].tolist(), strict=True)
    contigs = alleles.contig[others].tolist()
    written = [
        head + _Change(genome, contig, start, end).name(ref, alt, *move)
        for (head, start, end, ref, alt), contig, move in zip(
            frame[others].iter_rows(), contigs, moved, strict=True
        )
    ]
    return simple.scatter(others, written) if written else simple


@dataclass(frozen=True, slots=True)
class _Change:
    """Where a change lies: ``start`` and ``end`` as in ``Alleles``."""

    genome: Genome
    contig: int
    start: int
    end: int

    def name(self, ref: str, alt: str, moved: int, is_copy: bool) -> str:
        """What HGVS says of it behind ``g.``; ``moved`` is by how much it can be moved 3'."""
        if not alt:
            return f"{_span(self.start + moved, self.end + moved)}del"
        if not ref:
            return self._insertion(alt, moved, is_copy)
        return self._replacement(ref, alt)

    def _replacement(self, ref: str, alt: str) -> str:
        start, end = self.start, self.end
        while ref and alt and ref[-1] == alt[-1]:
            ref, alt, end = ref[:-1], alt[:-1], end - 1
        while ref and alt and ref[0] == alt[0]:
            ref, alt, start = ref[1:], alt[1:], start + 1
        if not ref or not alt:
            return _Change(self.genome, self.contig, start, end)._moved_name(ref, alt)
        if len(ref) == len(alt) == 1:
            return f"{start}{ref}>{alt}"
        if alt == reverse_complement(ref):
            return f"{_span(start, end)}inv"
        return f"{_span(start, end)}delins{alt}"

    def _moved_name(self, ref: str, alt: str) -> str:
        """The name of bases that are gone or come, in alleles that had others around them."""
        unit, moved = ref or alt, 0
        following = self.genome.sequence(self.contig, self.end + 1, self.end + MOST_BASES)
        while moved < MOST_BASES and following[moved] == unit[moved % len(unit)]:
            moved += 1
        at = self.start + moved
        turned = moved % len(alt) if alt else 0
        before = self.genome.sequence(self.contig, at - len(alt), at - 1)
        return self.name(ref, alt, moved, before == alt[turned:] + alt[:turned])

    def _insertion(self, alt: str, moved: int, is_copy: bool) -> str:
        turned = moved % len(alt)
        alt, start = alt[turned:] + alt[:turned], self.start + moved
        if is_copy:
            return f"{_span(start - len(alt), start - 1)}dup"
        return f"{start - 1}_{start}ins{alt}"


def _span(start: int, end: int) -> str:
    return str(start) if start == end else f"{start}_{end}"
