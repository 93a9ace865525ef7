"""Rows of the table: one for each allele of ALT of each record of a block."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from annotator.consequences.entries import Words
from annotator.validate.rows import Rows
from annotator.vcf.columns import ALT, REF, Offsets, Spans
from annotator.vcf.pieces import Separators
from annotator.vcf.strings import arrow_strings


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

    def of_records(self, values: pa.Array) -> pa.Array:
        """For each row the value of its record."""
        has_one_each = len(self) == self.rows.table.rows
        return values if has_one_each else values.take(pa.array(self.record))

    @cached_property
    def ref(self) -> pa.Array:
        """REF of each row."""
        table = self.rows.table
        return self.of_records(arrow_strings(table.bytes, table.column(REF)))

    @cached_property
    def alt(self) -> pa.Array:
        """The allele of each row; null for a dot."""
        texts = arrow_strings(self.rows.table.bytes, self._alts)
        if not (self.allele == 0).any():
            return texts
        return pc.if_else(pa.array(self.allele > 0), texts, None)

    @cached_property
    def _alts(self) -> Spans:
        table = self.rows.table
        column = table.column(ALT)
        if len(self) == table.rows:
            return column
        parts, _, _ = Separators.of(table.bytes, ord(",")).split(column)
        return parts

    def types(self) -> Words:
        """SNV, MNV … of each row: the words of the summary (``report.changes.variant_type``)."""
        table = self.rows.table
        refs, alts = table.column(REF)[self.record], self._alts
        is_snv = (refs.lengths == 1) & (alts.lengths == 1) & (self.allele > 0)
        is_snv &= table.first(alts) != ord("*")
        kinds = np.full(len(self), TYPES.index("SNV"))
        others = np.flatnonzero(~is_snv)  # few, in most files
        at = pa.array(others)
        frame = pl.DataFrame({"ref": self.ref.take(at), "alt": self.alt.take(at)})
        kinds[others] = frame.with_columns(pl.all().str.to_uppercase()).select(_KIND).to_series()
        return Words(kinds, list(TYPES))


TYPES = ("none", "SNV", "symbolic", "MNV", "insertion", "deletion", "indel")
_REF, _ALT = pl.col("ref"), pl.col("alt")
_LONGER, _SAME = _ALT.str.len_bytes(), _REF.str.len_bytes()
_KIND = (
    pl.when(_ALT.is_null() | (_ALT == "*"))
    .then(TYPES.index("none"))
    .when((_LONGER == 1) & (_SAME == 1))
    .then(TYPES.index("SNV"))
    .when(~_ALT.str.contains("^[A-Z]+$"))
    .then(TYPES.index("symbolic"))
    .when(_LONGER == _SAME)
    .then(TYPES.index("MNV"))
    .when((_LONGER > _SAME) & _ALT.str.starts_with(_REF))
    .then(TYPES.index("insertion"))
    .when((_LONGER < _SAME) & _REF.str.starts_with(_ALT))
    .then(TYPES.index("deletion"))
    .otherwise(TYPES.index("indel"))
)
"""The place in TYPES of upper-case alleles."""
