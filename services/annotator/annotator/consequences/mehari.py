"""The engine that has HGVS from mehari and all else from gene models and reference."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from annotator.consequences import alleles as allele_checks
from annotator.consequences.engine import Answer
from annotator.consequences.gene_model_engine import Answers, GeneModels, finished
from annotator.consequences.genetic_code import Columns
from annotator.consequences.hgvs import coding_names, offsets, protein_names
from annotator.consequences.introns import names_in_introns
from annotator.consequences.mehari_db import native_annotator, number_of_feature
from annotator.consequences.noise import heard
from annotator.consequences.pick import Selection
from annotator.consequences.protein_repairs import repaired
from annotator.consequences.vocabulary import finer_terms, terms_of, vep_term

_BATCH_ROWS = 2_500
"""Alleles that mehari is given at once: its answers hold much that we do not keep, 12 kB each."""
_SCHEMA = pl.Schema(
    {
        "allele": pl.Int64(),
        "feature_id": pl.String(),
        "hgvs_c": pl.String(),
        "hgvs_p": pl.String(),
        "consequences": pl.List(pl.String()),
    }
)
_WANTED = tuple(name for name in _SCHEMA if name != "allele")


class MehariEngine:
    """mehari's HGVS names beside our own answers.

    Only alleles that touch a transcript are given to it, and that ``introns`` does not name; only
    such as are sequences and agree with the reference: it stops at others, or answers for another
    REF. Not for two threads at once.
    """

    def __init__(
        self, models: GeneModels, database: Path, reference: Path, native: Any | None = None
    ) -> None:
        self.models = models
        self.noise = heard()
        self._native = native or native_annotator(database, reference)

    @staticmethod
    def version_here() -> str:
        """The name and version of mehari on this machine."""
        return f"mehari {importlib.metadata.version('mehari')}"

    @property
    def version(self) -> str:
        return self.version_here()

    def annotate(self, alleles: pl.DataFrame, transcripts: Selection = "all") -> Answer:
        checked, reasons = allele_checks.check(alleles, self.models.genome)
        answers = self.models.answers(checked, transcripts)
        names = self._names(alleles, answers)
        columns = answers.columns.hstack(names)
        return finished(self.models, replace(answers, columns=columns), reasons, transcripts)

    def _names(self, frame: pl.DataFrame, answers: Answers) -> pl.DataFrame:
        """HGVSc, HGVSp, HGVS_OFFSET and GAS_so_terms of every pair that touches."""
        intronic = names_in_introns(self.models.table, answers.alleles, answers.inside)
        alleles = np.unique(np.delete(answers.inside.allele, intronic.pairs))
        table = self._ask(frame[answers.alleles.row[alleles]])
        which = _matched(table, alleles, answers, len(self.models.table))
        known = pl.DataFrame({"hgvs_c": intronic.names, "terms": intronic.terms})
        which[intronic.pairs] = table.height + 1 + np.arange(known.height)
        raw = table.select("hgvs_c", "hgvs_p", "terms")
        raw = pl.concat([raw, raw.clear(1), known], how="diagonal")[which]
        coding = coding_names(self.models, answers, raw["hgvs_c"])
        proteins = repaired(self.models, answers, raw["hgvs_c"], raw["hgvs_p"])
        return pl.DataFrame(
            {
                "HGVSc": coding,
                "HGVSp": protein_names(self.models, answers, proteins),
                "HGVS_OFFSET": offsets(self.models, answers, coding),
                "GAS_so_terms": _finer(answers.inside_bits, raw["terms"]),
            }
        )

    def _ask(self, frame: pl.DataFrame) -> pl.DataFrame:
        """mehari's answers, one row a transcript: ``allele`` is the row of ``frame``."""
        given = frame.select(
            pl.col("contig").alias("chromosome"),
            pl.col("pos").cast(pl.Int64).alias("position"),
            pl.col("ref").str.to_uppercase().alias("reference"),
            pl.col("alt").str.to_uppercase().alias("alternative"),
        )
        self.noise.clear()
        # The public call casts every list to enumerations, which takes as long again.
        return _flat(
            self._native.annotate_batch(batch)
            for slice_of in given.iter_slices(_BATCH_ROWS)
            for batch in slice_of.to_arrow().to_batches()
        )


def _flat(batches: Iterable[Any]) -> pl.DataFrame:
    frames: list[pl.DataFrame] = []
    before = 0
    for batch in batches:
        lists = batch.column(batch.schema.get_field_index("annotation"))
        counts = np.diff(lists.offsets.to_numpy())
        allele = before + np.repeat(np.arange(len(lists)), counts)
        before += len(lists)
        values = lists.flatten()
        columns = [pa.array(allele), *(values.field(name) for name in _WANTED)]
        frames.append(pl.DataFrame(pa.table(columns, names=["allele", *_WANTED])))
    frame = pl.concat(frames) if frames else pl.DataFrame(schema=_SCHEMA)
    return frame.with_columns(
        number_of_feature(pl.col("feature_id")).alias("transcript"),
        pl.col("consequences").cast(pl.List(pl.String)).list.join("&").alias("terms"),
    )


def _matched(table: pl.DataFrame, alleles: Columns, answers: Answers, transcripts: int) -> Columns:
    """For each pair that touches the row of ``table`` about it, or one behind the last."""
    none, pairs = table.height, answers.inside
    if not none:
        return np.full(len(pairs), none, dtype=np.int64)
    theirs = alleles[table["allele"].to_numpy()] * transcripts + table["transcript"].to_numpy()
    order = np.argsort(theirs, kind="stable")
    ours = pairs.allele * transcripts + pairs.transcript
    at = np.minimum(np.searchsorted(theirs[order], ours), none - 1)
    which: Columns = np.where(theirs[order][at] == ours, order[at], none)
    return which


def _finer(bits: Columns, terms: pl.Series) -> pl.Series:
    """Terms finer than VEP's, where mehari means the same as the Consequence beside them."""
    frame = pl.DataFrame({"bits": bits, "terms": terms})
    different = frame.unique()
    found = [
        finer_terms(word for word in (words or "").split("&") if vep_term(word) in terms_of(one))
        for one, words in different.iter_rows()
    ]
    known = different.with_columns(pl.Series("finer", found, pl.String))
    joined = frame.join(
        known, on=["bits", "terms"], how="left", nulls_equal=True, maintain_order="left"
    )
    return joined.select(pl.when(pl.col("finer") != "").then(pl.col("finer")))["finer"]
