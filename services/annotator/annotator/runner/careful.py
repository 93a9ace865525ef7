"""Asks an engine so that a record which it cannot answer costs that record, not the job.

A chunk that fails is asked once more, then halved until the record is found on which the engine
fails by itself. That one has no answer, and the reason says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from annotator.consequences.engine import Answer
from annotator.processes.pipes import EngineFailed

MOST_FAILURES = 300
"""Failed requests of one part of a job; a bad record among 20,000 costs about 30."""
ENGINE_FAILED = "engine_failed"
"""The reason of an allele on which the engine failed; more words follow after a colon."""

Ask = Callable[[pl.DataFrame], Answer]


class ChunkFailed(Exception):
    """The engine gave no answer to a chunk; the message says what it did."""


@dataclass
class Failures:
    """How many more times the engine may fail."""

    left: int = MOST_FAILURES

    def count(self, failure: ChunkFailed) -> None:
        """Count one. Raises EngineFailed if there were too many."""
        self.left -= 1
        if self.left < 0:
            raise EngineFailed(f"the consequence engine failed too often, at last: {failure}")


def kind_of(reason: str) -> str:
    """A reason without what the engine did, so that equal ones can be counted."""
    return reason.partition(":")[0]


def answer(alleles: pl.DataFrame, ask: Ask, failures: Failures) -> Answer:
    """The answer to a chunk, whatever the engine does. Raises EngineFailed.

    Alleles with the same ``record`` are asked together, and must follow each other.
    """
    try:
        return ask(alleles)
    except ChunkFailed as failure:
        failures.count(failure)
    return again(alleles, ask, failures)


def again(alleles: pl.DataFrame, ask: Ask, failures: Failures) -> Answer:
    """As ``answer``, for a chunk that has failed once: what went wrong may have passed."""
    try:
        return ask(alleles)
    except ChunkFailed as failure:
        failures.count(failure)
        if alleles.is_empty():
            raise EngineFailed(f"the consequence engine does not answer: {failure}") from None
        middle = _middle(alleles)
        if not middle:
            return _none(alleles, str(failure))
    halves = alleles[:middle], alleles[middle:]
    return joined([answer(half, ask, failures) for half in halves], [0, middle])


def pieces(alleles: pl.DataFrame, most: int) -> list[pl.DataFrame]:
    """The chunk cut between records, into pieces of about ``most`` alleles."""
    begins = _begins(alleles)
    cuts, at = [0], 0
    for begin in begins.tolist():
        if begin - at >= most:
            cuts.append(begin)
            at = begin
    return [alleles[a:b] for a, b in zip(cuts, [*cuts[1:], alleles.height], strict=True)]


def joined(answers: list[Answer], starts: list[int]) -> Answer:
    """Answers to pieces of a chunk as one; ``starts`` is the first row of each piece in it."""
    if len(answers) == 1:
        return answers[0]

    def moved(frame: pl.DataFrame, start: int) -> pl.DataFrame:
        return frame.with_columns((pl.col("row") + start).cast(frame.schema["row"]))

    both = list(zip(answers, starts, strict=True))
    # A piece without any answer has no columns but ``row``: the others lend theirs.
    rows = [moved(one.rows, start) for one, start in both if one.rows.width > 1]
    left = pl.concat([moved(one.unanswered, start) for one, start in both], how="vertical_relaxed")
    return Answer(pl.concat(rows) if rows else answers[0].rows, left)


def _begins(alleles: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The rows at which records begin."""
    if "record" not in alleles.columns:
        return np.arange(alleles.height)
    records = alleles["record"].to_numpy()
    return np.flatnonzero(np.diff(records, prepend=records[:1] - 1))


def _middle(alleles: pl.DataFrame) -> int:
    """Where to cut in two, between records; 0 if there is but one."""
    begins = _begins(alleles)
    return int(begins[len(begins) // 2])


def _none(alleles: pl.DataFrame, reason: str) -> Answer:
    rows = pl.DataFrame({"row": pl.Series([], dtype=pl.Int64)})
    reasons = [f"{ENGINE_FAILED}: {reason}"] * alleles.height
    return Answer(rows, pl.DataFrame({"row": np.arange(alleles.height), "reason": reasons}))
