"""Adds the entries of structural variants to those of a block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import polars as pl

from annotator.bundle import Bundle
from annotator.consequences import structural
from annotator.consequences.gene_model_engine import GeneModels
from annotator.consequences.pick import Selection
from annotator.consequences.structural import Event
from annotator.validate.contigs import UNKNOWN, Contigs
from annotator.validate.rows import Rows
from annotator.validate.status import Status


class StructuralVariants:
    """Annotates the structural variants of blocks; ``counts`` says what became of them."""

    def __init__(
        self,
        load_models: Callable[[], GeneModels | None],
        contigs: Contigs,
        bundle: Bundle,
        selection: Selection,
    ) -> None:
        self._load_models = load_models
        self._contigs, self._selection = contigs, selection
        self._names = [contig.name for contig in bundle.manifest.contigs]
        self.counts: Counter[str] = Counter()

    def added(self, rows: Rows, entries: pl.DataFrame) -> pl.DataFrame:
        """The entries of a block with those of its structural variants, sorted by record."""
        events = [event for row in sorted(rows.structural) for event in self._events(rows, row)]
        if not events:
            return entries
        # Loaded only for files that have such variants: the engine may be in another process.
        models = self._load_models()
        if models is None:
            self.counts["engine_cannot"] += len(events)
            return entries
        answer = structural.annotate(models, events, self._selection)
        self.counts["entries_left_out"] += answer.left_out
        found = answer.rows.with_columns(ALLELE_NUM=pl.col("allele").cast(pl.String))
        together = pl.concat([entries, found], how="diagonal_relaxed")
        return together.sort("row", "allele", maintain_order=True)

    def _events(self, rows: Rows, row: int) -> list[Event]:
        if rows.status[row] not in {Status.STRUCTURAL, Status.JUDGED}:
            return []
        own = self._contigs.in_bundle[rows.contigs[row]]
        found = []
        for one in rows.structural[row]:
            number = own if one.contig is None else self._contigs.known(one.contig)
            if number == UNKNOWN:
                continue
            place = (self._names[number], one.start, one.end)
            found.append(Event(row, one.allele, *place, one.kind, one.label))
            self.counts[one.kind] += 1
            self.counts["cut_at_the_end_of_the_contig"] += one.is_clipped
        return found
