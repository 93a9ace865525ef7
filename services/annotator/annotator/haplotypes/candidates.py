"""Alleles of different records that touch the same codons of a transcript."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from annotator.haplotypes.joint import Variant
from annotator.vcf.columns import Offsets

MOST_TOGETHER = 200
"""Alleles that may touch one another's codons; in a longer chain no haplotypes are looked for."""

SCHEMA = {
    "record": pl.Int64,
    "allele": pl.Int64,
    "contig": pl.String,
    "pos": pl.Int64,
    "ref": pl.String,
    "alt": pl.String,
    "Feature": pl.String,
    "first": pl.Int64,
    "last": pl.Int64,
    "reach": pl.Int64,
}
"""Alleles in coding sequences: ``first`` and ``last`` are positions in the CDS, from 1; ``reach``
is the last position of the genome that has a base of their codons."""


def coding_alleles(entries: pl.DataFrame, alleles: pl.DataFrame, record: int) -> pl.DataFrame:
    """The alleles of a block that have a position in the coding sequence of a transcript.

    ``entries`` are those of CSQ, ``alleles`` what they are of; both name records by ``row``, to
    which ``record`` is added.
    """
    coding = entries.lazy().filter(pl.col("CDS_position").is_not_null())
    ends = pl.col("CDS_position").str.split_exact("-", 1)
    numbers = [ends.struct.field(f"field_{n}").cast(pl.Int64, strict=False) for n in (0, 1)]
    found = (
        coding.select("row", "allele", "Feature", first=numbers[0], last=numbers[1])
        .with_columns(
            first=pl.coalesce("first", "last"),
            last=pl.coalesce("last", "first"),
        )
        .filter(pl.col("first").is_not_null())
        .join(alleles.lazy(), on=["row", "allele"], how="inner")
        .with_columns(
            record=pl.col("row") + record,
            # The other bases of a codon are two bases away at most, if no intron lies between.
            reach=pl.col("pos") + pl.col("ref").str.len_bytes().cast(pl.Int64) + 1,
        )
        .select(*SCHEMA)
    )
    return found.collect()


@dataclass(frozen=True)
class Chain:
    """Alleles in a transcript of which each touches a codon that another touches."""

    transcript: str
    variants: tuple[Variant, ...]
    spans: tuple[tuple[int, int], ...]
    """First and last position of each in the CDS."""


def chains(
    coding: pl.DataFrame, reached: tuple[str, int] | None
) -> tuple[list[Chain], pl.DataFrame]:
    """Chains of several records that no later record can join; and the alleles left for later.

    ``reached`` is the contig and position of the last record that was read, None if all were.
    """
    if coding.is_empty():
        return [], coding
    frame = coding.sort("contig", "Feature", "first", "last", "record", "allele")
    chain = _chain_numbers(frame)
    frame = frame.with_columns(pl.Series("chain", chain))
    numbers = frame.select(
        records=pl.col("record").n_unique().over("chain"),
        reach=pl.col("reach").max().over("chain"),
    )
    is_open = np.zeros(frame.height, dtype=np.bool_)
    if reached is not None:
        near = (numbers["reach"] >= reached[1]) & (frame["contig"] == reached[0])
        is_open = near.to_numpy()
    several = (numbers["records"] > 1).to_numpy() & ~is_open
    return list(_chains(frame.filter(pl.Series(several)))), frame.filter(pl.Series(is_open)).drop(
        "chain"
    )


def _chain_numbers(frame: pl.DataFrame) -> Offsets:
    """A number for each run of alleles whose codons overlap; ``frame`` is sorted."""
    transcript = frame.select(pl.struct("contig", "Feature").rle_id()).to_series().to_numpy()
    begin, end = frame["first"].to_numpy(), frame["last"].to_numpy()
    shifts = transcript.astype(np.int64) * (int(end.max()) // 3 + 2)
    first, last = shifts + (begin - 1) // 3, shifts + (end - 1) // 3
    reached = np.maximum.accumulate(last)
    begins = np.append(True, first[1:] > reached[:-1])
    return np.cumsum(begins)


def _chains(frame: pl.DataFrame) -> Iterator[Chain]:
    if frame.is_empty():
        return
    columns = frame.select("record", "allele", "contig", "pos", "ref", "alt")
    variants = [Variant(*row) for row in columns.iter_rows()]
    spans = frame.select("first", "last").rows()
    numbers = frame["chain"].to_numpy()
    begins = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1)).tolist()
    transcripts = frame["Feature"].gather(begins).to_list()
    for transcript, begin, end in zip(transcripts, begins, [*begins[1:], len(spans)], strict=True):
        yield Chain(transcript, tuple(variants[begin:end]), tuple(spans[begin:end]))


@dataclass(frozen=True, slots=True)
class Piece:
    """Alleles of one haplotype, in order, of which each touches a codon that another touches."""

    variants: tuple[Variant, ...]
    coding_bases: int
    """From the first to the last position in the CDS."""

    @property
    def spans_intron(self) -> bool:
        """Whether an intron lies between: then no allele of the genome is what they are together.

        In the genome they are farther apart than in the CDS, by more than the base or two in which
        insertions are counted otherwise.
        """
        changes = [variant.changed for variant in self.variants]
        first = min(start for start, _, _ in changes)
        last = max(start + len(ref) - 1 for start, ref, _ in changes)
        return last - first + 1 > self.coding_bases + 2


def pieces(chain: Chain, chosen: frozenset[Variant]) -> Iterator[Piece]:
    """The pieces of two or more of the chosen alleles."""
    piece: list[Variant] = []
    begin = end = reached = -1
    for variant, (first, last) in zip(chain.variants, chain.spans, strict=True):
        if variant not in chosen:
            continue
        if (first - 1) // 3 > reached:
            if len(piece) > 1:
                yield _piece(piece, end - begin + 1)
            piece, begin = [], first
        piece.append(variant)
        end = max(end, last)
        reached = (end - 1) // 3
    if len(piece) > 1:
        yield _piece(piece, end - begin + 1)


def _piece(variants: list[Variant], coding_bases: int) -> Piece:
    ordered = sorted(variants, key=lambda one: (one.pos, one.record, one.allele))
    return Piece(tuple(ordered), coding_bases)
