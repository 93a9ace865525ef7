"""The text that INFO of each record gains, and the records with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from annotator.bundle import KnownField
from annotator.consequences.csq_format import values
from annotator.consequences.entries import Entries
from annotator.output.insertions import inserted
from annotator.validate.rows import Rows
from annotator.vcf.columns import INFO, Offsets

Added = tuple[Offsets, pl.Series]
"""Places of records in a block, ascending, and ``;KEY=value…`` for each of them."""


def additions(
    entries: Entries,
    known: pl.DataFrame,
    csq_fields: Sequence[str],
    *,
    known_fields: Sequence[KnownField],
    names: Mapping[str, str],
    alternates: Offsets,
) -> Added:
    """What each record of a block gains.

    ``entries`` are those of CSQ, sorted by ``row``; ``known`` is what
    ``KnownVariants.find`` returns; ``alternates`` is how many alleles ALT of each record has.
    """
    csq = values(entries, csq_fields, before=f";{names['CSQ']}=").rename({"CSQ": "text"})
    if known.is_empty():
        joined = csq
    else:
        other = _known_text(known, known_fields, names, alternates)
        joined = csq.join(other, on="row", how="full", coalesce=True).sort("row")
        joined = joined.select("row", text=pl.concat_str("text", "known", ignore_nulls=True))
    return joined["row"].to_numpy(), joined["text"]


def with_haplo(added: Added, haplo: Mapping[int, Sequence[str]], name: str) -> Added:
    """The additions and, of records that have some, entries of HAPLO; such records gain a CSQ."""
    places, texts = added
    if not haplo:
        return added
    at = np.searchsorted(places, list(haplo))
    more = [f";{name}={','.join(entries)}" for entries in haplo.values()]
    return places, texts.scatter(at, texts.gather(at) + pl.Series(more))


def _known_text(
    known: pl.DataFrame,
    fields: Sequence[KnownField],
    names: Mapping[str, str],
    alternates: Offsets,
) -> pl.DataFrame:
    """``row`` and ``known``: the keys and values of each record that has any."""
    several = known.filter(pl.Series(alternates[known["row"].to_numpy()] > 1))
    single = known.filter(pl.Series(alternates[known["row"].to_numpy()] == 1))
    rows = pl.concat([single, _by_record(several, fields, alternates)], how="diagonal_relaxed")
    texts = [
        pl.when(pl.col(field.id).is_not_null()).then(pl.lit(f";{names[field.id]}"))
        if field.type == "Flag"
        else pl.lit(f";{names[field.id]}=") + pl.col(field.id)
        for field in fields
    ]
    return rows.select("row", known=pl.concat_str(texts, ignore_nulls=True))


def _by_record(
    several: pl.DataFrame, fields: Sequence[KnownField], alternates: Offsets
) -> pl.DataFrame:
    """Known alleles of records with several, one row a record; a dot for each that is not known."""
    if several.is_empty():
        return several
    records = several.select("row").unique(maintain_order=True)
    counts = alternates[records["row"].to_numpy()]
    numbers = [np.arange(1, count + 1) for count in counts.tolist()]
    every = pl.DataFrame(
        {
            "row": np.repeat(records["row"].to_numpy(), counts),
            "allele": np.concatenate(numbers),
        }
    )
    joined = every.join(several, on=["row", "allele"], how="left", maintain_order="left")
    return joined.group_by("row", maintain_order=True).agg(_of_record(field) for field in fields)


def _of_record(field: KnownField) -> pl.Expr:
    column = pl.col(field.id)
    if field.number != "A":
        return column.drop_nulls().first()
    joined = column.fill_null(".").str.join(",")
    return pl.when(column.is_not_null().any()).then(joined).otherwise(None).alias(field.id)


def with_info(rows: Rows, added: Added) -> bytes | memoryview:
    """The block with what its records gain."""
    places, texts = added
    table = rows.table
    if not len(places):
        return table.text
    info, text = table.column(INFO)[places], table.bytes[: len(table.text)]
    is_missing = (info.lengths == 1) & (table.first(info) == ord("."))
    ends = np.where(is_missing, info.starts, info.ends)
    if is_missing.any():
        text = np.delete(text, info.starts[is_missing])
        ends -= np.cumsum(is_missing) - is_missing
        frame = pl.DataFrame({"text": texts, "missing": is_missing})
        shorter = pl.when("missing").then(pl.col("text").str.slice(1)).otherwise("text")
        texts = frame.select(shorter.alias("text"))["text"]
    return inserted(text, ends, texts)
