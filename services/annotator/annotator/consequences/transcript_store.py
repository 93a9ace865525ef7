"""Keeps a table of transcripts in a file, so that workers need not read gene models again.

One Parquet file, a row a transcript, its exons as lists. What mehari does not keep is in it too:
biotypes, tags, symbols, accessions.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from annotator.consequences.engine import DatabaseUnusable
from annotator.consequences.transcript_table import Exons, TranscriptTable

FILE = "transcripts.parquet"
FORMAT = "1"
"""Changes with every change of what the columns mean."""
_KEY = "gas_transcripts"
_NUMBERS = (
    "start",
    "end",
    "strand",
    "coding_first",
    "coding_last",
    "low_coding",
    "high_coding",
    "missing",
    "start_is_known",
    "genetic_code",
)
_LISTS = ("exon_starts", "exon_ends", "exon_cdna")


def save(table: TranscriptTable, folder: Path) -> Path:
    """Write the table into ``folder``; the same table gives the same content."""
    of = np.repeat(np.arange(len(table)), table.exon_counts)
    exons = pl.DataFrame(
        {
            "of": of,
            "exon_starts": table.exons.starts,
            "exon_ends": table.exons.ends,
            "exon_cdna": table.exons.cdna,
        }
    )
    lists = exons.group_by("of", maintain_order=True).agg(pl.all()).drop("of")
    names = pl.Series("contig", table.contig_names, pl.String).gather(table.contig)
    numbers = pl.DataFrame({name: getattr(table, name) for name in _NUMBERS})
    frame = pl.concat([names.to_frame(), numbers, lists, table.about], how="horizontal")
    path = folder / FILE
    frame.write_parquet(path, compression="zstd", metadata={_KEY: FORMAT})
    return path


def load(folder: Path, contig_names: Sequence[str]) -> TranscriptTable:
    """The table in ``folder``; ``contig_names`` are the genome's. Raises DatabaseUnusable."""
    path = folder / FILE
    try:
        found = pl.read_parquet_metadata(path).get(_KEY)
        frame = pl.read_parquet(path) if found == FORMAT else None
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DatabaseUnusable(f"{FILE} cannot be read: {reason}; build the bundle again") from None
    if frame is None:
        message = f"{FILE} is of format {found}, not {FORMAT}; build the bundle again"
        raise DatabaseUnusable(message)
    numbers = {name: number for number, name in enumerate(contig_names)}
    contig = frame["contig"].replace_strict(numbers, default=-1, return_dtype=pl.Int64).to_numpy()
    if (contig < 0).any():
        message = f"{FILE} names contigs that the reference lacks; build the bundle again"
        raise DatabaseUnusable(message)
    columns = {name: frame[name].to_numpy() for name in _NUMBERS}
    counts = frame["exon_starts"].list.len().to_numpy().astype(np.int64)
    starts, ends, cdna = (frame[name].explode().to_numpy() for name in _LISTS)
    about = frame.drop("contig", *_NUMBERS, *_LISTS)
    exons = Exons(starts, ends, cdna, np.concatenate([[0], np.cumsum(counts)]))
    return TranscriptTable(
        about=about, contig_names=tuple(contig_names), contig=contig, exons=exons, **columns
    )
