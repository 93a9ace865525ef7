"""Consequences from gene models and reference alone: every field of VEP's but HGVSc and HGVSp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from annotator.consequences import alleles as allele_checks
from annotator.consequences.alleles import Alleles
from annotator.consequences.coding import coding_of
from annotator.consequences.descriptions import FIELDS
from annotator.consequences.engine import TRANSCRIPT, Answer
from annotator.consequences.genetic_code import MITOCHONDRIAL_CODE, Columns
from annotator.consequences.genome import Genome
from annotator.consequences.overlaps import OverlapIndex, Pairs
from annotator.consequences.pick import PICK_ORDER, Criterion, Picker, Selection
from annotator.consequences.positions import (
    Positions,
    codon_numbers,
    number_text,
    positions_of,
    range_text,
)
from annotator.consequences.regions import NMD, ablated, boundary_bits, region_bits, stream_bits
from annotator.consequences.shifting import Moves, genomic_names, moves_of
from annotator.consequences.splicing import splicing_of
from annotator.consequences.transcript_table import TranscriptTable
from annotator.consequences.vocabulary import BIT, impact_of, terms_of


@dataclass(frozen=True)
class Answers:
    """Pairs and all that is known of them, before names of HGVS are put beside.

    ``bits`` are the terms of every pair, ``distance`` is of those that do not touch. ``touching``
    are the places of pairs that touch: ``inside``, ``places`` and ``columns`` (VEP's fields) are of
    these alone.
    """

    alleles: Alleles
    moves: Moves
    pairs: Pairs
    bits: Columns
    distance: Columns
    touching: Columns
    inside: Pairs
    places: Positions
    columns: pl.DataFrame

    @property
    def inside_bits(self) -> Columns:
        """The terms of pairs that touch."""
        found: Columns = self.bits[self.touching]
        return found


class GeneModels:
    """Transcripts and their reference, ready to be asked."""

    def __init__(
        self,
        table: TranscriptTable,
        genome: Genome,
        pick_order: Sequence[Criterion] = PICK_ORDER,
    ) -> None:
        self.table, self.genome = table, genome
        self.picker = Picker(table, pick_order)
        self.index = OverlapIndex(table)
        self._is_nmd = (table.about["BIOTYPE"] == NMD).fill_null(value=False).to_numpy()

    @cached_property
    def mitochondria(self) -> tuple[int, ...]:
        """Numbers of the contigs whose genes have the mitochondrial code."""
        codes = self.table.genetic_code == MITOCHONDRIAL_CODE
        return tuple(np.unique(self.table.contig[codes]).tolist())

    @cached_property
    def descriptions(self) -> pl.DataFrame:
        """What is to be said of each transcript; the last row is that of none."""
        about = self.table.about
        return pl.concat([about, about.clear(1)])

    def answers(self, alleles: Alleles, selection: Selection = "all") -> Answers:
        """The pairs of those alleles and the transcripts near them that the selection may need."""
        pairs = self.index.pairs(alleles)
        if selection != "all":
            pairs = pairs.at(self.picker.candidates(selection, pairs.allele, pairs.transcript))
        touching = np.flatnonzero(pairs.inside)
        inside = pairs.at(touching)
        places = positions_of(self.table, inside)
        bits, distance = stream_bits(self.table, pairs)
        bits[touching], columns = self._inside(alleles, inside, places)
        moves = moves_of(self.genome, alleles)
        return Answers(alleles, moves, pairs, bits, distance, touching, inside, places, columns)

    def _inside(
        self, alleles: Alleles, pairs: Pairs, places: Positions
    ) -> tuple[Columns, pl.DataFrame]:
        """Terms as bits, and columns, of pairs that touch."""
        table, transcript = self.table, pairs.transcript
        splicing = splicing_of(table, pairs, places.in_exon)
        bits = region_bits(table, pairs, places, splicing, self._is_nmd[transcript])
        whole = np.flatnonzero((places.cds_start > 0) & (places.cds_end > 0))
        cds = places.cds_start[whole], places.cds_end[whole]
        coding = coding_of(table, self.genome, alleles, pairs.at(whole), cds)
        bits[whole] |= coding.bits
        rows, edge_bits = boundary_bits(table, self.genome, alleles, pairs, places)
        bits[rows] = (bits[rows] & ~BIT["coding_sequence_variant"]) | edge_bits
        bits[ablated(table, alleles, pairs)] = BIT["transcript_ablation"]
        bits[bits == 0] = BIT["coding_transcript_variant"]
        codons = pl.DataFrame({"Codons": coding.codons, "Amino_acids": coding.amino_acids})
        exonic = np.flatnonzero(places.in_exon)
        columns = _position_columns(places, exonic).hstack(spread(codons, whole, len(pairs)))
        counts = table.exon_counts[transcript]
        return bits, columns.with_columns(
            number_text(places.first_exon, places.last_exon, counts).alias("EXON"),
            number_text(places.first_intron, places.last_intron, counts - 1).alias("INTRON"),
        )


def _position_columns(places: Positions, exonic: Columns) -> pl.DataFrame:
    """Position texts; few pairs have any, so only those in exons are written."""
    cds = places.cds_start[exonic], places.cds_end[exonic]
    columns = pl.DataFrame(
        {
            "cDNA_position": range_text(places.cdna_start[exonic], places.cdna_end[exonic]),
            "CDS_position": range_text(*cds),
            "Protein_position": range_text(codon_numbers(cds[0]), codon_numbers(cds[1])),
        }
    )
    return spread(columns, exonic, len(places.in_exon))


def spread(frame: pl.DataFrame, rows: Columns, height: int) -> pl.DataFrame:
    """A frame of ``height`` rows: those of ``frame`` at the places ``rows``, nulls elsewhere."""
    which = np.full(height, frame.height, dtype=np.int64)
    which[rows] = np.arange(len(rows))
    return pl.concat([frame, frame.clear(1)])[which]


class GeneModelEngine:
    """An engine that runs everywhere, and tells no HGVS but that of the genome."""

    NAME = "gene-models 1"

    def __init__(self, models: GeneModels) -> None:
        self.models = models

    @property
    def version(self) -> str:
        return self.NAME

    def annotate(self, alleles: pl.DataFrame, transcripts: Selection = "all") -> Answer:
        checked, reasons = allele_checks.check(alleles, self.models.genome)
        answers = self.models.answers(checked, transcripts)
        return finished(self.models, answers, reasons, transcripts)


def finished(
    models: GeneModels, answers: Answers, reasons: Columns, selection: Selection
) -> Answer:
    """The answer as engines give it, with a row for each allele that is near no transcript."""
    alleles, pairs = answers.alleles, answers.pairs
    is_lonely = np.ones(len(alleles), dtype=np.bool_)
    is_lonely[pairs.allele] = False
    lonely = np.flatnonzero(is_lonely)
    allele = np.concatenate([pairs.allele, lonely])
    none = np.full(len(lonely), len(models.table))
    transcript = np.concatenate([pairs.transcript, none])
    bits = np.concatenate([answers.bits, np.full(len(lonely), BIT["intergenic_variant"])])
    order = np.argsort(allele, kind="stable") if len(lonely) else np.arange(len(allele))
    picked = models.picker.picked(allele[order], transcript[order], bits[order])
    kept = models.picker.selected(selection, allele[order], transcript[order], picked)
    order, picked = order[kept], picked[kept]
    own = _own_columns(answers, order, len(allele))
    allele, transcript, bits = allele[order], transcript[order], bits[order]
    about = models.descriptions.select(FIELDS)[transcript]
    shared = _allele_columns(models, answers)[allele]
    picks = pl.DataFrame(
        {
            "PICK": pl.Series(["1", None]).gather(np.where(picked, 0, 1)),
            TRANSCRIPT: transcript.astype(np.int32),
        }
    )
    rows = pl.concat([shared, term_columns(bits), about, own, picks], how="horizontal")
    return Answer(rows, unanswered(reasons))


def _own_columns(answers: Answers, rows: Columns, count: int) -> pl.DataFrame:
    """DISTANCE, and the columns of pairs that touch, for ``rows`` of ``count`` of which the last
    are no pairs.
    """
    which = np.full(count, answers.columns.height, dtype=np.int64)
    which[answers.touching] = np.arange(answers.columns.height)
    columns = pl.concat([answers.columns, answers.columns.clear(1)])[which[rows]]
    away = np.flatnonzero(~answers.pairs.inside)
    distances = pl.DataFrame({"DISTANCE": answers.distance[away]}).cast(pl.String)
    return columns.hstack(spread(distances, away, count)[rows])


def _allele_columns(models: GeneModels, answers: Answers) -> pl.DataFrame:
    alleles = answers.alleles
    return pl.DataFrame(
        {
            "row": alleles.row,
            "Allele": alleles.label,
            "VARIANT_CLASS": alleles.variant_class(),
            "HGVSg": genomic_names(models.genome, alleles, answers.moves, models.mitochondria),
        }
    )


def term_columns(bits: Columns) -> pl.DataFrame:
    """Consequence and IMPACT; there are few different sets of terms."""
    different, which = np.unique(bits, return_inverse=True)
    sets = [int(one) for one in different]
    frame = pl.DataFrame(
        {
            "Consequence": ["&".join(terms_of(one)) for one in sets],
            "IMPACT": [impact_of(one) for one in sets],
        },
        schema={"Consequence": pl.String, "IMPACT": pl.String},
    )
    return frame[which]


def unanswered(reasons: Columns) -> pl.DataFrame:
    """The places of alleles without an answer, and why."""
    rows = np.flatnonzero(reasons)
    names = [allele_checks.UNANSWERED[int(reasons[row])] for row in rows]
    return pl.DataFrame(
        {"row": rows, "reason": names}, schema={"row": pl.Int64, "reason": pl.String}
    )
