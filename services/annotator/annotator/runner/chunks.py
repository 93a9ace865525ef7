"""Asks an engine in chunks of bounded size, whatever the size of a block."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl

from annotator.consequences.engine import CHUNK_ROWS, Answer, Engine
from annotator.consequences.pick import Selection


def ask(engine: Engine, alleles: pl.DataFrame, transcripts: Selection) -> Answer:
    """The engine's answer to all alleles, asked in chunks that end between records.

    ``alleles`` is as ``Engine.annotate`` takes it, with ``record`` in ascending order.
    """
    if alleles.height <= CHUNK_ROWS:
        return engine.annotate(alleles, transcripts)
    records = alleles["record"].to_numpy()
    # A record stays whole: VEP trims its alleles together.
    wanted = records[np.arange(CHUNK_ROWS, alleles.height, CHUNK_ROWS)]
    edges = [0, *np.unique(np.searchsorted(records, wanted)).tolist(), alleles.height]
    answers = []
    for begin, end in pairwise(edges):
        if begin < end:
            answer = engine.annotate(alleles[begin:end], transcripts)
            answers.append(Answer(_moved(answer.rows, begin), _moved(answer.unanswered, begin)))
    return Answer(
        pl.concat([answer.rows for answer in answers], how="vertical_relaxed"),
        pl.concat([answer.unanswered for answer in answers], how="vertical_relaxed"),
    )


def _moved(frame: pl.DataFrame, begin: int) -> pl.DataFrame:
    return frame.with_columns(pl.col("row") + begin)
