"""What tables of genes say of the genes that an allele touches: panels, pLI."""

from __future__ import annotations

import polars as pl

from annotator.bundle import Bundle, KnownSource
from annotator.known.combining import MISSING, combined

_KEYS = ("row", "allele")


class GeneTables:
    """The sources of a bundle that match by gene."""

    def __init__(self, bundle: Bundle) -> None:
        self._tables = [
            (source, _read(bundle, source))
            for source in bundle.manifest.known
            if source.match == "gene"
        ]

    def added(self, known: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
        """``known`` (see ``KnownVariants.find``) with a column for each of their fields.

        ``entries`` are those of CSQ. A gene counts where the allele lies in one of its transcripts,
        not up or down stream.
        """
        if not self._tables:
            return known
        genes = _touched(entries)
        for source, table in self._tables:
            fields = [combined(field) for field in source.fields]
            here = genes.join(table, on="Gene", how="inner", maintain_order="left")
            found = here.group_by(_KEYS, maintain_order=True).agg(fields)
            known = known.join(found, on=_KEYS, how="full", coalesce=True)
        return known.sort(_KEYS)


def _read(bundle: Bundle, source: KnownSource) -> pl.DataFrame:
    path = bundle.folder / source.file
    return pl.read_csv(
        path, separator="\t", infer_schema=False, quote_char=None, null_values=MISSING
    )


def _touched(entries: pl.DataFrame) -> pl.DataFrame:
    inside = pl.col("Gene").is_not_null()
    if "DISTANCE" in entries.columns:
        inside &= pl.col("DISTANCE").is_null()
    genes = entries.filter(inside).select(*_KEYS, pl.col("Gene").cast(pl.String))
    return genes.unique(maintain_order=True)
