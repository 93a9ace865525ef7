"""Numbers of VCF columns as Arrow arrays: null where a value is missing or is no such number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from annotator.vcf.columns import Offsets, Spans, Table
from annotator.vcf.strings import strings

Floats = npt.NDArray[np.float64]
DIGITS_32_BITS = 9
"""Any number of so many digits fits into 32 bits."""


def decimals(table: Table, spans: Spans) -> Floats:
    """The numbers there; NaN for what is none, or is not finite."""
    whole, bad = table.numbers(spans, DIGITS_32_BITS)
    values = whole.astype(np.float64)
    values[bad] = np.nan
    is_dot = (spans.lengths <= 1) & (table.first(spans) == ord("."))
    left = np.flatnonzero(bad & ~is_dot & (spans.lengths > 0))
    if len(left):
        texts = strings(table.bytes, spans[left])
        values[left] = texts.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
        values[~np.isfinite(values)] = np.nan
    return values


def info_numbers(table: Table, info: Spans, key: bytes, digits: int) -> tuple[Offsets, Offsets]:
    """The records that have ``key=`` with a whole number in INFO, and the number."""
    text = table.bytes
    ends = np.flatnonzero(text == ord("="))
    ends = ends[ends > len(key)]
    for back, byte in enumerate(reversed(key), start=1):
        ends = ends[text.take(ends - back) == byte]
    before = text.take(ends - len(key) - 1)
    ends = ends[(before == ord(";")) | (before == ord("\t"))]
    rows = np.searchsorted(table.ends, ends)
    inside = (ends >= info.starts[rows]) & (ends < info.ends[rows])
    rows, starts = rows[inside], ends[inside] + 1
    window = text.take(starts[:, None] + np.arange(digits + 1), mode="clip")
    lengths = np.argmax((window < ord("0")) | (window > ord("9")), axis=1)
    values, bad = table.numbers(Spans(starts, starts + lengths), digits)
    return rows[~bad], values[~bad]


def arrow(values: Floats, type_: pa.DataType) -> pa.Array:
    """The same for Arrow: null for NaN, and for what is no number of that type."""
    missing = np.isnan(values)
    if pa.types.is_integer(type_):
        most = np.iinfo(type_.to_pandas_dtype()).max
        missing |= (np.abs(values) > most) | (values != np.floor(values))
    filled = np.where(missing, 0, values).astype(type_.to_pandas_dtype())
    return pa.array(filled, type_, mask=missing)
