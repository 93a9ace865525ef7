"""HGVS names of single bases deep in introns, which are most of those in genes.

They follow from the gene models alone: ``c.649-27A>G`` counts from the nearest base of an exon
(hgvs-nomenclature.org, "numbering"). So the engine that names all else need not be asked.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from annotator.consequences.alleles import Alleles
from annotator.consequences.genetic_code import CODE_OF_BYTE, COMPLEMENT, LETTERS, Columns
from annotator.consequences.overlaps import Pairs
from annotator.consequences.transcript_table import TranscriptTable

_DEEP = 20
"""Bases to the nearest exon: farther than any term of splicing reaches."""


class IntronNames(NamedTuple):
    """Names without accession, and finer terms, of the pairs at those places."""

    pairs: Columns
    names: pl.Series
    terms: pl.Series


def names_in_introns(table: TranscriptTable, alleles: Alleles, inside: Pairs) -> IntronNames:
    """Of those pairs whose allele is one base for another, more than 20 bases into an intron.

    Left out are transcripts whose first codon is not whole, and the very middle of an intron.
    """
    exons, first = table.exons, table.exons.first
    exon = table.exon_at_or_before(inside.transcript, inside.start)
    has_next = (exon >= first[inside.transcript]) & (exon + 1 < first[inside.transcript + 1])
    at = np.where(has_next, exon, 0)
    low = inside.start - exons.ends[at]
    high = exons.starts[np.minimum(at + 1, len(exons.starts) - 1)] - inside.start
    single = (alleles.ref_length == 1) & (alleles.alt_length == 1)
    deep = has_next & (np.minimum(low, high) > _DEEP) & (low != high)
    deep &= single[inside.allele] & (table.missing[inside.transcript] == 0)
    rows = np.flatnonzero(deep)
    pairs, at, low, high = inside.at(rows), at[rows], low[rows], high[rows]
    forward = table.strand[pairs.transcript] == 1
    base = table.cdna_at(
        pairs.transcript, np.where(low < high, exons.ends[at], exons.starts[at + 1])
    )
    coding, last = table.coding_first[pairs.transcript], table.coding_last[pairs.transcript]
    # 0 in front of the coding sequence, 1 in it, 2 behind it, 3 without one.
    region = np.where(coding == 0, 3, np.where(base < coding, 0, np.where(base > last, 2, 1)))
    number = np.choose(region, [coding - base, base - coding + 1, base - last, base])
    letters = [
        pl.Series(list(LETTERS)).gather(np.where(forward, codes, COMPLEMENT[codes]))
        for codes in (_codes(alleles.ref, pairs), _codes(alleles.alt, pairs))
    ]
    name = pl.concat_str(
        pl.Series(["c.-", "c.", "c.*", "n."]).gather(region),
        pl.Series(number),
        pl.Series(["-", "+"]).gather(((low < high) == forward).astype(np.int64)),
        pl.Series(np.minimum(low, high)),
        letters[0],
        pl.lit(">"),
        letters[1],
    )
    return IntronNames(rows, pl.select(name).to_series(), pl.Series(_TERMS).gather(region))


_CODING = "coding_transcript_intron_variant"
_TERMS = (
    f"5_prime_UTR_intron_variant&{_CODING}",
    _CODING,
    f"3_prime_UTR_intron_variant&{_CODING}",
    "non_coding_transcript_intron_variant",
)
"""The Sequence Ontology's terms by region, as mehari tells them."""


def _codes(texts: pl.Series, pairs: Pairs) -> Columns:
    """The base numbers of alleles of one letter."""
    joined = texts.gather(pairs.allele).str.join().item() or ""
    return CODE_OF_BYTE[np.frombuffer(joined.encode(), dtype=np.uint8)].astype(np.int64)
