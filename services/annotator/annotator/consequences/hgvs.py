"""HGVS names as VEP writes them, from the names that mehari gives.

mehari follows the HGVS nomenclature (hgvs-nomenclature.org); what changes here is what stands
before the colon, the parentheses of predicted proteins, and the numbering of transcripts whose
first codon is not whole.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from annotator.consequences.alleles import Flags
from annotator.consequences.gene_model_engine import Answers, GeneModels
from annotator.consequences.genetic_code import Columns
from annotator.consequences.overlaps import Pairs
from annotator.consequences.vocabulary import BIT

_NUMBERS = r"^c\.(?<first>\d*)(?<behind>[^_]*)(?<joint>_?)(?<second>\d*)(?<rest>.*)$"


def coding_names(models: GeneModels, answers: Answers, names: pl.Series) -> pl.Series:
    """HGVSc of pairs: accession, colon, and ``names`` (``c.…`` or ``n.…``), null without a name."""
    missing = models.table.missing[answers.inside.transcript]
    is_named = names.is_not_null().to_numpy()
    rows = np.flatnonzero((missing > 0) & ~_single_coding_base(answers) & is_named)
    if len(rows):
        names = names.scatter(rows, _counted_from_known(names.gather(rows), missing[rows]))
    accession = models.descriptions["transcript_accession"].gather(answers.inside.transcript)
    inside = ~_reaches_beyond(models, answers.inside)
    frame = pl.DataFrame({"accession": accession, "name": names, "inside": inside})
    text = pl.concat_str("accession", "name", separator=":")
    return frame.select(pl.when("inside").then(text).alias("HGVSc"))["HGVSc"]


def _reaches_beyond(models: GeneModels, pairs: Pairs) -> Flags:
    """Which alleles lie not wholly in their transcript: HGVS numbers nothing outside of it."""
    low, high = models.table.start[pairs.transcript], models.table.end[pairs.transcript]
    beyond: Flags = (pairs.start < low) | (pairs.end > high)
    return beyond


def _single_coding_base(answers: Answers) -> Flags:
    """Substitutions of one coding base: the only ones for which VEP counts missing bases in c."""
    single = (answers.alleles.ref_length == 1) & (answers.alleles.alt_length == 1)
    found: Flags = single[answers.inside.allele] & (answers.places.cds_start > 0)
    return found


def _counted_from_known(names: pl.Series, missing: Columns) -> list[str | None]:
    """Names in which positions of the CDS are less by the bases that are missing before it."""
    parts = names.str.extract_groups(_NUMBERS).struct.unnest()
    frame = parts.with_columns(pl.Series("missing", missing))

    def less(name: str) -> pl.Expr:
        return pl.col(name).cast(pl.Int64, strict=False) - pl.col("missing")

    first, second = (less(name).cast(pl.String).fill_null("") for name in ("first", "second"))
    pieces = (pl.lit("c."), first, "behind", "joint", second, "rest")
    # There is no position 0: a base that is missing has no number.
    is_known = ~(less("first") < 1).fill_null(value=False)
    return frame.select(pl.when(is_known).then(pl.concat_str(pieces)).alias("name"))[
        "name"
    ].to_list()


_OF_STOPS = (
    BIT["stop_retained_variant"]
    | BIT["frameshift_variant"]
    | BIT["inframe_insertion"]
    | BIT["inframe_deletion"]
    | BIT["missense_variant"]
    | BIT["protein_altering_variant"]
)
"""Terms of which the first alone says that the protein ends as it did."""


def protein_names(models: GeneModels, answers: Answers, names: pl.Series) -> pl.Series:
    """HGVSp of pairs, without the parentheses of prediction, null where nothing is predicted."""
    table, pairs = models.table, answers.inside
    named = (names.is_not_null() & (names != "p.?")).fill_null(value=False).to_numpy()
    same_stop = (answers.inside_bits & _OF_STOPS) == BIT["stop_retained_variant"]
    # Most pairs are in introns and have none: the others are few.
    rows = np.flatnonzero(named | (same_stop & names.is_not_null().to_numpy()))
    transcript = pairs.transcript[rows]
    frame = pl.DataFrame(
        {
            "name": names.gather(rows).str.replace_many(["(", ")"], ["", ""]),
            "inside": ~_reaches_beyond(models, pairs.at(rows)),
            "same_stop": same_stop[rows],
            "stop": table.coding_lengths[transcript] // 3,
            "retained": (answers.inside_bits[rows] & BIT["start_retained_variant"]) > 0,
            "starts": table.start_is_known[transcript],
            "accession": models.descriptions["protein_accession"].gather(transcript),
        }
    )
    text = frame.select(pl.concat_str("accession", _protein_name(), separator=":").alias("name"))
    which = np.full(len(pairs), len(rows), dtype=np.int64)
    which[rows] = np.arange(len(rows))
    none = pl.Series("name", [None], dtype=pl.String)
    return pl.concat([text["name"], none]).gather(which).alias("HGVSp")


def _protein_name() -> pl.Expr:
    name = pl.col("name")
    # Whatever codon starts it, a protein begins with methionine.
    with_start = name.str.replace(r"^p\.[A-Z][a-z]{2}1([^0-9]|$)", "p.Met1$1")
    name = pl.when("starts").then(with_start).otherwise(name)
    return (
        pl.when(~pl.col("inside"))
        .then(None)
        .when("retained")
        .then(pl.lit("p.Met1="))
        # mehari has no name for a stop codon that was changed and is one again.
        .when(pl.col("same_stop") & (name == "p.?"))
        .then(pl.concat_str(pl.lit("p.Ter"), "stop", pl.lit("=")))
        .when(_first_changes(name) & (pl.col("starts") | (name != "p.Met1?")))
        .then(name)
    )


_FRAMESHIFT = r"^p\.([A-Z][a-z]{2})\d+([A-Z][a-z]{2})fs"


def _first_changes(name: pl.Expr) -> pl.Expr:
    """False for a frameshift that begins with the residue that was there: mehari errs at stops."""
    groups = name.str.extract_groups(_FRAMESHIFT)
    return (groups.struct[0] != groups.struct[1]).fill_null(value=True)


def offsets(models: GeneModels, answers: Answers, names: pl.Series) -> pl.Series:
    """VEP's HGVS_OFFSET: by how many bases a name was moved 3', null for none."""
    pairs, moves = answers.inside, answers.moves
    forward = models.table.strand[pairs.transcript] == 1
    ahead, back = moves.ahead[pairs.allele], moves.back[pairs.allele]
    frame = pl.DataFrame({"moved": np.where(forward, ahead, back), "name": names})
    is_moved = (pl.col("moved") > 0) & pl.col("name").is_not_null()
    return frame.select(pl.when(is_moved).then(pl.col("moved").cast(pl.String)))["moved"]
