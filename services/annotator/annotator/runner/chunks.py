"""Asks an engine in chunks of bounded size, whatever the size of a block."""

from __future__ import annotations

import numpy as np
import polars as pl

from annotator.consequences.engine import CHUNK_ROWS, Answer, Engine
from annotator.consequences.pick import Selection

MOST_ROWS = 70_000
"""Alleles of a chunk where few have many transcripts: as many as a part has at once."""
_ANSWER_ROWS = 80_000
_ENTRIES = 1.5
"""Rows of an answer for each allele, as a genome has them of which genes are half."""
_USUAL = 1.25
"""So many times more of them, and a chunk may still be as long as any."""


class Chunks:
    """Asks about the alleles of one part.

    Memory grows with the rows of an answer, and a chunk takes some milliseconds however short it
    is. So the rows of one answer say how many alleles are in the next chunk: at most twice as many.
    ``size`` is that number.
    """

    def __init__(self, engine: Engine, transcripts: Selection) -> None:
        self._engine, self._transcripts = engine, transcripts
        self.size = CHUNK_ROWS
        self._crowding = 2.0

    @property
    def block_share(self) -> float:
        """How long a block of text is to be, of the longest: its copies grow with the answers."""
        return 1 / max(self._crowding, 1.0)

    def ask(self, alleles: pl.DataFrame) -> Answer:
        """The engine's answer to all alleles, asked in chunks that end between records.

        ``alleles`` is as ``Engine.annotate`` takes it, with ``record`` in ascending order.
        """
        answers: list[Answer] = []
        begin = 0
        while begin < alleles.height or not answers:
            end = self._end(alleles, begin)
            answer = self._engine.annotate(alleles[begin:end], self._transcripts)
            self._learn(answer.rows.height, end - begin)
            if end - begin == alleles.height:
                return answer
            answers.append(Answer(_moved(answer.rows, begin), _moved(answer.unanswered, begin)))
            begin = end
        return Answer(
            pl.concat([answer.rows for answer in answers], how="vertical_relaxed"),
            pl.concat([answer.unanswered for answer in answers], how="vertical_relaxed"),
        )

    def _end(self, alleles: pl.DataFrame, begin: int) -> int:
        """Where the chunk ends that begins there."""
        if begin + self.size >= alleles.height:
            return alleles.height
        # A record stays whole: VEP trims its alleles together.
        records = alleles["record"].to_numpy()
        last = records[begin + self.size]
        end = int(np.searchsorted(records, last))
        return end if end > begin else int(np.searchsorted(records, last, side="right"))

    def _learn(self, rows: int, alleles: int) -> None:
        self._crowding = rows / max(alleles, 1) / _ENTRIES
        is_usual = self._crowding < _USUAL
        fitting = MOST_ROWS if is_usual else _ANSWER_ROWS * alleles // rows
        self.size = max(1, min(fitting, 2 * self.size, MOST_ROWS))


def _moved(frame: pl.DataFrame, begin: int) -> pl.DataFrame:
    return frame.with_columns(pl.col("row") + begin)
