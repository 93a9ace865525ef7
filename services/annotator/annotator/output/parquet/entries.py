"""Entries of CSQ with numbers as numbers: the picked one of each allele, and all of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
import pyarrow as pa

from annotator.consequences.vocabulary import IMPACTS, RANK, TERMS
from annotator.output.parquet import schema
from annotator.vcf.columns import Offsets

_NAMES = {name.lower(): name for name in ("HGVSc", "HGVSp", "PolyPhen", "GAS_so_terms")}
_RANGES = {"cdna": "cDNA_position", "cds": "CDS_position", "protein": "Protein_position"}
_POLARS = {
    pa.string(): pl.String,
    pa.int32(): pl.Int32,
    pa.int8(): pl.Int8,
    pa.float64(): pl.Float64,
}
_TITLED = ("Allele", "Consequence", "Gene", "Feature_type", "Feature", "Amino_acids", "Codons")
_CSQ = _NAMES | {name.lower(): name for name in _TITLED}


def csq_name(column: str) -> str:
    """The field of CSQ that a column of the table holds, as VEP writes it.

    >>> csq_name("hgvsc"), csq_name("symbol")
    ('HGVSc', 'SYMBOL')
    """
    return _CSQ.get(column, column.upper())


def typed(entries: pl.DataFrame) -> pl.DataFrame:
    """``row``, ``allele`` and the columns of ``schema.TRANSCRIPT`` and ``PICK``, with its types."""
    columns = [_column(column, entries.columns) for column in (*schema.TRANSCRIPT, schema.PICK)]
    return entries.select("row", "allele", *columns)


def _column(column: schema.Column, there: list[str]) -> pl.Expr:
    stem, _, end = column.name.rpartition("_")
    if column.name == "term":
        return _first_term().alias("term")
    if stem in _RANGES and end in {"start", "end"}:
        source = _RANGES[stem]
        values = _bound(source, end) if source in there else pl.lit(None, pl.Int32)
        return values.alias(column.name)
    source = csq_name(column.name)
    if source not in there:
        return pl.lit(None).cast(_POLARS.get(column.type, pl.Boolean)).alias(column.name)
    if column.type == pa.bool_():
        return pl.col(source).is_not_null().alias(column.name)
    return pl.col(source).cast(_POLARS[column.type], strict=False).alias(column.name)


def _first_term() -> pl.Expr:
    """Of few different values, so it is worked out once for each."""
    return pl.col("Consequence").str.extract("^([^&]*)", 1)


def _bound(source: str, end: str) -> pl.Expr:
    """The first or last number of ``605``, ``605-606``, ``?-606`` or ``605-?``."""
    parts = pl.col(source).str.split_exact("-", 1)
    first, last = parts.struct[0], parts.struct[1]
    return (first if end == "start" else last.fill_null(first)).cast(pl.Int32, strict=False)


def picked(entries: pl.DataFrame, places: Offsets, size: int) -> pl.DataFrame:
    """The picked entry of each of ``size`` rows; nulls where a row has none."""
    at = np.full(size, -1, dtype=np.int64)
    chosen = np.flatnonzero(entries["pick"].fill_null(value=False).to_numpy())
    at[places[chosen]] = chosen
    index = pl.Series(at)
    index = index.set(index < 0, None)
    return entries.select(pl.exclude("row", "allele", "pick").gather(index))


def over_all(entries: pl.DataFrame, places: Offsets, size: int) -> pl.DataFrame:
    """The columns of ``schema.ALLELE`` that all transcripts of each row tell together."""
    frame = entries.select(
        "consequence",
        "symbol",
        place=pl.Series(places),
        is_mane=pl.col("mane").is_not_null(),
    )
    groups = frame.lazy().group_by("place", maintain_order=True)
    told = groups.agg(
        pl.col("consequence").unique(maintain_order=True).str.join("&"),
        pl.col("symbol").drop_nulls().unique(maintain_order=True).str.join("&"),
        pl.col("is_mane").any(),
    ).collect()
    terms = _in_order(told["consequence"])
    told = told.select(
        "place",
        worst_term=terms.str.extract("^([^&]*)", 1),
        all_terms=terms,
        all_symbols=pl.when(pl.col("symbol") != "").then("symbol"),
        has_mane="is_mane",
    ).with_columns(
        worst_impact=pl.col("worst_term").replace_strict(IMPACTS, return_dtype=pl.String)
    )
    every = pl.DataFrame({"place": np.arange(size)})
    return every.join(told, on="place", how="left", maintain_order="left").drop("place")


def _in_order(joined: pl.Series) -> pl.Series:
    """Each list of terms without repeats, the worst first; there are few different ones."""
    different = joined.unique().to_list()
    ordered = [
        "&".join(TERMS[rank] for rank in sorted({RANK[term] for term in text.split("&")}))
        for text in different
    ]
    return joined.replace_strict(different, ordered, return_dtype=pl.String)


def lists(entries: pl.DataFrame, places: Offsets, size: int) -> dict[str, pa.Array]:
    """The columns of ``schema.TRANSCRIPTS``: of each row all entries, null where it has none.

    ``entries`` are in the order of the rows.
    """
    counts = np.bincount(places, minlength=size)
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    empty = pa.array(counts == 0)
    found = {}
    for column in schema.TRANSCRIPTS:
        series = entries[column.name.removeprefix(schema.TRANSCRIPTS_PREFIX)]
        values = arrow_of(series, column.type.value_type)
        found[column.name] = pa.ListArray.from_arrays(offsets, values, mask=empty)
    return found


def arrow_of(series: pl.Series, type_: pa.DataType) -> pa.Array:
    """The same for Arrow, with exactly that type."""
    array = series.to_arrow()
    return array if array.type == type_ else array.cast(type_)


def allele_level(entries: pl.DataFrame, places: Offsets, size: int) -> Iterator[pl.Series]:
    """VARIANT_CLASS and HGVSg, which all entries of an allele share."""
    at = np.full(size, -1, dtype=np.int64)
    at[places] = np.arange(len(places))
    index = pl.Series(at)
    index = index.set(index < 0, None)
    for name in ("VARIANT_CLASS", "HGVSg"):
        if name in entries.columns:
            yield entries[name].gather(index).alias(name.lower())
        else:
            yield pl.Series(name.lower(), [None] * size, dtype=pl.String)
