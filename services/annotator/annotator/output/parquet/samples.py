"""The columns of samples: wide for few, lists for many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from annotator.output.parquet import schema
from annotator.output.parquet.carriers import together
from annotator.output.parquet.entries import words
from annotator.output.parquet.genotypes import ZYGOSITIES, Genotypes, Samples
from annotator.output.parquet.numbers import DIGITS_32_BITS, arrow, decimals
from annotator.vcf.columns import Flags, Offsets, Table
from annotator.vcf.pieces import Separators

Floats = npt.NDArray[np.float64]
Cells = dict[str, pa.Array]

MOST_ALLELES = 64
"""Genotypes of a record with more alleles and more samples than this are left out.

Their number is a product, so that a small file could ask for a table of any size.
"""
_KEYS = {"dp": "DP", "gq": "GQ", "ad_ref": "AD", "ad_alt": "AD", "ab": "AD", "ps": "PS"}
_GT = "GT"


class BlockSamples:
    """The samples of a block, read once for all rows; cell by cell, record by record."""

    def __init__(self, table: Table, alternates: Offsets) -> None:
        self.table, self.alternates = table, alternates
        self._samples = Samples(table)
        self.count = self._samples.count

    @cached_property
    def genotypes(self) -> Genotypes:
        """Those of GT."""
        return Genotypes.of(self.table, self._samples.values(_GT))

    @cached_property
    def numbers(self) -> dict[str, Floats]:
        """DP, GQ and PS, where a record has them."""
        keys = [key for key in ("DP", "GQ", "PS") if self._samples.has(key).any()]
        return {key: decimals(self.table, self._samples.values(key)) for key in keys}

    @cached_property
    def depths(self) -> Depths | None:
        """AD, where a record has it."""
        if not self._samples.has("AD").any():
            return None
        values = self._samples.values("AD")
        commas = Separators.of(self.table.bytes, ord(","))
        parts, _, first = commas.split(values)
        numbers, bad = self.table.numbers(parts, DIGITS_32_BITS)
        depths = np.where(bad, np.nan, numbers)
        wanted = np.repeat(self.alternates, self.count) + 1
        fits = commas.counts(values) + 1 == wanted
        return Depths(depths, first, fits, np.add.reduceat(depths, first))

    def has(self, field: str) -> Flags:
        """Which records have what a field of the table is read from."""
        return self._samples.has(_KEYS.get(field, _GT))

    def too_many(self) -> Flags:
        """Which records have so many alleles and samples that their genotypes are left out."""
        flags: Flags = np.minimum(self.alternates, self.count) > MOST_ALLELES
        return flags


@dataclass(frozen=True)
class Depths:
    """All numbers of AD, NaN for a dot; of each cell the first, their sum, and if all are there."""

    values: Floats
    first: Offsets
    fits: Flags
    total: Floats


@dataclass(frozen=True)
class Counts:
    """What the samples of each row count together."""

    carrying: Offsets
    allele_count: Offsets
    allele_number: Offsets


class SampleColumns:
    """The samples of some rows of the table, each a record's place in the block and an allele."""

    def __init__(self, block: BlockSamples, record: Offsets, allele: Offsets) -> None:
        self._block, self._record = block, record
        self._shape = (len(record), block.count)
        # The cell of the block that each cell of these rows is.
        self._cell = (record[:, None] * block.count + np.arange(block.count)).ravel()
        self._allele = np.repeat(allele, block.count)
        self._codes = block.genotypes.codes[self._cell]
        copies = block.genotypes.copies(self._codes, self._allele)
        # A record without an allele has no copies of it, whatever its genotypes say.
        self._copies = np.where(self._allele == 0, 0, copies)
        self._called = block.genotypes.called[self._codes]
        self._zygosity = block.genotypes.zygosity(self._codes, self._copies)

    def counts(self) -> Counts:
        """Sums over the samples."""
        copies = self._copies.reshape(self._shape)
        called = self._called.reshape(self._shape)
        return Counts((copies > 0).sum(axis=1), copies.sum(axis=1), called.sum(axis=1))

    def columns(self) -> Iterator[tuple[str, pa.Array]]:
        """A column for each sample and field, or for each field a list of all samples.

        Of several samples also what they say together.
        """
        samples = self._block.count
        cells = self._cells()
        if samples > 1:
            yield from together(self._zygosity, self._copies, cells, samples)
        for name, values in cells.items():
            if samples > schema.WIDE_SAMPLES:
                yield f"samples_{name}", self._lists(name, values)
            elif samples == 1:
                yield f"s1_{name}", values
            else:
                for number in range(samples):
                    at = pa.array(np.arange(self._shape[0]) * samples + number)
                    yield f"s{number + 1}_{name}", values.take(at)

    def _cells(self) -> Cells:
        """Each field of each cell, row by row and sample by sample."""
        genotypes = self._block.genotypes
        numbers = dict(zip(("ad_ref", "ad_alt", "ab"), self._depths(), strict=True))
        numbers |= {key.lower(): values[self._cell] for key, values in self._block.numbers.items()}
        numbers["copies"] = np.where(self._called > 0, self._copies, np.nan)
        cells = {"gt": words(self._codes, genotypes.texts)}
        cells["zygosity"] = words(self._zygosity, list(ZYGOSITIES))
        for field in schema.SAMPLE:
            if field.name not in cells:
                values = numbers.get(field.name)
                empty = pa.nulls(len(self._cell), field.type)
                cells[field.name] = empty if values is None else arrow(values, field.type)
        return cells

    def _depths(self) -> tuple[Floats, Floats, Floats] | tuple[None, None, None]:
        """AD of REF and of the row's allele, and its share; NaN where AD has another Number."""
        depths = self._block.depths
        if depths is None:
            return None, None, None
        at, fits = depths.first[self._cell], depths.fits[self._cell]
        ref = np.where(fits, depths.values[at], np.nan)
        has_alt = fits & (self._allele > 0)
        alt = np.where(has_alt, depths.values[np.where(has_alt, at + self._allele, at)], np.nan)
        total = depths.total[self._cell]
        balance = np.full(len(total), np.nan)
        np.divide(alt, total, out=balance, where=total > 0)
        return ref, alt, balance

    def _lists(self, name: str, values: pa.Array) -> pa.Array:
        """A list for each row: null where the record's FORMAT has not got it."""
        has = self._block.has(name)[self._record]
        samples = self._block.count
        offsets = np.concatenate([[0], np.cumsum(has * samples)]).astype(np.int32)
        kept = values if has.all() else values.filter(pa.array(np.repeat(has, samples)))
        return pa.ListArray.from_arrays(pa.array(offsets), kept, mask=pa.array(~has))
