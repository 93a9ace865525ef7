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
    Codons,
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


@dataclass(frozen=True)
class CodingColumns:
    """By pair: terms as bits, VEP's Codons and Amino_acids."""

    bits: Columns
    codons: pl.Series
    amino_acids: pl.Series


@dataclass(frozen=True)
class _Kinds:
    """Which pairs are judged one by one, and (of all) which touch what needs a closer look."""

    rows: Columns
    is_start: Flags
    is_end: Flags
    is_partial: Flags


def coding_of(
    table: TranscriptTable,
    genome: Genome,
    alleles: Alleles,
    pairs: Pairs,
    cds: tuple[Columns, Columns],
) -> CodingColumns:
    """For pairs whose alleles have both ends in the coding sequence, at those CDS positions."""
    found = codons_of(table, genome, alleles, pairs, cds)
    lengths = table.coding_lengths[pairs.transcript]
    is_partial = cds[0] > lengths - lengths % 3
    is_start = table.start_is_known[pairs.transcript] & (cds[0] <= 3) & (cds[1] >= 1)
    is_end = cds[1] > lengths - 3
    easy = found.is_single_base & ~is_start & ~is_partial
    which = np.zeros(len(pairs), dtype=np.int64)
    which[easy] = _place_in_table(table, alleles, pairs.at(easy), found, np.flatnonzero(easy))
    hard = np.flatnonzero(~easy)
    which[hard] = len(CODES) * _PER_CODE + np.arange(len(hard))
    answers = [
        judge(change)
        for change in _changes(
            table, genome, alleles, pairs, cds, found, _Kinds(hard, is_start, is_end, is_partial)
        )
    ]
    return _gathered(which, answers)


def _place_in_table(
    table: TranscriptTable, alleles: Alleles, pairs: Pairs, codons: Codons, rows: Columns
) -> Columns:
    begin = codons.first[rows]
    codon = sum(codons.bases[begin + at].astype(np.int64) * 5 ** (2 - at) for at in range(3))
    base = alleles.bases[alleles.first[pairs.allele]]
    base = np.where(table.strand[pairs.transcript] == 1, base, COMPLEMENT[base])
    code = table.genetic_code[pairs.transcript] - CODES[0]
    return code * _PER_CODE + codon * 12 + codons.offset[rows] * 4 + base


def _changes(
    table: TranscriptTable,
    genome: Genome,
    alleles: Alleles,
    pairs: Pairs,
    cds: tuple[Columns, Columns],
    found: Codons,
    kinds: _Kinds,
) -> Iterator[CodonChange]:
    rows = kinds.rows
    some = pairs.at(rows)
    firsts = codon_numbers(cds[0][rows]) * 3 - 2
    lengths = np.diff(found.first)[rows]
    of = np.repeat(np.arange(len(rows)), lengths)
    begins = np.concatenate([[0], np.cumsum(lengths)])
    bases = found.bases[found.first[rows][of] + np.arange(len(of)) - begins[of]]
    brought = alternative_bases(table, alleles, some)
    for at, (row, codons) in enumerate(zip(rows.tolist(), split(bases, begins), strict=True)):
        yield CodonChange(
            table=int(table.genetic_code[some.transcript[at]]),
            codons=codons,
            offset=int(found.offset[row]),
            replaced=int(found.replaced[row]),
            brought=brought[at],
            is_start=bool(kinds.is_start[row]),
            behind=_behind(
                table,
                genome,
                int(some.transcript[at]),
                int(firsts[at] + lengths[at]),
                int(found.replaced[row]) + _SPARE,
            )
            if kinds.is_start[row] or kinds.is_end[row]
            else "",
            is_partial=bool(kinds.is_partial[row]),
        )


def _behind(
    table: TranscriptTable, genome: Genome, transcript: int, position: int, count: int
) -> str:
    """Bases from a CDS position on, which may lie behind the CDS, to the transcript's end."""
    shift = int(table.missing[transcript] + 1 - table.coding_first[transcript])
    last = min(position + count - 1, int(table.lengths[transcript]) + shift)
    positions = np.arange(position, last + 1)
    return text(coding_bases(table, genome, np.full(len(positions), transcript), positions))


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
