"""Pieces of a block of records as strings, without a Python object for each."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

from annotator.vcf.columns import Bytes, Spans, join


def arrow_strings(source: Bytes, spans: Spans) -> pa.Array:
    """Each piece as a string of Arrow's; bytes that are not UTF-8 become U+FFFD."""
    data = join(source, spans)
    offsets = np.zeros(len(spans) + 1, dtype=np.int32)
    np.cumsum(spans.lengths, out=offsets[1:])
    if not is_utf8(data):
        pieces = zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
        return pa.array([data[a:b].decode("utf-8", "replace") for a, b in pieces], pa.string())
    return pa.StringArray.from_buffers(len(spans), pa.py_buffer(offsets), pa.py_buffer(data))


def strings(source: Bytes, spans: Spans) -> pl.Series:
    """The same for polars."""
    series = pl.from_arrow(arrow_strings(source, spans))
    assert isinstance(series, pl.Series)
    return series


def is_utf8(data: bytes) -> bool:
    """True if the bytes are UTF-8, of which ASCII is a part."""
    if data.isascii():  # much quicker than to decode it
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
