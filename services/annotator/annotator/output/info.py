"""The text that INFO of each record gains, and the records with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from annotator.bundle import KnownField
from annotator.consequences.csq_format import values
from annotator.validate.rows import Rows
from annotator.vcf.columns import INFO, Offsets

Added = tuple[Offsets, list[bytes]]
"""Places of records in a block, ascending, and ``;KEY=value…`` for each of them."""


def additions(
    entries: pl.DataFrame,
    known: pl.DataFrame,
    csq_fields: Sequence[str],
    *,
    known_fields: Sequence[KnownField],
    names: Mapping[str, str],
    alternates: Offsets,
) -> Added:
    """What each record of a block gains.

    ``entries`` has a row for each entry of CSQ, sorted by ``row``; ``known`` is what
    ``KnownVariants.find`` returns; ``alternates`` is how many alleles ALT of each record has.
    """
    csq = values(entries, csq_fields)
    csq = csq.select("row", text=pl.lit(f";{names['CSQ']}=") + pl.col("CSQ"))
    if known.is_empty():
        joined = csq
    else:
        other = _known_text(known, known_fields, names, alternates)
        joined = csq.join(other, on="row", how="full", coalesce=True).sort("row")
        joined = joined.select("row", text=pl.concat_str("text", "known", ignore_nulls=True))
    return joined["row"].to_numpy(), joined["text"].cast(pl.Binary).to_list()


def with_haplo(added: Added, haplo: Mapping[int, Sequence[str]], name: str) -> Added:
    """The additions and, of records that have some, entries of HAPLO; such records gain a CSQ."""
    places, texts = added
    for row, entries in haplo.items():
        at = int(np.searchsorted(places, row))
        texts[at] += f";{name}={','.join(entries)}".encode()
    return added


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
    texts = [pl.lit(f";{names[field.id]}=") + pl.col(field.id) for field in fields]
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


def with_info(rows: Rows, added: Added) -> tuple[bytes, Offsets]:
    """The block with what its records gain, and where each record starts in it."""
    places, texts = added
    table = rows.table
    if not len(places):
        return table.text, table.starts
    info = table.column(INFO)[places]
    is_missing = (info.lengths == 1) & (table.first(info) == ord("."))
    ends = np.where(is_missing, info.starts, info.ends)
    pieces: list[bytes] = []
    grown: list[int] = []
    at, text = 0, table.text
    for end, skip, new in zip(ends.tolist(), is_missing.tolist(), texts, strict=True):
        pieces += (text[at:end], new[1:] if skip else new)
        grown.append(len(new) - 2 * skip)
        at = end + skip
    pieces.append(text[at:])
    shifts = np.zeros(table.rows + 1, dtype=np.int64)
    shifts[places + 1] = grown
    return b"".join(pieces), table.starts + np.cumsum(shifts[:-1])
