"""The table for spreadsheets: a line per consequence, and per known allele without one."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from annotator.validate.rows import Rows
from annotator.vcf.columns import CHROM, INFO, Spans
from annotator.vcf.strings import strings

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


def lines(
    rows: Rows, entries: pl.DataFrame, known: pl.DataFrame, known_fields: Sequence[str]
) -> bytes:
    """The lines of a block, without those that say only that a variant is between genes."""
    shown = entries.filter(pl.col("Feature").is_not_null())
    consequences = [
        (pl.col(field) if field in entries.columns else pl.lit(None)).cast(pl.String).alias(name)
        for name, field in CONSEQUENCE_COLUMNS.items()
    ]
    frame = shown.select("row", "allele", *consequences).join(
        known, on=["row", "allele"], how="full", coalesce=True
    )
    if frame.is_empty():
        return b""
    frame = frame.sort("row", "allele", maintain_order=True)
    table = rows.table
    fixed = Spans(table.column(CHROM).starts, table.column(INFO).starts - 1)
    places = frame["row"].unique(maintain_order=True).to_numpy()
    records = pl.DataFrame({"row": places, "record": strings(table.bytes, fixed[places])})
    cells = [pl.col(name).fill_null("") for name in [*CONSEQUENCE_COLUMNS, *known_fields]]
    texts = frame.join(records, on="row", how="left", maintain_order="left").select(
        pl.concat_str("record", *cells, separator="\t").str.join("\n")
    )
    return f"{texts.item()}\n".encode()
