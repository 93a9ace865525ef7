"""The text of INFO/CSQ and of its header lines, as readers of VEP's output expect them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import polars as pl
import pyarrow as pa

from annotator.consequences.descriptions import ABOUT, FIELDS
from annotator.consequences.entries import Entries
from annotator.consequences.genetic_code import Columns

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
    *ABOUT,
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
_ANY_ESCAPE = "[" + "".join(_ESCAPES) + "]"
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


def values(
    entries: Entries, fields: Sequence[str], by: str = "row", before: str = ""
) -> pl.DataFrame:
    """CSQ of each record: ``by`` (in ascending order) and ``CSQ``, entries joined by commas.

    The entries are sorted by ``by``; their columns are unescaped, and null where empty. Fields of
    which they have no column are empty. ``before`` is written before each record's first entry.
    """
    keys = entries.frame[by].to_numpy()
    begins = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1))
    head = np.ones(len(keys), dtype=np.int64)
    head[begins] = 0
    first, *others = _pieces(entries, fields)
    frame = pl.DataFrame({"head": pl.Series([before, ","], dtype=pl.String).gather(head)})
    text = pl.concat_str(pl.concat_str("head", first), *others, separator="|")
    texts = frame.with_columns(text=text)["text"]
    return pl.DataFrame({by: keys[begins], "CSQ": _joined(texts, begins)})


def _pieces(entries: Entries, fields: Sequence[str]) -> list[pl.Series | pl.Expr]:
    """The fields in order; runs of those that depend on the transcript alone are one piece."""
    pieces: list[pl.Series | pl.Expr] = []
    groups = entries.transcripts
    for of_transcript, run in groupby(fields, lambda field: field in FIELDS):
        if groups is None or not of_transcript:
            pieces += _of_entries(entries.frame, list(run))
            continue
        few = entries.frame[groups.first]
        text = pl.concat_str([_text(few, field) for field in run], separator="|")
        # Not `select`: it gives one row where nothing but literals are joined.
        pieces.append(few.with_columns(text=text)["text"].gather(groups.of))
    return pieces


def _of_entries(frame: pl.DataFrame, fields: Sequence[str]) -> list[pl.Series | pl.Expr]:
    """Fields in order; runs of those that most entries lack are one piece."""
    pieces: list[pl.Series | pl.Expr] = []
    for is_rare, run in groupby(fields, lambda field: _is_rare(frame, field)):
        some = list(run)
        if is_rare and len(some) > 1:
            pieces.append(_rare(frame, some))
        else:
            pieces += [_text(frame, field) for field in some]
    return pieces


def _is_rare(frame: pl.DataFrame, field: str) -> bool:
    return field not in frame.columns or 2 * frame[field].null_count() > frame.height


def _rare(frame: pl.DataFrame, fields: Sequence[str]) -> pl.Series | pl.Expr:
    """Fields joined, which is done only for the entries that have one of them."""
    nothing = "|" * (len(fields) - 1)
    known = [field for field in fields if field in frame.columns]
    if not known:
        return pl.lit(nothing)
    has_some = frame.select(pl.any_horizontal(pl.col(known).is_not_null()).alias("has"))["has"]
    rows = np.flatnonzero(has_some.to_numpy())
    few = frame.select(known)[rows]
    text = pl.concat_str([_text(few, field) for field in fields], separator="|")
    which = np.full(frame.height, len(rows))
    which[rows] = np.arange(len(rows))
    texts = few.with_columns(text=text)["text"]
    return pl.concat([texts, pl.Series([nothing], dtype=pl.String)]).gather(which)


def _joined(texts: pl.Series, begins: Columns) -> pl.Series:
    """Texts from each place in ``begins`` to the next, end to end: as they lie in memory."""
    whole = pa.concat_arrays([texts.to_arrow()]).cast(pa.large_string())
    _, offsets, data = whole.buffers()
    edges = np.frombuffer(offsets, dtype=np.int64, count=len(whole) + 1)[
        np.append(begins, len(whole))
    ]
    joined = pl.from_arrow(pa.LargeStringArray.from_buffers(len(begins), pa.py_buffer(edges), data))
    assert isinstance(joined, pl.Series)
    return joined


def escaped(value: str) -> str:
    """A value without what separates values, entries and keys."""
    return value.translate(_TRANSLATION)


def _text(frame: pl.DataFrame, field: str) -> pl.Series | pl.Expr:
    if field not in frame.columns or frame[field].null_count() == frame.height:
        return pl.lit("")
    column = frame[field].cast(pl.String)
    if field not in _SAFE and column.str.contains(_ANY_ESCAPE).any():
        column = column.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    return column.fill_null("")
