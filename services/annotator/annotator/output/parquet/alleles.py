"""Rows of the table: one for each allele of ALT of each record of a block."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from annotator.validate.rows import Rows
from annotator.vcf.columns import ALT, REF, Offsets
from annotator.vcf.pieces import Separators
from annotator.vcf.strings import strings


@dataclass(frozen=True)
class AlleleRows:
    """``record`` is the record's place in the block, from 0; ``allele`` its number in ALT, from 1.

    ``allele`` is 0 where ALT is a dot. Sorted by both.
    """

    rows: Rows
    record: Offsets
    allele: Offsets
    _first: Offsets

    @classmethod
    def of(cls, rows: Rows) -> AlleleRows:
        """All rows of a block."""
        counts = np.maximum(rows.alternates, 1)
        first = np.cumsum(counts) - counts
        record = np.repeat(np.arange(rows.table.rows), counts)
        allele = np.arange(len(record)) - first[record] + (rows.alternates[record] > 0)
        return cls(rows, record, allele, first)

    def __len__(self) -> int:
        return len(self.record)

    def places(self, frame: pl.DataFrame) -> Offsets:
        """The row of the table that each row of a frame with ``row`` and ``allele`` belongs to."""
        places: Offsets = self._first[frame["row"].to_numpy()] + frame["allele"].to_numpy() - 1
        return places

    @cached_property
    def ref(self) -> pl.Series:
        """REF of each row."""
        table = self.rows.table
        return strings(table.bytes, table.column(REF)).gather(self.record)

    @cached_property
    def alt(self) -> pl.Series:
        """The allele of each row; null for a dot."""
        table = self.rows.table
        column = table.column(ALT)
        if len(self) == table.rows:
            texts = strings(table.bytes, column)
        else:
            parts, _, _ = Separators.of(table.bytes, ord(",")).split(column)
            texts = strings(table.bytes, parts)
        if not (self.allele == 0).any():
            return texts
        return pl.select(pl.when(pl.Series(self.allele > 0)).then(texts)).to_series()

    def types(self) -> pl.Series:
        """SNV, MNV … of each row: the words of the summary (``report.changes.variant_type``)."""
        frame = pl.DataFrame({"ref": self.ref, "alt": self.alt}).with_columns(
            pl.all().str.to_uppercase()
        )
        ref, alt = pl.col("ref"), pl.col("alt")
        longer, same = alt.str.len_bytes(), ref.str.len_bytes()
        kind = (
            pl.when(alt.is_null() | (alt == "*"))
            .then(pl.lit("none"))
            .when((longer == 1) & (same == 1))
            .then(pl.lit("SNV"))
            .when(~alt.str.contains("^[A-Z]+$"))
            .then(pl.lit("symbolic"))
            .when(longer == same)
            .then(pl.lit("MNV"))
            .when((longer > same) & alt.str.starts_with(ref))
            .then(pl.lit("insertion"))
            .when((longer < same) & ref.str.starts_with(alt))
            .then(pl.lit("deletion"))
            .otherwise(pl.lit("indel"))
        )
        return frame.select(kind.alias("type"))["type"]
