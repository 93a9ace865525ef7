"""Coding consequences of pairs: single bases are looked up, other changes judged one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from annotator.consequences.alleles import Alleles, Flags
from annotator.consequences.coding_changes import (
    CodingAnswer,
    CodonChange,
    judge,
    single_base_answers,
)
from annotator.consequences.codons import (
    alternative_bases,
    coding_bases,
    codons_of,
    split,
)
from annotator.consequences.genetic_code import COMPLEMENT, Columns
from annotator.consequences.genome import Genome, text
from annotator.consequences.overlaps import Pairs
from annotator.consequences.positions import codon_numbers
from annotator.consequences.transcript_table import TranscriptTable

CODES = (1, 2)
"""The genetic codes of human genes: NCBI's tables of the nucleus and the mitochondrion."""
_PER_CODE = 125 * 3 * 4
_SPARE = 3
"""Bases more than are gone that may slide into the codon that starts or ends the protein."""
_NEAR_STOP = 15
"""Bases at the end, the stop codon among them, that a change may move and leave the protein."""


@dataclass(frozen=True)
class CodingColumns:
    """By pair: terms as bits, VEP's Codons and Amino_acids."""

    bits: Columns
    codons: pl.Series
    amino_acids: pl.Series


def coding_of(
    table: TranscriptTable,
    genome: Genome,
    alleles: Alleles,
    pairs: Pairs,
    cds: tuple[Columns, Columns],
) -> CodingColumns:
    """For pairs whose alleles have both ends in the coding sequence, at those CDS positions."""
    asked = _Asked(table, genome, alleles, pairs, cds)
    easy, hard = np.flatnonzero(asked.is_easy), np.flatnonzero(~asked.is_easy)
    which = np.zeros(len(pairs), dtype=np.int64)
    which[easy] = asked.places_in_table(easy)
    which[hard] = len(CODES) * _PER_CODE + np.arange(len(hard))
    return _gathered(which, [judge(change) for change in asked.changes(hard)])


class _Asked:
    """Pairs with their codons, and which of them touch the first, the last or half a codon."""

    def __init__(
        self,
        table: TranscriptTable,
        genome: Genome,
        alleles: Alleles,
        pairs: Pairs,
        cds: tuple[Columns, Columns],
    ) -> None:
        self._table, self._genome = table, genome
        self._alleles, self._pairs = alleles, pairs
        self._codons = codons_of(table, genome, alleles, pairs, cds)
        lengths = table.coding_lengths[pairs.transcript]
        self._first = codon_numbers(cds[0]) * 3 - 2
        self._is_partial: Flags = cds[0] > lengths - lengths % 3
        self._is_start: Flags = (
            table.start_is_known[pairs.transcript] & (cds[0] <= 3) & (cds[1] >= 1)
        )
        # What is brought may repeat all from there to the stop codon, and another frame may have
        # the same residues and a stop.
        brought = alleles.alt_length[pairs.allele]
        self._is_end: Flags = np.maximum(*cds) > lengths - _NEAR_STOP - brought
        self.is_easy: Flags = self._codons.is_single_base & ~self._is_start & ~self._is_partial

    def places_in_table(self, rows: Columns) -> Columns:
        """Where the answers to single bases stand among those that are looked up."""
        pairs, codons, table = self._pairs.at(rows), self._codons, self._table
        codon = np.zeros(len(rows), dtype=np.int64)
        for at in range(3):
            codon = codon * 5 + codons.bases[codons.first[rows] + at]
        base = self._alleles.bases[self._alleles.first[pairs.allele]]
        base = np.where(table.strand[pairs.transcript] == 1, base, COMPLEMENT[base])
        code = table.genetic_code[pairs.transcript] - CODES[0]
        places: Columns = code * _PER_CODE + codon * 12 + codons.offset[rows] * 4 + base
        return places

    def changes(self, rows: Columns) -> Iterator[CodonChange]:
        """The changes of those pairs, to be judged one by one."""
        pairs, found = self._pairs.at(rows), self._codons
        lengths = np.diff(found.first)[rows]
        of = np.repeat(np.arange(len(rows)), lengths)
        begins = np.concatenate([[0], np.cumsum(lengths)])
        bases = found.bases[found.first[rows][of] + np.arange(len(of)) - begins[of]]
        brought = alternative_bases(self._table, self._alleles, pairs)
        codes = self._table.genetic_code[pairs.transcript].tolist()
        for row, code, codons, bases_brought in zip(
            rows.tolist(), codes, split(bases, begins), brought, strict=True
        ):
            yield CodonChange(
                table=code,
                codons=codons,
                offset=int(found.offset[row]),
                replaced=int(found.replaced[row]),
                brought=bases_brought,
                is_start=bool(self._is_start[row]),
                behind=self._behind(row, len(codons)),
                is_partial=bool(self._is_partial[row]),
            )

    def _behind(self, row: int, length: int) -> str:
        """Bases behind the touched codons, to the stop codon or farther, where they matter."""
        if not (self._is_start[row] or self._is_end[row]):
            return ""
        table, transcript = self._table, int(self._pairs.transcript[row])
        position = int(self._first[row]) + length
        shift = int(table.missing[transcript] + 1 - table.coding_first[transcript])
        last = position + int(self._codons.replaced[row]) + _SPARE - 1
        if self._is_end[row]:
            last = max(last, int(table.coding_lengths[transcript]))
        positions = np.arange(position, min(last, int(table.lengths[transcript]) + shift) + 1)
        many = np.full(len(positions), transcript)
        return text(coding_bases(table, self._genome, many, positions))


@cache
def _looked_up() -> tuple[Columns, pl.Series, pl.Series]:
    answers = [answer for code in CODES for answer in single_base_answers(code)]
    return _columns(answers)


def _columns(answers: list[CodingAnswer]) -> tuple[Columns, pl.Series, pl.Series]:
    return (
        np.array([answer.bits for answer in answers], dtype=np.int64),
        pl.Series("Codons", [answer.codons for answer in answers], pl.String),
        pl.Series("Amino_acids", [answer.amino_acids for answer in answers], pl.String),
    )


def _gathered(which: Columns, judged: list[CodingAnswer]) -> CodingColumns:
    common, own = _looked_up(), _columns(judged)
    return CodingColumns(
        np.concatenate([common[0], own[0]])[which],
        pl.concat([common[1], own[1]]).gather(which),
        pl.concat([common[2], own[2]]).gather(which),
    )
