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
    # Of several sources that name one thing alike, one is enough: ClinVar has dbSNP's names too.
    different = [
        pl.when(pl.all_horizontal(one.ne_missing(other) for other in mine[:n])).then(one)
        for n, one in enumerate(mine)
        if n
    ]
    joined = pl.concat_str([mine[0], *different], separator="&", ignore_nulls=True)
    return pl.when(joined != "").then(joined).alias(name)


def _highest(populations: list[KnownField]) -> list[pl.Expr]:
    numbers = [pl.col(field.id).cast(pl.Float64, strict=False) for field in populations]
    most = pl.max_horizontal(*numbers)
    texts = [
        pl.when(number == most).then(pl.col(field.id))
        for field, number in zip(populations, numbers, strict=True)
    ]
    # Several sources may have the same population, which is named once.
    names = []
    for name in dict.fromkeys(field.population for field in populations):
        same = [
            n == most for f, n in zip(populations, numbers, strict=True) if f.population == name
        ]
        names.append(pl.when(pl.any_horizontal(same)).then(pl.lit(name)))
    where = pl.concat_str(names, separator="&", ignore_nulls=True)
    return [
        pl.coalesce(texts).alias(_MOST),
        pl.when(most.is_not_null()).then(where).alias(_POPULATIONS),
    ]
