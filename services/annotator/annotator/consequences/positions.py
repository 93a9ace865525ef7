"""Where alleles lie in transcripts: exon and intron numbers, cDNA, CDS and protein positions.

As in VEP an insertion has its end one before its start; 0 stands for a position that the
transcript does not have: in an intron, outside, or (CDS, protein) in an untranslated region.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from annotator.consequences.alleles import Flags
from annotator.consequences.genetic_code import Columns
from annotator.consequences.overlaps import Pairs
from annotator.consequences.transcript_table import TranscriptTable


@dataclass(frozen=True)
class Positions:
    """Positions of pairs, all in the direction of transcription and counted from 1."""

    cdna_start: Columns
    cdna_end: Columns
    cds_start: Columns
    cds_end: Columns
    in_exon: Flags
    at_exon_edge: Flags
    """Insertions between an exon and an intron."""
    in_cds: Flags
    first_exon: Columns
    """Number of the first exon that is touched, 0 if none."""
    last_exon: Columns
    first_intron: Columns
    last_intron: Columns


def positions_of(table: TranscriptTable, pairs: Pairs) -> Positions:
    """Positions of pairs whose alleles lie inside their transcripts."""
    is_insertion = pairs.start > pairs.end
    cdna_start, cdna_end, at_edge = _cdna(table, pairs, is_insertion)
    low, high = np.minimum(pairs.start, pairs.end), np.maximum(pairs.start, pairs.end)
    touched = _touched(table, pairs.transcript, low, high)
    mapped = (cdna_start > 0) | (cdna_end > 0)
    in_exon = np.where(is_insertion, mapped, touched[0] > 0)
    cds_start, cds_end, in_cds = _cds(table, pairs, cdna_start, cdna_end)
    return Positions(
        cdna_start,
        cdna_end,
        cds_start,
        cds_end,
        in_exon.astype(np.bool_),
        at_edge,
        in_cds,
        *touched,
    )


def _cdna(
    table: TranscriptTable, pairs: Pairs, is_insertion: Flags
) -> tuple[Columns, Columns, Flags]:
    transcript = pairs.transcript
    forward = table.strand[transcript] == 1
    at_start = table.cdna_at(transcript, pairs.start)
    at_end = table.cdna_at(transcript, pairs.end)
    first = np.where(forward, at_start, at_end)
    last = np.where(forward, at_end, at_start)
    # Between an exon and an intron only one neighbour has a position; the other follows from it.
    # (The neighbours of an insertion change places: its start is the base behind it.)
    before, behind = last, first
    mapped = is_insertion & ((before > 0) | (behind > 0))
    known = np.where(before > 0, before, behind - 1)
    at_edge = mapped & ((before == 0) | (behind == 0))
    return np.where(mapped, known + 1, first), np.where(mapped, known, last), at_edge


def _cds(
    table: TranscriptTable, pairs: Pairs, cdna_start: Columns, cdna_end: Columns
) -> tuple[Columns, Columns, Flags]:
    transcript = pairs.transcript
    first, last = table.coding_first[transcript], table.coding_last[transcript]
    shift = table.missing[transcript] + 1 - first
    is_insertion = pairs.start > pairs.end
    within = (first > 0) & (cdna_start > first) & (cdna_start <= last) & (cdna_end >= first)
    start_in = np.where(is_insertion, within, (cdna_start >= first) & (cdna_start <= last))
    end_in = np.where(is_insertion, within, (cdna_end >= first) & (cdna_end <= last))
    coding = first > 0
    low = np.maximum(pairs.start, table.low_coding[transcript])
    high = np.minimum(pairs.end, table.high_coding[transcript])
    exon = table.exon_at_or_before(transcript, high)
    ends = table.exons.ends[np.maximum(exon, 0)]
    touches = (low <= high) & (exon >= table.exons.first[transcript]) & (ends >= low)
    return (
        np.where(coding & start_in, cdna_start + shift, 0),
        np.where(coding & end_in, cdna_end + shift, 0),
        coding & np.where(is_insertion, within, touches),
    )


def _touched(
    table: TranscriptTable, transcript: Columns, low: Columns, high: Columns
) -> tuple[Columns, Columns, Columns, Columns]:
    """Numbers of the first and last exon, the first and last intron from ``low`` to ``high``."""
    first, after = table.exons.first[transcript], table.exons.first[transcript + 1]
    at_low = table.exon_at_or_before(transcript, low)
    at_high = table.exon_at_or_before(transcript, high)
    ends, starts = table.exons.ends, table.exons.starts
    low_is_in = (at_low >= first) & (low <= ends[np.maximum(at_low, 0)])
    exons = (np.where(low_is_in, at_low, at_low + 1), at_high)
    behind = (at_high >= first) & (high > ends[np.maximum(at_high, 0)])
    introns = (
        np.maximum(np.where((at_low >= first) & (high > ends[at_low]), at_low, at_low + 1), first),
        np.minimum(
            np.where(behind, at_high, np.where(low < starts[at_high], at_high - 1, first - 1)),
            after - 2,
        ),
    )
    return (
        *_numbered(exons, table.strand[transcript], first, after - first),
        *_numbered(introns, table.strand[transcript], first, after - first - 1),
    )


def _numbered(
    places: tuple[Columns, Columns], strand: Columns, first: Columns, count: Columns
) -> tuple[Columns, Columns]:
    """Places in the table as numbers from 1 in the direction of transcription, 0 if none."""
    low, high = places
    some = low <= high
    forward = strand == 1
    begin = np.where(forward, low - first + 1, first + count - high)
    end = np.where(forward, high - first + 1, first + count - low)
    return np.where(some, begin, 0), np.where(some, end, 0)


def codon_numbers(cds: Columns) -> Columns:
    """The codon (from 1) of CDS positions, 0 where there is none."""
    return np.where(cds > 0, (cds - 1) // 3 + 1, 0)


def range_text(start: Columns, end: Columns) -> pl.Series:
    """Positions as VEP writes them: ``605``, ``605-606``, ``?-606``, ``605-?``, null if neither.

    An insertion's start lies behind its end; it is written in ascending order.
    """
    both = (start > 0) & (end > 0)
    low = np.where(both, np.minimum(start, end), start)
    high = np.where(both, np.maximum(start, end), end)
    frame = pl.DataFrame({"low": low, "high": high})
    known = [
        pl.when(pl.col(name) > 0).then(pl.col(name).cast(pl.String)).otherwise(pl.lit("?"))
        for name in ("low", "high")
    ]
    text = (
        pl.when((pl.col("low") == 0) & (pl.col("high") == 0))
        .then(None)
        .when(pl.col("low") == pl.col("high"))
        .then(pl.col("low").cast(pl.String))
        .otherwise(pl.concat_str(known, separator="-"))
    )
    return frame.select(text.alias("text"))["text"]


def number_text(first: Columns, last: Columns, count: Columns) -> pl.Series:
    """Exons or introns as VEP writes them: ``2/10``, ``2-3/10``, null if none."""
    frame = pl.DataFrame({"first": first, "last": last, "count": count}).with_columns(
        pl.all().cast(pl.String)
    )
    alone = pl.concat_str("first", "count", separator="/")
    several = pl.concat_str(pl.concat_str("first", "last", separator="-"), "count", separator="/")
    text = (
        pl.when(pl.col("first") == "0")
        .then(None)
        .when(pl.col("first") == pl.col("last"))
        .then(alone)
        .otherwise(several)
    )
    return frame.select(text.alias("text"))["text"]
