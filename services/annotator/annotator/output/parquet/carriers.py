"""What the samples of a row say together, so that a question about any of them reads one column."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from annotator.output.parquet import schema
from annotator.output.parquet.genotypes import ZYGOSITIES, Codes
from annotator.output.parquet.numbers import Floats, arrow

_HET = ZYGOSITIES.index("het")
_PARTIAL = ZYGOSITIES.index("partial")
_NOT_HET = 1.0


def together(
    zygosity: Codes, copies: Codes, cells: dict[str, pa.Array], samples: int
) -> Iterator[tuple[str, pa.Array]]:
    """The columns of ``schema.TOGETHER`` and, of few samples, ``zygosities``.

    ``zygosity`` has numbers of ``ZYGOSITIES``, -1 for none; all are cell by cell, row by row.
    """
    carries = copies > 0
    balance = _numbers(cells["ab"])
    folded = np.where(zygosity == _HET, np.minimum(balance, 1 - balance), _NOT_HET)
    values = {
        "carriers_gq": _numbers(cells["gq"]),
        "carriers_ad_alt": _numbers(cells["ad_alt"]),
        "carriers_ab": folded,
    }
    for column in schema.TOGETHER:
        best = _best(values[column.name], carries, samples)
        yield column.name, arrow(best, column.type)
    if samples <= schema.WIDE_SAMPLES:
        yield schema.ZYGOSITIES.name, pa.array(_packed(zygosity, carries, samples), pa.int64())


def _numbers(values: pa.Array) -> Floats:
    """As the file has them: rounded to its type, NaN where null."""
    return np.asarray(values.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _best(values: Floats, carries: npt.NDArray[np.bool_], samples: int) -> Floats:
    """The greatest of each row's carriers; NaN where none has a value."""
    known = np.where(carries & ~np.isnan(values), values, -np.inf)
    best: Floats = known.reshape(-1, samples).max(axis=1)
    return np.where(np.isneginf(best), np.nan, best)


def _packed(zygosity: Codes, carries: npt.NDArray[np.bool_], samples: int) -> Codes:
    """Three bits for each sample: 0 for none, else the number from 1; of partial ones two."""
    code = zygosity + 1 + ((zygosity == _PARTIAL) & carries)
    shifts = schema.ZYGOSITY_BITS * np.arange(samples, dtype=np.int64)
    packed: Codes = (code.reshape(-1, samples) << shifts).sum(axis=1)
    return packed
