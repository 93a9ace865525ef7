"""Known variants as fields of CSQ: names in databases, frequencies, clinical significance."""

from __future__ import annotations

import polars as pl

from annotator.bundle import Bundle, KnownField

_MOST = "MAX_AF"
_POPULATIONS = "MAX_AF_POPS"


def csq_columns(known: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    """``row``, ``allele`` and a column for each field of CSQ that the bundle's sources fill.

    Several fields may fill one, such as the names of several databases: their values are joined by
    ``&``. MAX_AF is the highest frequency of those fields that name a ``population``.
    """
    fields = [field for source in bundle.manifest.known for field in source.fields]
    columns = [_joined(name, fields) for name in dict.fromkeys(f.csq for f in fields) if name]
    populations = [field for field in fields if field.population]
    if populations:
        columns += _highest(populations)
    return known.select("row", "allele", *columns)


def _joined(name: str, fields: list[KnownField]) -> pl.Expr:
    mine = [pl.col(field.id) for field in fields if field.csq == name]
    joined = pl.concat_str(mine, separator="&", ignore_nulls=True)
    return pl.when(joined != "").then(joined).alias(name)


def _highest(populations: list[KnownField]) -> list[pl.Expr]:
    numbers = {f.population: pl.col(f.id).cast(pl.Float64, strict=False) for f in populations}
    most = pl.max_horizontal(*numbers.values())
    names = [pl.when(number == most).then(pl.lit(name)) for name, number in numbers.items()]
    texts = [pl.when(numbers[f.population] == most).then(pl.col(f.id)) for f in populations]
    where = pl.concat_str(names, separator="&", ignore_nulls=True)
    return [
        pl.coalesce(texts).alias(_MOST),
        pl.when(most.is_not_null()).then(where).alias(_POPULATIONS),
    ]
