"""Consequences by region: stream, untranslated, non-coding, intron, over an end of the CDS."""

from __future__ import annotations

import numpy as np

from annotator.consequences.alleles import Alleles, Flags
from annotator.consequences.coding_changes import stop_is_kept
from annotator.consequences.codons import alternative_bases, coding_bases
from annotator.consequences.genetic_code import Columns, starts
from annotator.consequences.genome import Genome, text
from annotator.consequences.overlaps import Pairs
from annotator.consequences.positions import Positions
from annotator.consequences.splicing import Splicing
from annotator.consequences.transcript_table import TranscriptTable
from annotator.consequences.vocabulary import BIT

NMD = "nonsense_mediated_decay"
_BEHIND_STOP = 300
"""Bases of the 3' untranslated region in which a stop that moved may still be the same one."""


def stream_bits(table: TranscriptTable, pairs: Pairs) -> tuple[Columns, Columns]:
    """For pairs that do not touch: the term as a bit, and VEP's DISTANCE in bases."""
    low, high = table.start[pairs.transcript], table.end[pairs.transcript]
    before = pairs.end < low
    near_low = np.minimum(np.abs(low - pairs.start), np.abs(low - pairs.end))
    near_high = np.minimum(np.abs(pairs.start - high), np.abs(pairs.end - high))
    upstream = before == (table.strand[pairs.transcript] == 1)
    bits = np.where(upstream, BIT["upstream_gene_variant"], BIT["downstream_gene_variant"])
    return bits, np.where(before, near_low, near_high)


def region_bits(
    table: TranscriptTable, pairs: Pairs, places: Positions, splicing: Splicing, is_nmd: Flags
) -> Columns:
    """Terms of pairs that touch, but those that need the sequence, as bits."""
    coding = table.coding_first[pairs.transcript] > 0
    five, three = _untranslated(table, pairs, places)
    some_cds = (places.cds_start == 0) | (places.cds_end == 0)
    short = splicing.in_short_intron
    exonic = (places.in_exon & ~places.at_exon_edge) | short
    bits = splicing.bits.copy()
    for hits, term in (
        (splicing.intronic, "intron_variant"),
        (coding & five, "5_prime_UTR_variant"),
        (coding & three, "3_prime_UTR_variant"),
        (
            coding & ((places.in_cds & some_cds) | (short & ~five & ~three)),
            "coding_sequence_variant",
        ),
        (~coding & exonic, "non_coding_transcript_exon_variant"),
        (~coding & ~exonic, "non_coding_transcript_variant"),
        (is_nmd, "NMD_transcript_variant"),
    ):
        bits |= np.where(hits, BIT[term], 0)
    return bits


def _untranslated(table: TranscriptTable, pairs: Pairs, places: Positions) -> tuple[Flags, Flags]:
    """Which touch the 5' and the 3' untranslated region."""
    transcript = pairs.transcript
    low, high = table.low_coding[transcript], table.high_coding[transcript]
    is_insertion = pairs.start > pairs.end
    below = np.where(
        is_insertion,
        places.in_exon & ~places.in_cds & (pairs.start <= low),
        _touches_exon(table, transcript, pairs.start, np.minimum(pairs.end, low - 1)),
    )
    above = np.where(
        is_insertion,
        places.in_exon & ~places.in_cds & (pairs.end >= high),
        _touches_exon(table, transcript, np.maximum(pairs.start, high + 1), pairs.end),
    )
    forward = table.strand[transcript] == 1
    five = np.where(forward, below, above).astype(np.bool_)
    three = np.where(forward, above, below).astype(np.bool_)
    return five, three


def _touches_exon(
    table: TranscriptTable, transcript: Columns, low: Columns, high: Columns
) -> Flags:
    exon = table.exon_at_or_before(transcript, high)
    ends = table.exons.ends[np.maximum(exon, 0)]
    some: Flags = (low <= high) & (exon >= table.exons.first[transcript]) & (ends >= low)
    return some


def ablated(table: TranscriptTable, alleles: Alleles, pairs: Pairs) -> Flags:
    """Which are deletions of a whole transcript."""
    whole: Flags = (pairs.start <= table.start[pairs.transcript]) & (
        pairs.end >= table.end[pairs.transcript]
    )
    whole &= alleles.alt_length[pairs.allele] == 0
    return whole


def boundary_bits(
    table: TranscriptTable, genome: Genome, alleles: Alleles, pairs: Pairs, places: Positions
) -> tuple[Columns, Columns]:
    """Changes over an end of the CDS that lie in exons: which pairs, and their terms as bits."""
    first, last = table.coding_first[pairs.transcript], table.coding_last[pairs.transcript]
    whole = places.in_cds & (places.cdna_start > 0) & (places.cdna_end > 0)
    whole &= (places.cds_start == 0) | (places.cds_end == 0)
    over_start = whole & (places.cdna_start < first) & table.start_is_known[pairs.transcript]
    over_stop = whole & (places.cdna_end > last)
    rows = np.flatnonzero(over_start | over_stop)
    bits = np.zeros(len(rows), dtype=np.int64)
    brought = alternative_bases(table, alleles, pairs.at(rows))
    for at, row in enumerate(rows.tolist()):
        edge = _Edge(table, genome, int(pairs.transcript[row]), brought[at])
        span = int(places.cdna_start[row]), int(places.cdna_end[row])
        if over_start[row]:
            bits[at] |= BIT["start_retained_variant" if edge.keeps_start(span[1]) else "start_lost"]
        if over_stop[row]:
            bits[at] |= edge.stop_bits(*span)
    return rows, bits


class _Edge:
    """A change from an untranslated region into the CDS, in the sequence of its transcript."""

    def __init__(
        self, table: TranscriptTable, genome: Genome, transcript: int, brought: str
    ) -> None:
        self._table, self._genome = table, genome
        self._transcript, self._brought = transcript, brought
        self._code = int(table.genetic_code[transcript])

    def _sequence(self, first: int, last: int) -> str:
        """Bases of cDNA positions, cut to the transcript."""
        table, transcript = self._table, self._transcript
        cdna = np.arange(max(first, 1), min(last, int(table.lengths[transcript])) + 1)
        shift = int(table.missing[transcript] + 1 - table.coding_first[transcript])
        many = np.full(len(cdna), transcript)
        return text(coding_bases(table, self._genome, many, cdna + shift))

    def keeps_start(self, end: int) -> bool:
        """True if what is left still has a start codon at the begin of the CDS, in its frame."""
        first = int(self._table.coding_first[self._transcript])
        behind = self._brought + self._sequence(end + 1, end + 3)
        kept_frame = (len(self._brought) - (end - first + 1)) % 3 == 0
        return kept_frame and (behind[:3] in starts(self._code))

    def stop_bits(self, start: int, end: int) -> int:
        """What becomes of the stop codon of a CDS that has one."""
        table, transcript = self._table, self._transcript
        first, last = int(table.coding_first[transcript]), int(table.coding_last[transcript])
        shift = int(table.missing[transcript])
        begin = max(start, first)
        frame = begin - (begin - first + shift) % 3
        before = self._sequence(frame, last)
        after = self._sequence(frame, begin - 1) + self._brought
        after += self._sequence(end + 1, end + _BEHIND_STOP)
        if stop_is_kept(before, after, self._code):
            return BIT["stop_retained_variant"]
        return BIT["stop_lost"]
