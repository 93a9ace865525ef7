"""The codons that alleles touch, before and after the change, in columns.

Only for pairs whose alleles lie with both ends in the coding sequence. CDS positions count from
1 at the first base of the first codon, bases that are not known included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from annotator.consequences.alleles import Alleles, Flags
from annotator.consequences.genetic_code import BYTE_OF_CODE, COMPLEMENT, UNKNOWN, Bases, Columns
from annotator.consequences.genome import Genome
from annotator.consequences.overlaps import Pairs
from annotator.consequences.positions import codon_numbers
from annotator.consequences.transcript_table import TranscriptTable


@dataclass(frozen=True)
class Codons:
    """Of each pair the bases of the codons it touches, end to end in ``bases``.

    ``offset`` is how many of them lie before the change, ``replaced`` how many it takes away.
    Nothing is there for an insertion between two codons; the last codon may be a part of one.
    """

    bases: Bases
    first: Columns
    """Where each pair's bases begin; one more at the end."""
    offset: Columns
    replaced: Columns
    is_single_base: Flags
    """One base of one whole codon for another: the common case, which is looked up in a table."""


def codons_of(
    table: TranscriptTable,
    genome: Genome,
    alleles: Alleles,
    pairs: Pairs,
    cds: tuple[Columns, Columns],
) -> Codons:
    """The codons of pairs with those CDS positions (start and end)."""
    start, end = cds
    first = codon_numbers(start) * 3 - 2
    last = np.minimum(codon_numbers(end) * 3, table.coding_lengths[pairs.transcript])
    lengths = np.maximum(last - first + 1, 0)
    of = np.repeat(np.arange(len(pairs)), lengths)
    begins = np.concatenate([[0], np.cumsum(lengths)])
    position = first[of] + np.arange(len(of)) - begins[of]
    replaced = np.maximum(end - start + 1, 0)
    is_single = (replaced == 1) & (alleles.alt_length[pairs.allele] == 1) & (lengths == 3)
    return Codons(
        coding_bases(table, genome, pairs.transcript[of], position),
        begins,
        start - first,
        replaced,
        is_single & (alleles.ref_length[pairs.allele] == 1),
    )


def coding_bases(
    table: TranscriptTable, genome: Genome, transcript: Columns, position: Columns
) -> Bases:
    """Base numbers at CDS positions, of the transcript's strand; UNKNOWN where missing.

    Positions behind the CDS go on into the 3' untranslated region.
    """
    cdna = position - table.missing[transcript] + table.coding_first[transcript] - 1
    cdna = np.where(position > table.missing[transcript], cdna, 0)
    genomic = table.genomic_at(transcript, cdna)
    bases = genome.bases_of_many(table.contig[transcript], genomic)
    oriented = np.where(table.strand[transcript] == 1, bases, COMPLEMENT[bases])
    return np.where(genomic > 0, oriented, UNKNOWN).astype(np.uint8)


def alternative_bases(table: TranscriptTable, alleles: Alleles, pairs: Pairs) -> tuple[str, ...]:
    """The bases that each pair's allele brings, in the direction of transcription."""
    lengths = alleles.alt_length[pairs.allele]
    of = np.repeat(np.arange(len(pairs)), lengths)
    ends = np.cumsum(lengths)
    place = np.arange(len(of)) - (ends - lengths)[of]
    forward = table.strand[pairs.transcript] == 1
    place = np.where(forward[of], place, lengths[of] - 1 - place)
    bases = alleles.bases[alleles.first[pairs.allele][of] + place]
    bases = np.where(forward[of], bases, COMPLEMENT[bases])
    return tuple(split(bases, np.concatenate([[0], ends])))


def split(bases: Bases, begins: Columns) -> Iterator[str]:
    """Pieces of base numbers as letters; ``begins`` has one more place at the end."""
    letters = BYTE_OF_CODE[bases].tobytes().decode()
    return (letters[begin:end] for begin, end in pairwise(begins.tolist()))
