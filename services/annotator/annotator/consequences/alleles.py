"""Alleles as users write them, checked and in the coordinates that VEP works with.

VEP drops the first base where REF and ALT share it and differ in length, and trims nothing else:
``GAT>G`` is ``AT>-`` one base on, ``CCT>G`` stays. What is left spans ``start`` to ``end`` of the
genome, 1-based, both included; an insertion stands between ``end`` and ``start`` = ``end`` + 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from annotator.consequences.genetic_code import CODE_OF_BYTE, UNKNOWN, Bases, Columns
from annotator.consequences.genome import Genome

Flags = npt.NDArray[np.bool_]

UNANSWERED = {
    1: "unknown_contig",
    2: "symbolic_or_missing_allele",
    3: "not_a_sequence",
    4: "past_end_of_contig",
    5: "reference_not_known_there",
    6: "ref_differs_from_reference",
    7: "same_as_reference",
}
"""Why an allele has no consequence; 0 is an allele that has one."""


@dataclass(frozen=True)
class Alleles:
    """Alleles that can be answered; ``row`` is the place of each in the frame that was given.

    ``ref`` and ``alt`` are upper-case letters of the plus strand and empty for what is not there;
    ``label`` is VEP's Allele. ``bases`` holds the base numbers of all ``alt``, end to end, those of
    the n-th from ``first[n]`` on.
    """

    row: Columns
    contig: Columns
    start: Columns
    end: Columns
    ref_length: Columns
    alt_length: Columns
    ref: pl.Series
    alt: pl.Series
    label: pl.Series
    bases: Bases
    first: Columns

    def __len__(self) -> int:
        return len(self.row)

    @property
    def is_insertion(self) -> Flags:
        """Those that take nothing away."""
        flags: Flags = self.ref_length == 0
        return flags

    def variant_class(self) -> pl.Series:
        """VEP's VARIANT_CLASS, Sequence Ontology's name for the kind of change."""
        names = np.array(["SNV", "substitution", "insertion", "deletion", "indel"])
        ref, alt = self.ref_length, self.alt_length
        kind = np.select(
            [(ref == 1) & (alt == 1), ref == alt, ref == 0, alt == 0], [0, 1, 2, 3], default=4
        )
        return pl.Series("VARIANT_CLASS", names).gather(kind)


def check(frame: pl.DataFrame, genome: Genome) -> tuple[Alleles, Columns]:
    """Alleles that can be answered, and for each row of ``frame`` its number in UNANSWERED or 0.

    ``frame`` has ``contig`` (the genome's own names), ``pos`` (1-based), ``ref`` and ``alt``, one
    ALT a row. Where rows of one VCF record have the same number in ``record``, VEP's Allele is
    trimmed as VEP trims the record: only if all its alleles share the first base.
    """
    upper = frame.select(
        pl.col("contig").replace_strict(genome.number_of, default=-1, return_dtype=pl.Int64),
        pl.col("pos").cast(pl.Int64),
        pl.col("ref").str.to_uppercase(),
        pl.col("alt").str.to_uppercase(),
    )
    # Most alleles are one base for another: numbers tell all of them, texts need not be read.
    is_single = _single_bases(upper)
    reasons = np.zeros(upper.height, dtype=np.int64)
    others = np.flatnonzero(~is_single)
    reasons[others] = _reasons_by_text(upper[others], genome)
    singles = np.flatnonzero(is_single)
    reasons[singles] = _reasons_of_single_bases(upper[singles], genome)
    _compare_with_reference(upper, genome, reasons)
    answerable = np.flatnonzero(reasons == 0)
    trimmed = _trimmed(upper[answerable], _shared_first_base(frame)[answerable], answerable)
    return trimmed, reasons


def _single_bases(upper: pl.DataFrame) -> Flags:
    """Which rows are one base for one base, as far as their texts go."""
    if any(upper[name].null_count() for name in upper.columns):
        return np.zeros(upper.height, dtype=np.bool_)
    is_single = np.ones(upper.height, dtype=np.bool_)
    for name in ("ref", "alt"):
        bases, lengths = _letters(upper[name])
        first = (np.cumsum(lengths) - lengths).clip(max=max(len(bases) - 1, 0))
        is_single &= lengths == 1
        if len(bases):
            is_single &= bases[first] < UNKNOWN
    return is_single


def _reasons_of_single_bases(upper: pl.DataFrame, genome: Genome) -> Columns:
    contig, position = upper["contig"].to_numpy(), upper["pos"].to_numpy()
    reasons = np.where((upper["ref"] == upper["alt"]).to_numpy(), 7, 0)
    reasons[(position < 1) | (position > genome.lengths[contig])] = 4
    reasons[contig < 0] = 1
    return reasons


def _shared_first_base(frame: pl.DataFrame) -> Flags:
    """Of which rows VEP drops the first base of Allele: all of their record's alleles share it."""
    lengths = frame.select(pl.col("ref", "alt").str.len_bytes().fill_null(0))
    shared = np.zeros(frame.height, dtype=np.bool_)
    differ = (lengths["ref"] != lengths["alt"]).to_numpy()
    if "record" in frame.columns:  # a record without such an allele has none to trim
        records = frame["record"].to_numpy()
        if _has_repeats(records):
            differ = np.isin(records, records[differ])
        else:
            frame = frame.drop("record")
    rows = np.flatnonzero(differ)
    shared[rows] = _of_record(frame[rows]).fill_null(value=False).to_numpy()
    return shared


def _has_repeats(records: Columns) -> bool:
    if (records[1:] > records[:-1]).all():  # which is so of files without multiallelic records
        return False
    return len(np.unique(records)) < len(records)


def _of_record(frame: pl.DataFrame) -> pl.Series:
    ref, alt = pl.col("ref").str.to_uppercase(), pl.col("alt").str.to_uppercase()
    same = (alt.str.head(1) == ref.str.head(1)) | (alt == "*")
    differs = (alt.str.len_bytes() != ref.str.len_bytes()) & (alt != "*")
    if "record" not in frame.columns:
        return frame.select(shared=same & differs)["shared"]
    return frame.select(shared=same.all().over("record") & differs.any().over("record"))["shared"]


def _reasons_by_text(upper: pl.DataFrame, genome: Genome) -> Columns:
    lengths = pl.Series(genome.lengths)
    sequence = r"^[ACGT]+$"
    last = pl.col("pos") + pl.col("ref").str.len_bytes().cast(pl.Int64) - 1
    end = pl.col("contig").clip(0).replace_strict(dict(enumerate(lengths)), return_dtype=pl.Int64)
    reasons = upper.select(
        pl.when(pl.col("contig") < 0)
        .then(1)
        .when(pl.col("alt").str.contains(r"[<>\[\]*.]") | (pl.col("alt") == ""))
        .then(2)
        .when(~pl.col("alt").str.contains(sequence) | ~pl.col("ref").str.contains(r"^[ACGTN]+$"))
        .then(3)
        .when((pl.col("pos") < 1) | (last > end))
        .then(4)
        .when(pl.col("ref") == pl.col("alt"))
        .then(7)
        .otherwise(0)
        .fill_null(3)
        .alias("reason")
    )
    return reasons["reason"].cast(pl.Int64).to_numpy().copy()


def _compare_with_reference(upper: pl.DataFrame, genome: Genome, reasons: Columns) -> None:
    at = np.flatnonzero(reasons == 0)
    written, lengths = _letters(upper["ref"].gather(at))
    contigs, positions = upper["contig"].to_numpy()[at], upper["pos"].to_numpy()[at]
    of = np.arange(len(at))
    if len(written) > len(at):
        of = np.repeat(of, lengths)
        place = np.arange(len(of)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        contigs, positions = contigs[of], positions[of] + place
    known = genome.bases_of_many(contigs, positions)
    differs = np.bincount(of[known != written], minlength=len(at)) > 0
    unknown = np.bincount(of[known == UNKNOWN], minlength=len(at)) > 0
    reasons[at[differs]] = 6
    reasons[at[unknown]] = 5


def _letters(texts: pl.Series) -> tuple[Bases, Columns]:
    """Base numbers of all texts end to end, and the length of each."""
    joined = texts.str.join().item() or ""
    lengths = texts.str.len_bytes().to_numpy().astype(np.int64)
    return CODE_OF_BYTE[np.frombuffer(joined.encode(), dtype=np.uint8)], lengths


def _trimmed(upper: pl.DataFrame, shared: Flags, rows: Columns) -> Alleles:
    refs, alts, labels = upper["ref"], upper["alt"], upper["alt"]
    lengths = upper.select(pl.col("ref", "alt").str.len_bytes())
    drops = (lengths["ref"] != lengths["alt"]).to_numpy()
    longer = np.flatnonzero(drops | shared)
    if len(longer):
        few = upper[longer]
        same = (few["ref"].str.head(1) == few["alt"].str.head(1)).to_numpy()
        drops[longer] &= same
        dropped = pl.Series(drops[longer].astype(np.int64))
        refs = refs.scatter(longer, few["ref"].str.slice(dropped))
        alts = alts.scatter(longer, few["alt"].str.slice(dropped))
        labels = labels.scatter(longer, _labels(few["alt"], shared[longer]))
    ref_length = refs.str.len_bytes().to_numpy().astype(np.int64)
    bases, alt_length = _letters(alts)
    start = upper["pos"].to_numpy() + drops
    return Alleles(
        row=rows,
        contig=upper["contig"].to_numpy(),
        start=start,
        end=start + ref_length - 1,
        ref_length=ref_length,
        alt_length=alt_length,
        ref=refs,
        alt=alts,
        label=labels.alias("label"),
        bases=bases,
        first=np.cumsum(alt_length) - alt_length,
    )


def _labels(alts: pl.Series, shared: Flags) -> pl.Series:
    """VEP's Allele, without the first base where all alleles of the record share it."""
    shorter = alts.str.slice(1)
    shorter = shorter.set(shorter == "", "-")
    return pl.select(pl.when(pl.Series(shared)).then(shorter).otherwise(alts)).to_series()
