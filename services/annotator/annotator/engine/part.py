"""Annotates a part of a file: feeds the engine, and puts what it says beside the user's records."""

from __future__ import annotations

import contextlib
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from annotator.engine.engines import Demand, Engine
from annotator.engine.feeding import ID_DIGITS, Feeder, engine_header
from annotator.engine.pipes import EngineFailed, Pipeline
from annotator.engine.reading import BLOCK_BYTES, Input, Place
from annotator.engine.records import ID, INFO, Contigs, Examiner, Rows
from annotator.engine.reference import Reference
from annotator.engine.results import Results
from annotator.engine.summary import Summary
from annotator.engine.table import Table

MOST_WAITING_BYTES = 1 << 29


@dataclass(frozen=True, slots=True)
class Part:
    """So many records from a place on, in ``line``; ``skip`` lines lie before them there."""

    number: int
    place: Place
    line: int
    skip: int
    records: int
    genetic_code: int


@dataclass(slots=True)
class _Waiting:
    """A block whose records the engine has not all given back."""

    rows: Rows
    first: int
    left: int
    said: dict[int, bytes]


class PartAnnotator:
    """One part of one file, from its place to its end."""

    def __init__(
        self,
        engine: Engine,
        demand: Demand,
        source: Input,
        *,
        columns: int,
        contigs: Contigs,
        tick: Callable[[float, int], None],
    ) -> None:
        self._engine = engine
        self._demand = demand
        self._source = source
        self._columns = columns
        self._examiner = Examiner(demand.bundle, Reference(demand.bundle), contigs)
        self._feeder = Feeder(
            demand.bundle, contigs, with_samples=bool(demand.samples), with_lone=demand.has_lone
        )
        self._tick = tick
        self._waiting: deque[_Waiting] = deque()
        self._bytes_waiting = 0
        self._lock = threading.Lock()
        self._failure: BaseException | None = None

    def run(self, part: Part, folder: Path, results: Results, summary: Summary) -> None:
        """Write the part to ``results`` and count it; the engine's programs run in ``folder``.

        Raises EngineFailed, Rejected.
        """
        with Pipeline(self._engine.commands(self._demand), folder) as pipeline:
            feeder = threading.Thread(target=self._feed, args=(part, pipeline), daemon=True)
            feeder.start()
            for table in _tables(pipeline):
                self._hear(table)
                self._give(results, summary)
            feeder.join()
            if self._failure and not isinstance(self._failure, BrokenPipeError):
                raise self._failure
            pipeline.check()
            self._give(results, summary)
            results.tell(summary)
            if self._waiting:
                raise pipeline.failed("the engine gave fewer records than it was given")

    def _feed(self, part: Part, pipeline: Pipeline) -> None:
        try:
            pipeline.stdin.write(engine_header(self._demand.bundle, self._demand.samples))
            number = 0
            for table in self._records(part):
                rows = self._examiner.examine(table, int)
                bare, judged = self._feeder.bare(rows, number)
                with self._lock:
                    self._waiting.append(_Waiting(rows, number, len(judged), {}))
                    self._bytes_waiting += len(table.text)
                if self._bytes_waiting > MOST_WAITING_BYTES:
                    raise EngineFailed("the engine holds more records than fit into memory")
                number += table.rows
                pipeline.stdin.write(bare)
                self._tick(self._source.consumed, number)
        except BaseException as error:
            self._failure = error
        finally:
            with contextlib.suppress(BrokenPipeError):
                pipeline.stdin.close()

    def _records(self, part: Part) -> Iterator[Table]:
        left, skip = part.records, part.skip
        for block in self._source.blocks(part.place, part.line):
            text = block.text
            if skip:
                text, skip = _without(text, skip)
            if b"\n\n" in text or text.startswith(b"\n"):
                text = re.sub(rb"\n+", b"\n", text).lstrip(b"\n")
            if not text:
                continue
            table = Table(text, self._columns)
            if table.rows > left:
                table = Table(text[: int(table.starts[left])], self._columns)
            left -= table.rows
            if table.rows:
                yield table
            if not left:
                return

    def _hear(self, table: Table) -> None:
        numbers, bad = table.numbers(table.column(ID), ID_DIGITS)
        if bad.any():
            raise EngineFailed("the engine gave a record that it was not given")
        info = table.column(INFO)
        says = np.flatnonzero((info.lengths > 1) | (table.first(info) != ord(".")))
        with self._lock:
            blocks = list(self._waiting)
        firsts = np.array([block.first for block in blocks])
        of = np.searchsorted(firsts, numbers, side="right") - 1
        for index, times in enumerate(np.bincount(of, minlength=len(blocks)).tolist()):
            blocks[index].left -= times
        block_of, rows = of[says], numbers[says] - firsts[of[says]]
        for index, row, text in zip(
            block_of.tolist(), rows.tolist(), info[says].texts(table.text), strict=True
        ):
            blocks[index].said[row] = text

    def _give(self, results: Results, summary: Summary) -> None:
        while self._waiting and not self._waiting[0].left:
            with self._lock:
                block = self._waiting.popleft()
                self._bytes_waiting -= len(block.rows.table.text)
            summary.count(block.rows)
            results.write(block.rows, block.said, summary)


def _without(text: bytes, lines: int) -> tuple[bytes, int]:
    """The text without its first lines; and how many of them are still to be left off."""
    here = text.count(b"\n")
    if here <= lines:
        return b"", lines - here
    at = 0
    for _ in range(lines):
        at = text.index(b"\n", at) + 1
    return text[at:], 0


def _tables(pipeline: Pipeline) -> Iterator[Table]:
    """What the engine gives, in tables of its whole lines."""
    rest = b""
    columns = 0
    while text := pipeline.read():
        rest += text
        end = rest.rfind(b"\n") + 1
        if not columns and (at := rest.find(b"#CHROM")) >= 0 and end > at:
            line, _, rest = rest[at:].partition(b"\n")
            columns = line.count(b"\t") + 1
            end = rest.rfind(b"\n") + 1
        if not columns or end < BLOCK_BYTES // 4:
            continue
        yield Table(rest[:end], columns)
        rest = rest[end:]
    if columns and rest:
        yield Table(rest, columns)
