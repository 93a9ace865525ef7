"""What the samples of a file look like: by this a swapped, mixed or failed sample is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from annotator.output.parquet.genotypes import ZYGOSITIES
from annotator.output.parquet.schema import WIDE_SAMPLES
from gas.domain.genomes import PSEUDOAUTOSOMAL

DEPTH_BINS = (0, 5, 10, 15, 20, 30, 40, 60, 100, 200, 500, 1000)
BALANCE_BINS = 20
RARITY_BINS = (0.0, 0.0001, 0.001, 0.01, 0.05, 0.5)
MOST_SHOWN = 100
"""Samples with counts of their own in the summary."""
_MISSING = len(ZYGOSITIES)
_HET, _HOM, _HEMI = (ZYGOSITIES.index(word) for word in ("het", "hom", "hemi"))
_TRANSITIONS = ("AG", "GA", "CT", "TC")

Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass
class SampleChecks:
    """Counts over the rows of ``variants.parquet``, an allele each.

    ``zygosities`` has a row for each sample and a column for each of ``ZYGOSITIES``, then one for
    missing genotypes; ``on_x`` heterozygous and other carriers of alleles on X outside of the
    pseudoautosomal regions; ``on_y`` carried alleles on Y; ``changes`` carried transitions and
    transversions. ``depths`` counts genotypes, ``site_depths`` alleles, ``balances`` heterozygous
    genotypes, ``rarity`` alleles by their highest frequency in one population, unknown ones last.
    """

    names: tuple[str, ...]
    assembly: str
    zygosities: Counts
    on_x: Counts
    on_y: Counts
    changes: Counts
    depths: Counts
    site_depths: Counts
    balances: Counts
    rarity: Counts

    @classmethod
    def empty(cls, names: Sequence[str], assembly: str) -> SampleChecks:
        """No counts yet."""

        def zeros(*shape: int) -> Counts:
            return np.zeros(shape, dtype=np.int64)

        size = len(names)
        return cls(
            tuple(names),
            assembly,
            zygosities=zeros(size, _MISSING + 1),
            on_x=zeros(size, 2),
            on_y=zeros(size),
            changes=zeros(size, 2),
            depths=zeros(len(DEPTH_BINS)),
            site_depths=zeros(len(DEPTH_BINS)),
            balances=zeros(BALANCE_BINS),
            rarity=zeros(len(RARITY_BINS) + 1),
        )

    def count(self, table: pa.Table) -> None:
        """Count some rows of ``variants.parquet``."""
        self.site_depths += _binned(_floats(table["dp"]), DEPTH_BINS)
        rarity = _floats(table["max_af"])
        self.rarity[:-1] += _binned(rarity, RARITY_BINS)
        self.rarity[-1] += int(np.isnan(rarity).sum())
        if self.names:
            self._count_samples(table)

    def _count_samples(self, table: pa.Table) -> None:
        size = len(self.names)
        words = _words(_cells(table, "zygosity", size)).reshape(-1, size)
        pairs = words + np.arange(size) * (_MISSING + 1)
        self.zygosities += np.bincount(pairs.ravel(), minlength=self.zygosities.size).reshape(
            self.zygosities.shape
        )
        is_het = words == _HET
        carried = is_het | (words == _HOM) | (words == _HEMI)
        on_x, on_y = self._sex_chromosomes(table)
        self.on_x[:, 0] += is_het[on_x].sum(axis=0)
        self.on_x[:, 1] += (carried & ~is_het)[on_x].sum(axis=0)
        self.on_y += carried[on_y].sum(axis=0)
        is_snv, is_transition = _changes(table)
        self.changes[:, 0] += carried[is_transition].sum(axis=0)
        self.changes[:, 1] += carried[is_snv & ~is_transition].sum(axis=0)
        self.depths += _binned(_floats(_cells(table, "dp", size)), DEPTH_BINS)
        balance = _floats(_cells(table, "ab", size))[is_het.ravel()]
        self.balances += _binned(balance, [n / BALANCE_BINS for n in range(BALANCE_BINS)])

    def _sex_chromosomes(self, table: pa.Table) -> tuple[Flags, Flags]:
        """Rows on X outside of the pseudoautosomal regions, and rows on Y."""

        def on(name: str) -> Flags:
            def is_it(contigs: pa.Array) -> pa.Array:
                return pc.equal(pc.utf8_ltrim(pc.utf8_upper(contigs), "CHR"), name)

            return _which(table["contig"], is_it)

        on_x, on_y = on("X"), on("Y")
        positions = table["pos"].to_numpy()
        for start, end in PSEUDOAUTOSOMAL.get(self.assembly, ()):
            on_x &= (positions < start) | (positions > end)
        return on_x, on_y

    def add(self, other: SampleChecks) -> None:
        """Add the counts of another part of the same file."""
        for name in _ARRAYS:
            getattr(self, name).__iadd__(getattr(other, name))

    def as_json(self) -> dict[str, Any]:
        """The counts of each sample, up to a bound, and of all genotypes together."""
        is_of_samples = bool(self.depths.sum())
        depths = self.depths if is_of_samples else self.site_depths
        return {
            "samples": [self._sample(n) for n in range(min(len(self.names), MOST_SHOWN))],
            "samples_left_out": max(0, len(self.names) - MOST_SHOWN),
            "depths": {
                "of": "genotypes" if is_of_samples else "alleles",
                "from": list(DEPTH_BINS),
                "counts": depths.tolist(),
            },
            "allele_balances": {
                "from": [n / BALANCE_BINS for n in range(BALANCE_BINS)],
                "counts": self.balances.tolist(),
            },
            "highest_population_frequencies": {
                "from": list(RARITY_BINS),
                "counts": self.rarity[:-1].tolist(),
                "unknown": int(self.rarity[-1]),
            },
        }

    def _sample(self, number: int) -> dict[str, Any]:
        words = (*ZYGOSITIES, "missing")
        transitions, transversions = self.changes[number].tolist()
        het_on_x, others_on_x = self.on_x[number].tolist()
        return {
            "name": self.names[number],
            **dict(zip(words, self.zygosities[number].tolist(), strict=True)),
            "transitions": transitions,
            "transversions": transversions,
            "x_heterozygous": het_on_x,
            "x_homozygous_or_hemizygous": others_on_x,
            "y_carried": int(self.on_y[number]),
        }


_ARRAYS = (
    *("zygosities", "on_x", "on_y", "changes"),
    *("depths", "site_depths", "balances", "rarity"),
)


def _cells(table: pa.Table, field: str, samples: int) -> pa.Array:
    """The field of each sample, row by row and sample by sample; null where a row has none."""
    if samples > WIDE_SAMPLES:
        lists = table[f"samples_{field}"].combine_chunks()
        if lists.null_count == 0:
            return lists.flatten()
        at = np.full(len(lists), -1, dtype=np.int64)
        has = lists.is_valid().to_numpy(zero_copy_only=False)
        at[has] = np.arange(has.sum()) * samples
        cell = np.where(at[:, None] < 0, -1, at[:, None] + np.arange(samples)).ravel()
        return lists.flatten().take(pa.array(cell, mask=cell < 0))
    columns = [table[f"s{n}_{field}"].combine_chunks() for n in range(1, samples + 1)]
    if samples == 1:
        return columns[0]
    order = np.arange(table.num_rows)[:, None] + np.arange(samples) * table.num_rows
    return pa.concat_arrays(columns).take(pa.array(order.ravel()))


def _words(zygosities: pa.Array) -> Counts:
    """The number of each zygosity; that of a missing one where it is null."""
    known = pa.array(ZYGOSITIES)
    if pa.types.is_dictionary(zygosities.type):
        found = pc.index_in(zygosities.dictionary, known).take(zygosities.indices)
    else:
        found = pc.index_in(zygosities, known)
    numbers = pc.fill_null(found, _MISSING)
    codes: Counts = numbers.to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def _floats(values: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """NaN where it is null."""
    filled = pc.fill_null(values.cast(pa.float64()), float("nan"))
    floats: npt.NDArray[np.float64] = np.asarray(filled)
    return floats


def _which(texts: pa.ChunkedArray, test: Callable[[pa.Array], pa.Array]) -> Flags:
    """Which texts pass the test; where they are numbers of words, each word is tested once."""
    whole = texts.combine_chunks()
    if pa.types.is_dictionary(whole.type):
        return _flags(test(whole.dictionary).take(whole.indices))
    return _flags(test(whole))


def _flags(values: pa.Array | pa.ChunkedArray) -> Flags:
    flags: Flags = np.array(pc.fill_null(values, False).to_numpy(zero_copy_only=False), dtype=bool)
    return flags


def _changes(table: pa.Table) -> tuple[Flags, Flags]:
    """Rows of an SNV, and those of a transition."""
    is_snv = _which(table["type"], lambda types: pc.equal(types, "SNV"))
    change = pc.utf8_upper(pc.binary_join_element_wise(table["ref"], table["alt"], ""))
    return is_snv, is_snv & _flags(pc.is_in(change, pa.array(_TRANSITIONS)))


def _binned(values: npt.NDArray[np.float64], edges: Sequence[float]) -> Counts:
    """How many values are at each edge or above it, and below the next."""
    known = values[~np.isnan(values)]
    bins = np.clip(np.searchsorted(edges, known, side="right") - 1, 0, None)
    return np.bincount(bins, minlength=len(edges)).astype(np.int64)
