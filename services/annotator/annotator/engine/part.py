"""Annotates a part of a file: feeds the engine, and puts what it says beside the user's records."""

from __future__ import annotations

import contextlib
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from annotator.engine.engines import Demand, Engine
from annotator.engine.feeding import ID_DIGITS, Feeder, engine_header
from annotator.engine.known import KnownVariants, Moved
from annotator.engine.pipes import EngineFailed, Pipeline
from annotator.engine.reading import BLOCK_BYTES, Input, Place
from annotator.engine.records import ALT, ID, INFO, POS, REF, Contigs, Examiner, Rows, Status
from annotator.engine.reference import Reference
from annotator.engine.results import Results
from annotator.engine.summary import Summary
from annotator.engine.table import Offsets, Table, count_lines, distinct

MOST_WAITING_BYTES = 1 << 29
_MARGIN_BASES = 10
"""An insertion beside a gene counts as in it, whatever the engine holds of it."""


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
    said: dict[int, bytes] = field(default_factory=dict)
    moved: Moved = field(default_factory=dict)


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
        self._contigs = contigs
        self._known = KnownVariants(demand.bundle, contigs)
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
                judged = self._for_the_engine(rows)
                bare = self._feeder.bare(rows, judged, number)
                with self._lock:
                    self._waiting.append(_Waiting(rows, number, len(judged)))
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

    def _for_the_engine(self, rows: Rows) -> Offsets:
        """The rows of which the engine may have something to say."""
        judged = rows.status == Status.JUDGED
        if not self._engine.only_in_genes:
            return np.flatnonzero(judged)
        lasts = rows.positions + rows.table.column(REF).lengths - 1 + _MARGIN_BASES
        in_bundle = np.array(self._contigs.in_bundle)[rows.contigs]
        free = rows.is_normal.copy()  # what is not may be moved into a gene
        for number in distinct(in_bundle[judged]):
            here = np.flatnonzero(in_bundle == number)
            free[here] &= self._demand.bundle.is_between_genes(
                number, rows.positions[here] - _MARGIN_BASES, lasts[here]
            )
        return np.flatnonzero(judged & ~free)

    def _records(self, part: Part) -> Iterator[Table]:
        left, skip = part.records, part.skip
        for block in self._source.blocks(part.place, part.line):
            text = block.text
            if skip:
                text, skip = _without(text, skip)
            table = Table(text, self._columns)
            if table.blank_lines:
                text = re.sub(rb"\n+", b"\n", text).lstrip(b"\n")
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
        if not self._demand.is_normal:
            self._hear_moves(table, blocks, of, numbers - firsts[of])

    def _hear_moves(self, table: Table, blocks: list[_Waiting], of: Offsets, rows: Offsets) -> None:
        """Take down where variants are that were not trimmed and left-aligned."""
        is_normal = np.ones(len(of), dtype=np.bool_)
        for index in distinct(of):
            here = of == index
            is_normal[here] = blocks[index].rows.is_normal[rows[here]]
        moved = np.flatnonzero(~is_normal)
        positions, _ = table.numbers(table.column(POS)[moved], ID_DIGITS)
        for index, row, position, ref, alts in zip(
            of[moved].tolist(),
            rows[moved].tolist(),
            positions.tolist(),
            table.column(REF)[moved].texts(table.text),
            table.column(ALT)[moved].texts(table.text),
            strict=True,
        ):
            blocks[index].moved[row] = position, ref, alts.split(b",")

    def _give(self, results: Results, summary: Summary) -> None:
        while self._waiting and not self._waiting[0].left:
            with self._lock:
                block = self._waiting.popleft()
                self._bytes_waiting -= len(block.rows.table.text)
            summary.count(block.rows)
            known = self._known.said_of(block.rows, block.moved)
            results.write(block.rows, block.said, known, summary)


def _without(text: bytes, lines: int) -> tuple[bytes, int]:
    """The text without its first lines; and how many of them are still to be left off."""
    here = count_lines(text)
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
