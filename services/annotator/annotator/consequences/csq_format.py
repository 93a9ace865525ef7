"""The text of INFO/CSQ and of its header lines, as readers of VEP's output expect them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

VEP_FIELDS = [
    "Allele",
    "Consequence",
    "IMPACT",
    "SYMBOL",
    "Gene",
    "Feature_type",
    "Feature",
    "BIOTYPE",
    "EXON",
    "INTRON",
    "HGVSc",
    "HGVSp",
    "cDNA_position",
    "CDS_position",
    "Protein_position",
    "Amino_acids",
    "Codons",
    "Existing_variation",
]
"""VEP's own 18: always written."""
MORE_FIELDS = [
    "ALLELE_NUM",
    "DISTANCE",
    "STRAND",
    "FLAGS",
    "PICK",
    "VARIANT_CLASS",
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
    "SIFT",
    "PolyPhen",
    "DOMAINS",
    "HGVS_OFFSET",
    "HGVSg",
    "AF",
    "gnomADe_AF",
    "gnomADg_AF",
    "MAX_AF",
    "MAX_AF_POPS",
    "CLIN_SIG",
]
"""Further fields of VEP's, of which those may be left out that a bundle knows nothing of."""
OWN_FIELDS = ("GAS_so_terms",)
COMPATIBLE_WITH = "v115.2-compatible"

_ESCAPES = {",": "&", "|": "&", ";": "%3B", " ": "_", "\t": "_", "=": "%3D"}
_TRANSLATION = str.maketrans(_ESCAPES)
_SAFE = frozenset(
    [
        "Allele",
        "Consequence",
        "IMPACT",
        "Feature_type",
        "EXON",
        "INTRON",
        "cDNA_position",
        "CDS_position",
        "Protein_position",
        "Amino_acids",
        "Codons",
        "ALLELE_NUM",
        "DISTANCE",
        "STRAND",
        "FLAGS",
        "PICK",
        "VARIANT_CLASS",
        "CANONICAL",
        "MANE",
        "TSL",
        "APPRIS",
        "HGVS_OFFSET",
        "HGVSc",
        "GAS_so_terms",
    ]
)
"""Fields whose values hold nothing that must be escaped, because we write them."""


def fields_of(columns: Sequence[str]) -> tuple[str, ...]:
    """The fields of a CSQ whose values come from those columns, in VEP's order."""
    more = [field for field in (*MORE_FIELDS, *OWN_FIELDS) if field in columns]
    return (*VEP_FIELDS, *more)


def header_lines(fields: Sequence[str], tool: str, assembly: str) -> tuple[str, str]:
    """The ``##VEP`` line, without which some readers refuse the file, and that of INFO/CSQ.

    ``tool`` is our name and version, ``assembly`` such as ``GRCh38``.
    """
    about = "Consequence annotations from GAS (Ensembl VEP layout)"
    return (
        f'##VEP="{COMPATIBLE_WITH}" tool="{tool}" assembly="{assembly}"',
        f'##INFO=<ID=CSQ,Number=.,Type=String,Description="{about}. Format: {"|".join(fields)}">',
    )


def values(rows: pl.DataFrame, fields: Sequence[str], by: str = "row") -> pl.DataFrame:
    """CSQ of each record: ``by`` (in ascending order) and ``CSQ``, entries joined by commas.

    ``rows`` is sorted by ``by``; its columns are unescaped, and null where empty. Fields of which
    it has no column are empty.
    """
    columns = [_text(rows[field]) if field in rows.columns else pl.lit("") for field in fields]
    entries = rows.lazy().select(by, pl.concat_str(columns, separator="|").alias("CSQ"))
    joined = entries.group_by(by, maintain_order=True).agg(pl.col("CSQ").str.join(","))
    return joined.collect()


def escaped(value: str) -> str:
    """A value without what separates values, entries and keys."""
    return value.translate(_TRANSLATION)


def _text(values_of: pl.Series) -> pl.Expr:
    column = pl.col(values_of.name).cast(pl.String)
    # To look at each different value once is ten times as fast as to look for escapes in all.
    if values_of.name not in _SAFE and _holds_escapes(values_of.cast(pl.String).unique()):
        column = column.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    return column.fill_null("")


def _holds_escapes(different: pl.Series) -> bool:
    return bool(different.str.contains("[" + "".join(_ESCAPES) + "]").any())
