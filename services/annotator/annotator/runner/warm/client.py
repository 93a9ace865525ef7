"""A warm engine as a job's process sees it: an ``Engine`` whose work is done in another process."""

from __future__ import annotations

import os
import socket
import threading
from collections import deque
from contextlib import suppress

import numpy as np
import polars as pl

from annotator.consequences.engine import Answer
from annotator.consequences.pick import Selection
from annotator.processes.pipes import EngineFailed
from annotator.runner import careful
from annotator.runner.careful import ChunkFailed, Failures
from annotator.runner.warm import calls, wire
from annotator.runner.warm.server import MOST_REASON

PIECE_ROWS = 5_000
"""Alleles of one request: a server needs some 12 kB of memory for each, and 0.03 ms."""
_MOST_ANSWER_BYTES = 2 << 30
_PATIENCE_SECONDS = 600
"""The loader ends a server that hangs much earlier; this covers a loader that does."""
_FRAMES = 2
_SENT = {"contig": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String}


class WarmEngine:
    """Asks over ``connector``, a socket to the loader; up to ``at_once`` requests at a time.

    Copies of it in forked processes may ask side by side.
    """

    def __init__(self, connector: socket.socket, version: str, at_once: int) -> None:
        self._connector = connector
        self._version = version
        self._at_once = max(1, at_once)
        self._failures = Failures()

    @property
    def version(self) -> str:
        return self._version

    def annotate(self, alleles: pl.DataFrame, transcripts: Selection = "all") -> Answer:
        """As every engine; an allele on which the engine fails is unanswered.

        Raises EngineFailed if the warm engine is gone, or fails too often.
        """
        cut = careful.pieces(_as_sent(alleles), PIECE_ROWS)
        asked: deque[_Request] = deque()
        answers: list[Answer] = []
        for piece in cut:
            if len(asked) >= self._at_once:
                answers.append(self._answer(asked.popleft()))
            asked.append(_Request(self._connector, piece, transcripts))
        answers += [self._answer(request) for request in asked]
        sizes = [piece.height for piece in cut]
        return careful.joined(answers, np.cumsum([0, *sizes[:-1]]).tolist())

    def _answer(self, request: _Request) -> Answer:
        def ask(alleles: pl.DataFrame) -> Answer:
            return _Request(self._connector, alleles, request.transcripts).answer()

        try:
            return request.answer()
        except ChunkFailed as failure:
            self._failures.count(failure)
        return careful.again(request.alleles, ask, self._failures)


class _Request:
    """One question, which was sent when this was made. Raises EngineFailed if it could not be."""

    def __init__(
        self, connector: socket.socket, alleles: pl.DataFrame, transcripts: Selection
    ) -> None:
        self.alleles, self.transcripts = alleles, transcripts
        try:
            self._stream = calls.call(connector, alleles.height)
        except OSError as error:
            raise EngineFailed(
                f"the warm engine is gone: {os.strerror(error.errno or 0)}"
            ) from None
        self._stream.settimeout(_PATIENCE_SECONDS)
        self._sender = threading.Thread(target=self._send, daemon=True)
        self._sender.start()

    def _send(self) -> None:
        # A socket holds less than a request: a thread waits until a server begins to read.
        with suppress(OSError):  # the answer will not come either, and says why
            wire.send(self._stream, {"transcripts": self.transcripts}, [self.alleles])

    def answer(self) -> Answer:
        """The answer; waits for it. Raises ChunkFailed."""
        with self._stream:
            try:
                head, frames = wire.receive(self._stream, _MOST_ANSWER_BYTES)
            except (wire.Garbled, OSError) as error:
                raise ChunkFailed(f"the engine's answer cannot be read: {error}") from None
        if head.get("status") != "answered":
            raise ChunkFailed(str(head.get("reason"))[:MOST_REASON])
        return _checked(frames, self.alleles.height)


def _as_sent(alleles: pl.DataFrame) -> pl.DataFrame:
    """The columns that servers take, in their order."""
    record = pl.col("record") if "record" in alleles.columns else pl.int_range(pl.len())
    columns = [pl.col(name).cast(kind) for name, kind in _SENT.items()]
    return alleles.select(*columns, record.cast(pl.Int64).alias("record"))


def _checked(frames: list[pl.DataFrame], alleles: int) -> Answer:
    """An answer that speaks of every allele, in order, and of no other. Raises ChunkFailed."""
    if len(frames) != _FRAMES:
        raise ChunkFailed("the engine's answer lacks a part")
    rows, unanswered = frames
    if not _has_rows(rows) or not _has_rows(unanswered) or "reason" not in unanswered.columns:
        raise ChunkFailed("the engine's answer lacks a column")
    told = rows["row"].to_numpy()
    if len(told) and (np.diff(told) < 0).any():
        raise ChunkFailed("the engine's answer is not in the order of the alleles")
    both = np.concatenate([np.unique(told), unanswered["row"].to_numpy()])
    if not np.array_equal(np.sort(both), np.arange(alleles)):
        raise ChunkFailed("the engine's answer is not about the alleles that were asked for")
    return Answer(rows, unanswered)


def _has_rows(frame: pl.DataFrame) -> bool:
    return (
        "row" in frame.columns
        and frame.schema["row"].is_integer()
        and not frame["row"].null_count()
    )
