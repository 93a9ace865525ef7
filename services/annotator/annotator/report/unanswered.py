"""Alleles to which the engine has no answer: how many records by reason, and in which lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from annotator.diagnostics import MOST_LISTED, Diagnostics, Kind
from annotator.vcf.columns import Offsets
from annotator.vcf.reading import Input
from annotator.vcf.record_lines import lines_of

_WORDS = {
    "not_a_sequence": "an allele has unknown bases (N)",
    "reference_not_known_there": "the reference has unknown bases (N) there",
    "past_end_of_contig": "an allele reaches beyond the end of the contig",
    "same_as_reference": "an allele is the same as REF",
    "engine_failed": "the consequence engine failed on it",
}


def words_of(reason: str) -> str:
    """What the log says of a reason; words after a colon say what the engine did."""
    kind, _, more = reason.partition(":")
    about = _WORDS.get(kind, f"the engine has no answer: {kind.replace('_', ' ')}")
    return f"{about}{f' ({more.strip()})' if more else ''}: kept, not annotated"


@dataclass
class Unanswered:
    """``listed`` has the number of each record in the annotated file, from 1, and the reason."""

    counts: Counter[str] = field(default_factory=Counter)
    listed: list[tuple[int, str]] = field(default_factory=list)

    def note(self, records: Offsets, reasons: pl.Series) -> None:
        """Note alleles of records of those numbers; a record counts once for each reason."""
        different = dict.fromkeys(zip(records.tolist(), reasons.to_list(), strict=True))
        self.counts.update(reason.partition(":")[0] for _, reason in different)
        self.listed += list(different)[: max(MOST_LISTED - len(self.listed), 0)]

    def add(self, other: Unanswered) -> None:
        """Add those of a later part of the file."""
        self.counts += other.counts
        self.listed += other.listed[: max(MOST_LISTED - len(self.listed), 0)]

    def tell(self, diagnostics: Diagnostics, upload: Input, numbers: Offsets) -> None:
        """Add each to the log; ``numbers`` are the records in the upload, from 1, as ``listed``."""
        if not self.listed:
            return
        lines = lines_of(upload, numbers)
        for at in np.argsort(lines, kind="stable").tolist():
            reason = self.listed[at][1]
            about = words_of(reason.partition(":")[0])
            diagnostics.add(Kind.KEPT, int(lines[at]), words_of(reason), about)
