"""Alleles to which the engine has no answer: how many records by reason, and in which lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np
import polars as pl

from annotator.diagnostics import MOST_LISTED, Diagnostics, Kind
from annotator.vcf.columns import Offsets

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
    """``listed`` has the number of each record in the annotated file, from 1, and the reason.

    Once ``number_lines`` was called it has the line in the upload instead.
    """

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

    def move(self, lines: int) -> None:
        """Count lines from the beginning of a file in which so many are before these."""
        if lines:
            self.listed = [(line + lines, reason) for line, reason in self.listed]

    def number_lines(self, lines_of: Callable[[Offsets], Offsets]) -> None:
        """Put lines of the upload in the place of records; ``lines_of`` gives those of records."""
        if self.listed:
            lines = lines_of(np.array([number for number, _ in self.listed], dtype=np.int64))
            reasons = [reason for _, reason in self.listed]
            self.listed = list(zip(lines.tolist(), reasons, strict=True))

    def tell(self, diagnostics: Diagnostics) -> None:
        """Add each, with its line, to the log."""
        for line, reason in sorted(self.listed, key=itemgetter(0)):
            about = words_of(reason.partition(":")[0])
            diagnostics.add(Kind.KEPT, line, words_of(reason), about)
