"""What becomes of several values of one field for one allele."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from annotator.bundle import KnownField

MISSING = "."


def combined(field: KnownField) -> pl.Expr:
    """The field of each group of rows, null where none has a value."""
    column = pl.col(field.id)
    if field.combine == "first":
        return column.drop_nulls().first()
    if field.combine == "join":
        words = column.drop_nulls().str.split("&").explode().unique(maintain_order=True)
        joined = words.drop_nulls().str.join("&")
        return pl.when(joined != "").then(joined).alias(field.id)
    numbers = column.cast(pl.Float64, strict=False)
    return column.get(numbers.arg_max() if field.combine == "max" else numbers.arg_min())


def combined_text(field: KnownField, values: Sequence[str]) -> str:
    """The same of texts as a file has them, ``.`` for none."""
    there = [value for value in values if value != MISSING]
    if len(there) < 2:
        return there[0] if there else MISSING
    if field.combine == "join":
        return "&".join(dict.fromkeys(word for value in there for word in value.split("&")))
    if field.combine == "first":
        return there[0]
    return (max if field.combine == "max" else min)(there, key=float)
