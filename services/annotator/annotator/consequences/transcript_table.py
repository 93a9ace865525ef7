"""Transcripts in columns of numbers, so that a whole chunk of alleles is looked up at once.

Positions of the genome are 1-based, both ends in. Positions of a transcript ("cDNA") count its
bases 5' to 3' from 1. A number that a transcript does not have is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
import numpy.typing as npt
import polars as pl

from annotator.consequences.descriptions import describe
from annotator.consequences.gene_models import Transcript
from annotator.consequences.genetic_code import Columns

Flags = npt.NDArray[np.bool_]

KEY_SHIFT = 33
"""Bits for a position beside a transcript's number in one search key."""


@dataclass(frozen=True)
class Exons:
    """All exons of all transcripts, end to end; each transcript's in ascending genomic order."""

    starts: Columns
    ends: Columns
    cdna: Columns
    """cDNA position of the exon's 5' base."""
    first: Columns
    """By transcript: the place of its first exon in these columns; one more at the end."""


@dataclass(frozen=True)
class TranscriptTable:
    """Transcripts in columns, sorted by contig (its number in the genome), start and end."""

    about: pl.DataFrame
    """What is to be said of each: see ``descriptions``."""
    contig_names: tuple[str, ...]
    """The contigs of the genome, by number."""
    contig: Columns
    start: Columns
    end: Columns
    strand: Columns
    coding_first: Columns
    """cDNA position of the first coding base, 0 if it codes for nothing."""
    coding_last: Columns
    low_coding: Columns
    """Lowest coding base in the genome, 0 if it codes for nothing."""
    high_coding: Columns
    missing: Columns
    """Bases of its first codon that are not known."""
    start_is_known: Flags
    """Whether the coding sequence begins with the codon that starts the protein."""
    genetic_code: Columns
    exons: Exons

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def exon_counts(self) -> Columns:
        """How many exons each has."""
        return np.diff(self.exons.first)

    @cached_property
    def lengths(self) -> Columns:
        """Bases of each transcript's exons."""
        sizes = self.exons.ends - self.exons.starts + 1
        return np.add.reduceat(sizes, self.exons.first[:-1]) if len(sizes) else sizes

    @cached_property
    def coding_lengths(self) -> Columns:
        """Bases from the start of the first codon, missing ones included; 0 if none."""
        known = self.coding_last - self.coding_first + 1 + self.missing
        return np.where(self.coding_first > 0, known, 0)

    @cached_property
    def _exon_keys(self) -> Columns:
        of = np.repeat(np.arange(len(self.start)), self.exon_counts)
        return (of << KEY_SHIFT) + self.exons.starts

    @cached_property
    def _cdna_order(self) -> tuple[Columns, Columns]:
        of = np.repeat(np.arange(len(self.start)), self.exon_counts)
        keys = (of << KEY_SHIFT) + self.exons.cdna
        order = np.argsort(keys, kind="stable")
        return keys[order], order

    def exon_at_or_before(self, transcript: Columns, position: Columns) -> Columns:
        """The last exon (its place in ``exons``) that starts at or before a genomic position.

        One less than the transcript's first exon where there is none.
        """
        keys = (transcript << KEY_SHIFT) + np.maximum(position, 0)
        found = np.searchsorted(self._exon_keys, keys, side="right") - 1
        return np.maximum(found, self.exons.first[transcript] - 1)

    def cdna_at(self, transcript: Columns, position: Columns) -> Columns:
        """cDNA position of a genomic position; 0 where it is in no exon."""
        exon = self.exon_at_or_before(transcript, position)
        at = np.maximum(exon, 0)
        exons = self.exons
        inside = (exon >= exons.first[transcript]) & (position <= exons.ends[at])
        forward = exons.cdna[at] + position - exons.starts[at]
        backward = exons.cdna[at] + exons.ends[at] - position
        return np.where(inside, np.where(self.strand[transcript] == 1, forward, backward), 0)

    def genomic_at(self, transcript: Columns, cdna: Columns) -> Columns:
        """Genomic position of a cDNA position; 0 before the first and behind the last base."""
        keys, order = self._cdna_order
        found = np.searchsorted(keys, (transcript << KEY_SHIFT) + np.maximum(cdna, 0), "right") - 1
        at = order[np.maximum(found, 0)]
        offset = cdna - self.exons.cdna[at]
        forward = self.exons.starts[at] + offset
        backward = self.exons.ends[at] - offset
        position = np.where(self.strand[transcript] == 1, forward, backward)
        inside = (cdna >= 1) & (cdna <= self.lengths[transcript])
        return np.where(inside, position, 0)


def build(
    transcripts: Sequence[Transcript],
    contig_names: Sequence[str],
    genetic_codes: dict[str, int],
) -> TranscriptTable:
    """The table of ``transcripts``; those on contigs not in ``contig_names`` are left out.

    ``contig_names`` are the genome's, in its order. ``genetic_codes`` is NCBI's translation table
    of each contig, 1 where it is not named.
    """
    contig_numbers = {name: number for number, name in enumerate(contig_names)}
    known = [transcript for transcript in transcripts if transcript.contig in contig_numbers]
    known.sort(key=lambda one: (contig_numbers[one.contig], one.start, one.end, one.id))
    coding = [_coding_range(one) for one in known]
    return TranscriptTable(
        about=describe(known),
        contig_names=tuple(contig_names),
        contig=_column([contig_numbers[one.contig] for one in known]),
        start=_column([one.start for one in known]),
        end=_column([one.end for one in known]),
        strand=_column([one.strand for one in known]),
        coding_first=_column([first for first, _ in coding]),
        coding_last=_column([last for _, last in coding]),
        low_coding=_column([one.cds[0][0] if one.cds else 0 for one in known]),
        high_coding=_column([one.cds[-1][1] if one.cds else 0 for one in known]),
        missing=_column([one.missing_bases for one in known]),
        start_is_known=np.array(
            [bool(one.cds) and not (one.tags.cds_start_nf or one.missing_bases) for one in known],
            dtype=np.bool_,
        ),
        genetic_code=_column([genetic_codes.get(one.contig, 1) for one in known]),
        exons=_exons(known),
    )


def _column(values: Sequence[int]) -> Columns:
    return np.array(values, dtype=np.int64)


def _exons(transcripts: Sequence[Transcript]) -> Exons:
    return Exons(
        starts=_column([start for one in transcripts for start, _ in one.exons]),
        ends=_column([end for one in transcripts for _, end in one.exons]),
        cdna=_column([first for one in transcripts for first in _cdna_starts(one)]),
        first=_column([0, *accumulate(len(one.exons) for one in transcripts)]),
    )


def _cdna_starts(transcript: Transcript) -> list[int]:
    exons = transcript.exons if transcript.strand == 1 else transcript.exons[::-1]
    starts = list(accumulate((end - start + 1 for start, end in exons), initial=1))[:-1]
    return starts if transcript.strand == 1 else starts[::-1]


def _coding_range(transcript: Transcript) -> tuple[int, int]:
    """cDNA positions of the first and the last coding base; zeros if there are none."""
    if not transcript.cds:
        return 0, 0
    ends = [
        first + (at - start if transcript.strand == 1 else end - at)
        for at in (transcript.cds[0][0], transcript.cds[-1][1])
        for (start, end), first in zip(transcript.exons, _cdna_starts(transcript), strict=True)
        if start <= at <= end
    ]
    return min(ends, default=0), max(ends, default=0)
