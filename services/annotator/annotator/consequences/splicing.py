"""What alleles do at and near splice sites, by VEP's distances.

Bases of an intron counted from its donor side (5'): 1-2 donor site, 5 the donor's fifth base, 3-6
the donor region. From its acceptor side: 1-2 acceptor site, 3-17 the polypyrimidine tract. Splice
region: 1-3 bases of the exon and 3-8 of the intron, on both sides.
Source: the definitions of SO:0001630, SO:0001787, SO:0002170, SO:0002169 (sequenceontology.org) and
VEP's table of calculated consequences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotator.consequences.alleles import Flags
from annotator.consequences.gene_models import SHORTEST_REAL_INTRON
from annotator.consequences.genetic_code import Columns
from annotator.consequences.overlaps import Pairs
from annotator.consequences.transcript_table import TranscriptTable
from annotator.consequences.vocabulary import BIT

_REACH = 3
"""Bases of an exon that belong to the splice region."""


@dataclass(frozen=True)
class Splicing:
    """``bits`` are the splice terms of each pair; ``intronic`` those inside an intron."""

    bits: Columns
    intronic: Flags
    in_short_intron: Flags


@dataclass(frozen=True)
class _Sites:
    """Pairs beside each intron that they may concern; all positions are of the genome."""

    pair: Columns
    start: Columns
    end: Columns
    low: Columns
    high: Columns
    forward: Flags

    def overlap(self, first: Columns, last: Columns) -> Flags:
        """Which alleles touch the bases from ``first`` to ``last``; insertions lie between two."""
        touched: Flags = (self.end >= first) & (self.start <= last)
        return touched

    def from_donor(self, first: int, last: int) -> Flags:
        """Which touch those bases of the intron, counted from 1 at its 5' end."""
        forward = self.overlap(self.low + first - 1, self.low + last - 1)
        backward = self.overlap(self.high - last + 1, self.high - first + 1)
        return np.where(self.forward, forward, backward).astype(np.bool_)

    def from_acceptor(self, first: int, last: int) -> Flags:
        """Which touch those bases of the intron, counted from 1 at its 3' end."""
        forward = self.overlap(self.high - last + 1, self.high - first + 1)
        backward = self.overlap(self.low + first - 1, self.low + last - 1)
        return np.where(self.forward, forward, backward).astype(np.bool_)

    def in_tract(self) -> Flags:
        """Which touch the polypyrimidine tract, or are insertions at one of its ends."""
        forward = (self.start == self.high - 16) | (self.end == self.high - 2)
        backward = (self.start == self.low + 2) | (self.end == self.low + 16)
        at_end = np.where(self.forward, forward, backward).astype(np.bool_)
        is_insertion: Flags = self.start > self.end
        touched: Flags = self.from_acceptor(3, 17) | (is_insertion & at_end)
        return touched


def splicing_of(table: TranscriptTable, pairs: Pairs, in_exon: Flags) -> Splicing:
    """Splice terms of pairs whose alleles lie inside their transcripts."""
    sites = _sites(table, pairs)
    short = sites.high - sites.low + 1 < SHORTEST_REAL_INTRON
    real = ~short

    def any_site(hits: Flags) -> Flags:
        return np.bincount(sites.pair[hits], minlength=len(pairs)) > 0

    donor = any_site(real & sites.from_donor(1, 2))
    acceptor = any_site(real & sites.from_acceptor(1, 2))
    fifth = any_site(real & sites.from_donor(5, 5))
    donor_region = any_site(real & sites.from_donor(3, 6)) & ~fifth
    tract = any_site(real & sites.in_tract()) & ~in_exon
    region = any_site(real & _in_region(sites)) & ~(donor | acceptor | fifth | donor_region)
    bits = np.zeros(len(pairs), dtype=np.int64)
    for hits, term in (
        (donor, "splice_donor_variant"),
        (acceptor, "splice_acceptor_variant"),
        (fifth, "splice_donor_5th_base_variant"),
        (donor_region, "splice_donor_region_variant"),
        (tract, "splice_polypyrimidine_tract_variant"),
        (region, "splice_region_variant"),
    ):
        bits |= np.where(hits, BIT[term], 0)
    return Splicing(bits, any_site(real & _intronic(sites)), any_site(short & _inside(sites)))


def _sites(table: TranscriptTable, pairs: Pairs) -> _Sites:
    """Every pair with every intron that reaches to within three bases of its allele."""
    first, after = table.exons.first[pairs.transcript], table.exons.first[pairs.transcript + 1]
    low, high = np.minimum(pairs.start, pairs.end), np.maximum(pairs.start, pairs.end)
    begin = table.exon_at_or_before(pairs.transcript, low - _REACH - 1) - 1
    end = table.exon_at_or_before(pairs.transcript, high + _REACH + 1)
    begin, end = np.maximum(begin, first), np.minimum(end, after - 2)
    counts = np.maximum(end - begin + 1, 0)
    pair = np.repeat(np.arange(len(pairs)), counts)
    exon = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts - begin, counts)
    return _Sites(
        pair,
        pairs.start[pair],
        pairs.end[pair],
        table.exons.ends[exon] + 1,
        table.exons.starts[exon + 1] - 1,
        table.strand[pairs.transcript[pair]] == 1,
    )


def _inside(sites: _Sites) -> Flags:
    return sites.overlap(sites.low, sites.high)


def _intronic(sites: _Sites) -> Flags:
    """In the intron without its splice sites; an insertion right behind a site counts."""
    is_insertion: Flags = sites.start > sites.end
    beside: Flags = (sites.start == sites.low + 2) | (sites.end == sites.high - 2)
    return sites.overlap(sites.low + 2, sites.high - 2) | (is_insertion & beside)


def _in_region(sites: _Sites) -> Flags:
    low, high = sites.low, sites.high
    is_insertion: Flags = sites.start > sites.end
    # An insertion at the very edge of the exon or of a splice site touches neither side wholly.
    beside: Flags = (
        (sites.start == low)
        | (sites.end == high)
        | (sites.start == low + 2)
        | (sites.end == high - 2)
    )
    return (
        sites.overlap(low + 2, low + 7)
        | sites.overlap(high - 7, high - 2)
        | sites.overlap(low - _REACH, low - 1)
        | sites.overlap(high + 1, high + _REACH)
        | (is_insertion & beside)
    )
