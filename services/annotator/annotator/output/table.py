"""The table for spreadsheets: a line per consequence, and per known allele without one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import polars as pl
import polars.selectors as cs

from annotator.consequences.descriptions import FIELDS
from annotator.consequences.entries import NONE, Entries
from annotator.output.table_records import records_of
from annotator.validate.rows import Rows
from annotator.vcf.columns import Offsets

RECORD_COLUMNS = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER")
CONSEQUENCE_COLUMNS = {
    "ALLELE_NUM": "ALLELE_NUM",
    "CONSEQUENCE": "Consequence",
    "IMPACT": "IMPACT",
    "GENE": "SYMBOL",
    "GENE_ID": "Gene",
    "TRANSCRIPT": "Feature",
    "BIOTYPE": "BIOTYPE",
    "STRAND": "STRAND",
    "HGVSC": "HGVSc",
    "HGVSP": "HGVSp",
    "PICK": "PICK",
}
"""Names of columns, and the field of CSQ that each holds."""


def header(known: Sequence[str]) -> str:
    """The first line; ``known`` are the fields of known variants."""
    return "\t".join([*RECORD_COLUMNS, *CONSEQUENCE_COLUMNS, *known]) + "\n"


def lines(rows: Rows, entries: Entries, known: pl.DataFrame, known_fields: Sequence[str]) -> bytes:
    """The lines of a block, without those that say only that a variant is between genes."""
    shown = np.flatnonzero(entries.words("Feature").codes != NONE)
    keys = _keys(entries.frame)[shown]
    of_known = np.append(_keys(known), _LAST)  # ascending, as `known` is sorted
    at = np.searchsorted(of_known, keys)
    is_known = of_known[at] == keys
    alone = np.ones(known.height, dtype=np.bool_)
    alone[at[is_known]] = False
    # Lines of consequences, then those of known variants without any.
    keys = np.append(keys, of_known[:-1][alone])
    if not len(keys):
        return b""
    said = np.append(np.where(is_known, at, known.height), np.flatnonzero(alone))
    cells = list(_consequences(entries, shown, len(keys)))
    if known_fields:
        cells.append(_known_cells(known, known_fields).gather(said))
    records = pl.DataFrame({"record": records_of(rows, keys >> _ALLELE_BITS, keys & _ALLELE_MASK)})
    texts = records.select(text=pl.concat_str("record", *cells, separator="\t"))["text"]
    if (np.diff(keys) < 0).any():
        texts = texts.gather(np.argsort(keys, kind="stable"))
    joined: str = texts.str.join("\n").item()
    return f"{joined}\n".encode()


_ALLELE_BITS = 32
_ALLELE_MASK = (1 << _ALLELE_BITS) - 1
_LAST = np.iinfo(np.int64).max


def _keys(frame: pl.DataFrame) -> Offsets:
    """A number for each pair of ``row`` and ``allele``, in the order of both."""
    row, allele = (frame[name].cast(pl.Int64).to_numpy() for name in ("row", "allele"))
    keys: Offsets = (row << _ALLELE_BITS) + allele
    return keys


def _consequences(entries: Entries, shown: Offsets, lines: int) -> Iterator[pl.Series]:
    """The cells of each line; those of the last lines, which have no consequence, are empty."""
    nothing = pl.repeat("", lines - len(shown), dtype=pl.String, eager=True)
    groups = entries.transcripts
    for of_transcript, run in groupby(CONSEQUENCE_COLUMNS.values(), lambda name: name in FIELDS):
        fields = list(run)
        if groups is not None and of_transcript:
            # What depends on the transcript alone is joined once for each.
            cells = _cells(entries.frame[groups.first], fields).gather(groups.of[shown])
            empty = nothing + "\t" * (len(fields) - 1)
            yield pl.concat([cells, empty])
            continue
        frame = entries.frame.select(cs.by_name(fields, require_all=False))[shown]
        for field in fields:
            yield pl.concat([_cells(frame, [field]), nothing])


def _cells(frame: pl.DataFrame, fields: Sequence[str]) -> pl.Series:
    columns = [
        (pl.col(field) if field in frame.columns else pl.lit(None)).cast(pl.String).fill_null("")
        for field in fields
    ]
    # Not `select`: it gives one row where nothing but literals are joined.
    return frame.with_columns(cells=pl.concat_str(columns, separator="\t"))["cells"]


def _known_cells(known: pl.DataFrame, fields: Sequence[str]) -> pl.Series:
    """The cells of each known variant, and at the end those of none."""
    return pl.concat([_cells(known, fields), pl.Series(["\t" * (len(fields) - 1)])])
