"""Names of known variants as the ID of records that have none; the user's own ids stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from annotator.bundle import KnownField
from annotator.output.insertions import inserted
from annotator.validate.rows import Rows
from annotator.vcf.columns import ID, Table


def with_ids(rows: Rows, known: pl.DataFrame, fields: Sequence[KnownField]) -> Rows:
    """The block in which records without an ID have the names of their alleles, joined by ``;``.

    ``known`` is what ``KnownVariants.find`` returns.
    """
    names = [field.id for field in fields if field.fills_id]
    if not names or known.is_empty():
        return rows
    table = rows.table
    spans = table.column(ID)
    is_missing = (spans.lengths == 1) & (table.first(spans) == ord("."))
    here = known.filter(pl.Series(is_missing[known["row"].to_numpy()]))
    ids = (
        here.unpivot(names, index="row", value_name="id")
        .drop_nulls("id")
        .unique(["row", "id"], maintain_order=True)
        .group_by("row", maintain_order=True)
        .agg(pl.col("id").str.join(";"))
        .sort("row")
    )
    if ids.is_empty():
        return rows
    dots = spans.starts[ids["row"].to_numpy()]
    text = np.delete(table.bytes[: len(table.text)], dots)
    filled = inserted(text, dots - np.arange(len(dots)), ids["id"])
    return replace(rows, table=Table(bytes(filled), table.width))
