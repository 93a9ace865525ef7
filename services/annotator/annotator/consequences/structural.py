"""What structural variants do to transcripts, in VEP's terms.

Source: the predicates of Ensembl VEP (release 115) for structural variants. A transcript that is
lost or gained as a whole has that one term. ``feature_truncation`` and ``feature_elongation`` are
told of losses, and of gains inside a transcript, that touch an exon, and of every breakend inside a
transcript. What is inserted, duplicated or turned round is not translated: its coding sequence is a
``coding_sequence_variant``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from annotator.consequences.alleles import Alleles, Flags
from annotator.consequences.descriptions import FIELDS
from annotator.consequences.engine import TRANSCRIPT
from annotator.consequences.gene_model_engine import GeneModels, spread, term_columns
from annotator.consequences.genetic_code import Columns
from annotator.consequences.overlaps import Pairs
from annotator.consequences.pick import Selection
from annotator.consequences.positions import (
    Positions,
    codon_numbers,
    number_text,
    positions_of,
    range_text,
)
from annotator.consequences.regions import NMD, region_bits, stream_bits
from annotator.consequences.splicing import splicing_of
from annotator.consequences.vocabulary import BIT

MOST_ENTRIES = 500
"""Entries of an allele: the most severe ones; those of whole arms of chromosomes have thousands."""
_AT_ONCE = 64
_CODON = 3


@dataclass(frozen=True, slots=True)
class Event:
    """A structural allele on a contig of the reference, ``start`` to ``end``, 1-based, inclusive.

    An insertion stands between ``end`` and ``start`` = ``end`` + 1. ``row`` and ``allele`` say of
    which allele it is; ``kind`` is Sequence Ontology's term, ``label`` VEP's Allele.
    """

    row: int
    allele: int
    contig: str
    start: int
    end: int
    kind: str
    label: str


@dataclass(frozen=True)
class StructuralAnswer:
    """Entries as engines give them, with ``allele`` beside ``row``; how many were left out."""

    rows: pl.DataFrame
    left_out: int


def annotate(models: GeneModels, events: Sequence[Event], selection: Selection) -> StructuralAnswer:
    """The entries of events, in their order."""
    answers = [
        _some(models, events[at : at + _AT_ONCE], selection)
        for at in range(0, len(events), _AT_ONCE)
    ]
    rows = pl.concat([answer.rows for answer in answers])
    return StructuralAnswer(rows, sum(answer.left_out for answer in answers))


@dataclass(frozen=True)
class _Kinds:
    """What the event of each pair is."""

    is_loss: Flags
    is_gain: Flags
    is_breakend: Flags
    is_turned: Flags

    @classmethod
    def of(cls, events: Sequence[Event], which: Columns) -> _Kinds:
        def those(*words: str) -> Flags:
            flags = np.array([any(word in event.kind for word in words) for event in events])
            return flags.astype(np.bool_)[which]

        return cls(
            those("deletion"), those("duplication", "insertion"), those("break"), those("inversion")
        )


def _some(models: GeneModels, events: Sequence[Event], selection: Selection) -> StructuralAnswer:
    pairs = models.index.pairs(_as_alleles(models, events))
    touching = np.flatnonzero(pairs.inside)
    inside = pairs.at(touching)
    places = positions_of(models.table, inside)
    bits, distance = stream_bits(models.table, pairs)
    bits[touching] = _bits(models, inside, places, _Kinds.of(events, inside.allele))
    lonely = np.setdiff1d(np.arange(len(events)), pairs.allele)
    none = np.full(len(lonely), len(models.table))
    allele = np.concatenate([pairs.allele, lonely])
    transcript = np.concatenate([pairs.transcript, none])
    bits = np.concatenate([bits, np.full(len(lonely), BIT["intergenic_variant"])])
    order = np.argsort(allele, kind="stable")
    of_allele = _numbers_of_alleles(events)[allele[order]]
    picked = models.picker.picked(of_allele, transcript[order], bits[order])
    kept = models.picker.selected(selection, of_allele, transcript[order], picked)
    chosen = int(kept.sum())
    kept &= _most_severe(of_allele, bits[order], picked)
    left_out = chosen - int(kept.sum())
    order, picked = order[kept], picked[kept]
    own = _columns(models, inside, places, touching, len(allele)).with_columns(
        DISTANCE=_distances(pairs, distance, len(lonely))
    )
    rows = pl.concat(
        [
            _of_events(events)[allele[order]],
            term_columns(bits[order]),
            models.descriptions.select(FIELDS)[transcript[order]],
            own[order],
            pl.DataFrame(
                {
                    "PICK": pl.Series(["1", None]).gather(np.where(picked, 0, 1)),
                    TRANSCRIPT: transcript[order].astype(np.int32),
                }
            ),
        ],
        how="horizontal",
    )
    return StructuralAnswer(rows, left_out)


def _numbers_of_alleles(events: Sequence[Event]) -> Columns:
    """A number for each event, the same for the two breakends of an allele."""
    known: dict[tuple[int, int], int] = {}
    return np.array([known.setdefault((one.row, one.allele), len(known)) for one in events])


def _as_alleles(models: GeneModels, events: Sequence[Event]) -> Alleles:
    """Events as the index of transcripts looks them up: by place alone."""
    start = np.array([event.start for event in events], dtype=np.int64)
    end = np.array([event.end for event in events], dtype=np.int64)
    numbers = [models.genome.number_of[event.contig] for event in events]
    nothing = np.zeros(len(events), dtype=np.int64)
    empty = pl.repeat("", len(events), eager=True)
    return Alleles(
        row=np.arange(len(events)),
        contig=np.array(numbers, dtype=np.int64),
        start=start,
        end=end,
        ref_length=end - start + 1,
        alt_length=nothing,
        ref=empty,
        alt=empty,
        label=empty,
        bases=np.zeros(0, dtype=np.uint8),
        first=nothing,
    )


def _bits(models: GeneModels, pairs: Pairs, places: Positions, kinds: _Kinds) -> Columns:
    """Terms of pairs that touch, as bits."""
    table, transcript = models.table, pairs.transcript
    splicing = splicing_of(table, pairs, places.in_exon)
    splicing = replace(splicing, bits=np.zeros(len(pairs), dtype=np.int64))
    is_nmd = (table.about["BIOTYPE"].gather(transcript) == NMD).fill_null(value=False).to_numpy()
    bits = region_bits(table, pairs, places, splicing, is_nmd)
    low, high = table.start[transcript], table.end[transcript]
    covers = (pairs.start <= low) & (pairs.end >= high)
    within = (pairs.start >= low) & (pairs.end <= high)
    sizes = pairs.end - pairs.start + 1
    in_one_exon = (places.cds_start > 0) & (places.cds_end > 0) & (places.first_intron == 0)
    clean_loss = kinds.is_loss & in_one_exon
    for hits, term in (
        (places.in_cds & ~clean_loss, "coding_sequence_variant"),
        (clean_loss & (sizes % _CODON == 0), "inframe_deletion"),
        (clean_loss & (sizes % _CODON != 0), "frameshift_variant"),
        (kinds.is_loss & places.in_exon | kinds.is_breakend, "feature_truncation"),
        (kinds.is_gain & within & places.in_exon, "feature_elongation"),
        (kinds.is_loss & _touches_edge(models, pairs, at_start=False), "stop_lost"),
        (
            (kinds.is_loss | kinds.is_turned) & _touches_edge(models, pairs, at_start=True),
            "start_lost",
        ),
    ):
        bits |= np.where(hits, BIT[term], 0)
    bits[bits == 0] = BIT["coding_transcript_variant"]
    bits[covers & kinds.is_loss] = BIT["transcript_ablation"]
    bits[covers & kinds.is_gain] = BIT["transcript_amplification"]
    return bits


def _touches_edge(models: GeneModels, pairs: Pairs, *, at_start: bool) -> Flags:
    """Which touch the first, or the last, three bases of a coding sequence that has its end."""
    table, transcript = models.table, pairs.transcript
    low, high = table.low_coding[transcript], table.high_coding[transcript]
    forward = table.strand[transcript] == 1
    at_low = forward == at_start
    first = np.where(at_low, low, high - _CODON + 1)
    touched: Flags = (low > 0) & (pairs.end >= first) & (pairs.start <= first + _CODON - 1)
    if at_start:
        return touched & table.start_is_known[transcript]
    flags = table.about["FLAGS"].gather(transcript).fill_null("")
    ends: Flags = touched & ~flags.str.contains("cds_end_NF").to_numpy()
    return ends


def _most_severe(allele: Columns, bits: Columns, picked: Flags) -> Flags:
    """The picked entry and the most severe ones of each allele; ``allele`` is sorted."""
    order = np.lexsort((bits & -bits, ~picked, allele))
    firsts = np.searchsorted(allele, allele)
    kept = np.zeros(len(allele), dtype=np.bool_)
    kept[order] = np.arange(len(allele)) - firsts < MOST_ENTRIES
    return kept


def _columns(
    models: GeneModels, pairs: Pairs, places: Positions, rows: Columns, height: int
) -> pl.DataFrame:
    """Numbers and positions, in ``rows`` of a frame of that height; null elsewhere."""
    counts = models.table.exon_counts[pairs.transcript]
    codons = codon_numbers(places.cds_start), codon_numbers(places.cds_end)
    frame = pl.DataFrame(
        {
            "EXON": number_text(places.first_exon, places.last_exon, counts),
            "INTRON": number_text(places.first_intron, places.last_intron, counts - 1),
            "cDNA_position": range_text(places.cdna_start, places.cdna_end),
            "CDS_position": range_text(places.cds_start, places.cds_end),
            "Protein_position": range_text(*codons),
        }
    )
    return spread(frame, rows, height)


def _distances(pairs: Pairs, distance: Columns, lonely: int) -> pl.Series:
    texts = pl.Series(distance).cast(pl.String)
    shown = pl.select(pl.when(~pl.Series(pairs.inside)).then(texts)).to_series()
    return shown.extend(pl.repeat(None, lonely, dtype=pl.String, eager=True))


def _of_events(events: Sequence[Event]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "row": [event.row for event in events],
            "allele": [event.allele for event in events],
            "Allele": [event.label for event in events],
            "VARIANT_CLASS": [event.kind for event in events],
        }
    )
