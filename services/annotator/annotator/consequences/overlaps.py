"""Which alleles lie in, or within 5,000 bases of, which transcripts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotator.consequences.alleles import Alleles, Flags
from annotator.consequences.genetic_code import Columns
from annotator.consequences.transcript_table import TranscriptTable

NEARBY = 5_000
"""Bases up and down stream of a transcript that VEP calls by these names."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of an allele (its place in ``Alleles``) and a transcript, sorted by both.

    ``start`` and ``end`` are the allele's; ``inside`` marks alleles that touch the transcript.
    """

    allele: Columns
    transcript: Columns
    start: Columns
    end: Columns
    inside: Flags

    def __len__(self) -> int:
        return len(self.allele)

    def at(self, which: Flags | Columns) -> Pairs:
        """Some of the pairs."""
        return Pairs(
            self.allele[which],
            self.transcript[which],
            self.start[which],
            self.end[which],
            self.inside[which],
        )


class OverlapIndex:
    """The contigs cut wherever the surroundings of a transcript begin or end.

    Each piece has the list of transcripts around it, so that looking up an allele is a search for
    its piece: few alleles touch two.
    """

    def __init__(self, table: TranscriptTable) -> None:
        self._table = table
        self._pieces: dict[int, tuple[Columns, Columns, Columns]] = {}
        for contig in np.unique(table.contig).tolist():
            self._pieces[contig] = self._cut(np.flatnonzero(table.contig == contig))

    def _cut(self, transcripts: Columns) -> tuple[Columns, Columns, Columns]:
        """Where pieces begin, where their lists begin (one more at the end), and the lists."""
        low = self._table.start[transcripts] - NEARBY - 1
        high = self._table.end[transcripts] + NEARBY + 2
        begins = np.unique(np.concatenate([[np.iinfo(np.int64).min], low, high]))
        first, last = np.searchsorted(begins, low), np.searchsorted(begins, high)
        counts = last - first
        of = np.repeat(transcripts, counts)
        piece = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts - first, counts)
        order = np.lexsort((of, piece))
        offsets = np.searchsorted(piece[order], np.arange(len(begins) + 1))
        return begins, offsets, of[order]

    def pairs(self, alleles: Alleles) -> Pairs:
        """All pairs, sorted by allele and transcript."""
        found = [
            self._pairs_of(contig, np.flatnonzero(alleles.contig == contig), alleles)
            for contig in np.unique(alleles.contig).tolist()
            if contig in self._pieces
        ]
        empty = np.zeros(0, dtype=np.int64)
        allele = np.concatenate([empty, *(pair[0] for pair in found)])
        transcript = np.concatenate([empty, *(pair[1] for pair in found)])
        if len(found) > 1:
            order = np.lexsort((transcript, allele))
            allele, transcript = allele[order], transcript[order]
        return self._near(alleles, allele, transcript)

    def _pairs_of(self, contig: int, which: Columns, alleles: Alleles) -> tuple[Columns, Columns]:
        begins, offsets, lists = self._pieces[contig]
        start, end = alleles.start[which], alleles.end[which]
        first = np.searchsorted(begins, np.minimum(start, end), side="right") - 1
        last = np.searchsorted(begins, np.maximum(start, end), side="right") - 1
        counts = offsets[last + 1] - offsets[first]
        of = np.repeat(which, counts)
        at = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts - offsets[first], counts)
        transcript = lists[at]
        if (first == last).all():
            return of, transcript
        both = np.unique(np.stack([of, transcript], axis=1), axis=0)
        return both[:, 0], both[:, 1]

    def _near(self, alleles: Alleles, allele: Columns, transcript: Columns) -> Pairs:
        start, end = alleles.start[allele], alleles.end[allele]
        low, high = self._table.start[transcript], self._table.end[transcript]
        inside = (end >= low) & (start <= high)
        before = (end < low) & (end >= low - NEARBY)
        behind = (start > high) & (start <= high + NEARBY)
        pairs = Pairs(allele, transcript, start, end, inside)
        return pairs.at(inside | before | behind)
