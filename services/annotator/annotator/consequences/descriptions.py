"""The fields of CSQ that depend on the transcript alone."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from annotator.consequences.gene_models import Transcript

ABOUT = (
    "SYMBOL_SOURCE",
    "HGNC_ID",
    "CANONICAL",
    "MANE",
    "MANE_SELECT",
    "MANE_PLUS_CLINICAL",
    "TSL",
    "APPRIS",
    "CCDS",
    "ENSP",
)
"""What databases say of it, in VEP's order."""
FIELDS = ("SYMBOL", "Gene", "Feature_type", "Feature", "BIOTYPE", "STRAND", "FLAGS", *ABOUT)
ACCESSIONS = ("transcript_accession", "protein_accession")
"""Columns beside the fields: what HGVS names begin with."""


def describe(transcripts: Sequence[Transcript]) -> pl.DataFrame:
    """The fields and the accessions of each transcript, null where empty."""
    rows = [_row(transcript) for transcript in transcripts]
    schema = pl.Schema(dict.fromkeys((*FIELDS, *ACCESSIONS), pl.String()))
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(pl.when(pl.all() != "").then(pl.all()))


def _row(one: Transcript) -> tuple[str, ...]:
    tags = one.tags
    flags = ("cds_start_NF", tags.cds_start_nf), ("cds_end_NF", tags.cds_end_nf)
    mane = "MANE_Select" if tags.mane_select else ""
    return (
        one.gene.symbol,
        one.gene.id,
        "Transcript",
        one.id,
        one.biotype,
        str(one.strand),
        "&".join((*(name for name, is_set in flags if is_set), *tags.exceptions)),
        one.gene.symbol_source,
        one.gene.hgnc_id,
        "YES" if tags.is_canonical else "",
        mane or ("MANE_Plus_Clinical" if tags.mane_plus_clinical else ""),
        tags.mane_select,
        tags.mane_plus_clinical,
        str(tags.tsl) if tags.tsl else "",
        tags.appris,
        tags.ccds,
        one.protein,
        one.accession,
        one.protein or one.accession,
    )
