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
from annotator.consequences.shifting import shifts
from annotator.consequences.vocabulary import BIT

_NUMBERS = r"^c\.(?<first>\d*)(?<behind>[^_]*)(?<joint>_?)(?<second>\d*)(?<rest>.*)$"


def coding_names(models: GeneModels, answers: Answers, names: pl.Series) -> pl.Series:
    """HGVSc of pairs: accession, colon, and ``names`` (``c.…`` or ``n.…``), null without a name."""
    missing = models.table.missing[answers.pairs.transcript]
    is_named = names.is_not_null().to_numpy()
    rows = np.flatnonzero((missing > 0) & ~_single_coding_base(models, answers) & is_named)
    if len(rows):
        names = names.scatter(rows, _counted_from_known(names.gather(rows), missing[rows]))
    accession = models.descriptions["transcript_accession"].gather(answers.pairs.transcript)
    return _joined(accession, _inside_only(models, answers, names)).alias("HGVSc")


def _inside_only(models: GeneModels, answers: Answers, names: pl.Series) -> pl.Series:
    """Names of alleles that lie wholly in their transcript: HGVS numbers nothing outside of it."""
    table, pairs = models.table, answers.pairs
    beyond = (pairs.start < table.start[pairs.transcript]) | (
        pairs.end > table.end[pairs.transcript]
    )
    return pl.select(pl.when(~pl.Series(beyond)).then(names)).to_series()


def _single_coding_base(models: GeneModels, answers: Answers) -> Flags:
    """Substitutions of one coding base: the only ones for which VEP counts missing bases in c."""
    found = np.zeros(len(answers.pairs), dtype=np.bool_)
    allele = answers.pairs.allele[answers.touching]
    single = (answers.alleles.ref_length == 1) & (answers.alleles.alt_length == 1)
    found[answers.touching] = single[allele] & (answers.places.cds_start > 0)
    return found


def _counted_from_known(names: pl.Series, missing: Columns) -> list[str | None]:
    """Names in which positions of the CDS are less by the bases that are missing before it."""
    parts = names.str.extract_groups(_NUMBERS).struct.unnest()
    frame = parts.with_columns(pl.Series("missing", missing))

    def less(name: str) -> pl.Expr:
        number = pl.col(name).cast(pl.Int64, strict=False) - pl.col("missing")
        return number.cast(pl.String).fill_null("")

    pieces = (pl.lit("c."), less("first"), "behind", "joint", less("second"), "rest")
    return frame.select(pl.concat_str(pieces).alias("name"))["name"].to_list()


def protein_names(models: GeneModels, answers: Answers, names: pl.Series) -> pl.Series:
    """HGVSp of pairs, without the parentheses of prediction, null where nothing is predicted."""
    plain = names.str.replace_many(["(", ")"], ["", ""])
    table, transcript = models.table, answers.pairs.transcript
    frame = pl.DataFrame(
        {
            "name": _inside_only(models, answers, plain),
            "same_stop": (answers.bits & BIT["stop_retained_variant"]) > 0,
            "stop": table.coding_lengths[transcript] // 3,
            "retained": (answers.bits & BIT["start_retained_variant"]) > 0,
            "starts": table.start_is_known[transcript],
        }
    )
    # Whatever codon starts it, a protein begins with methionine.
    with_start = pl.col("name").str.replace(r"^p\.[A-Z][a-z]{2}1([^0-9]|$)", "p.Met1$1")
    frame = frame.with_columns(pl.when("starts").then(with_start).otherwise("name").alias("name"))
    name = pl.when(_first_changes(pl.col("name"))).then("name")
    kept = (
        pl.when(pl.col("retained") & name.is_not_null())
        .then(pl.lit("p.Met1="))
        .when((name != "p.?") & (pl.col("starts") | (name != "p.Met1?")))
        .then(name)
        # mehari has no name for a stop codon that was changed and is one again.
        .when(pl.col("same_stop") & name.is_not_null())
        .then(pl.concat_str(pl.lit("p.Ter"), "stop", pl.lit("=")))
    )
    accession = models.descriptions["protein_accession"].gather(transcript)
    return _joined(accession, frame.select(kept.alias("name"))["name"]).alias("HGVSp")


_FRAMESHIFT = r"^p\.([A-Z][a-z]{2})\d+([A-Z][a-z]{2})fs"


def _first_changes(name: pl.Expr) -> pl.Expr:
    """False for a frameshift that begins with the residue that was there: mehari errs at stops."""
    groups = name.str.extract_groups(_FRAMESHIFT)
    return (groups.struct[0] != groups.struct[1]).fill_null(value=True)


def offsets(models: GeneModels, answers: Answers, names: pl.Series) -> pl.Series:
    """VEP's HGVS_OFFSET: by how many bases a name was moved 3', null for none."""
    alleles, pairs = answers.alleles, answers.pairs
    forward = models.table.strand[pairs.transcript] == 1
    ahead = shifts(models.genome, alleles, 1)[pairs.allele]
    back = shifts(models.genome, alleles, -1)[pairs.allele]
    frame = pl.DataFrame({"moved": np.where(forward, ahead, back), "name": names})
    is_moved = (pl.col("moved") > 0) & pl.col("name").is_not_null()
    return frame.select(pl.when(is_moved).then(pl.col("moved").cast(pl.String)))["moved"]


def _joined(accession: pl.Series, names: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"accession": accession, "name": names})
    return frame.select(pl.concat_str("accession", "name", separator=":").alias("name"))["name"]
