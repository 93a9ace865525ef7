"""Annotates a part of a file: feeds the engine, and puts what it says beside the user's records."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from annotator.engines.port import Demand, Engine
from annotator.known.lookup import KnownVariants
from annotator.output.results import Results
from annotator.processes.pipes import EngineFailed, Pipeline
from annotator.report.summary import Summary
from annotator.runner.blocks import Block, Part, PartReader, Tick
from annotator.runner.feeding import ID_DIGITS, Feeder, engine_header
from annotator.validate.records import ALT, ID, INFO, POS, REF, Contigs
from annotator.vcf.columns import Offsets, Table, distinct
from annotator.vcf.reading import BLOCK_BYTES, Input

MOST_WAITING_BYTES = 1 << 29
"""Of records that the engine has not given back."""
MUCH_WAITING_BYTES = 1 << 24


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
        tick: Tick,
    ) -> None:
        self._engine = engine
        self._demand = demand
        self._reader = PartReader(source, engine, demand.bundle, columns=columns, contigs=contigs)
        self._known = KnownVariants(demand.bundle, contigs)
        self._feeder = Feeder(
            demand.bundle, contigs, with_samples=bool(demand.samples), with_lone=demand.has_lone
        )
        self._tick = tick
        self._waiting: deque[Block] = deque()
        self._bytes_waiting = 0
        self._lock = threading.Lock()
        self._failure: BaseException | None = None

    def run(self, part: Part, folder: Path, results: Results, summary: Summary) -> None:
        """Write the part to ``results`` and count it; the engine's programs run in ``folder``.

        Raises EngineFailed, Rejected.
        """
        blocks = self._reader.blocks(part, self._tick)
        for block in blocks:
            if len(block.needed):
                self._with_engine(chain([block], blocks), folder, results, summary)
            else:
                self._write(block, results, summary)
        results.tell(summary)

    def _with_engine(
        self, blocks: Iterator[Block], folder: Path, results: Results, summary: Summary
    ) -> None:
        """Write blocks with what the engine says of them, until it has nothing more to say."""
        commands = self._engine.commands(self._demand)
        with Pipeline(commands, folder, self._demand.genes) as pipeline:
            feeder = threading.Thread(target=self._feed, args=(blocks, pipeline), daemon=True)
            feeder.start()
            for table in _tables(pipeline):
                self._hear(table)
                self._give(results, summary)
            feeder.join()
            if self._failure and not isinstance(self._failure, BrokenPipeError):
                raise self._failure
            pipeline.check()
            self._give(results, summary)
            if self._waiting:
                raise pipeline.failed("the engine gave fewer records than it was given")

    def _feed(self, blocks: Iterator[Block], pipeline: Pipeline) -> None:
        try:
            pipeline.stdin.write(engine_header(self._demand.bundle, self._demand.samples))
            for block in blocks:
                is_much = self._bytes_waiting > MUCH_WAITING_BYTES
                is_too_much = self._bytes_waiting > MOST_WAITING_BYTES // 2
                # What it need not see pushes out what is in its buffers.
                given = block.judged if is_much and not is_too_much else block.needed
                bare = self._feeder.bare(block, given)
                block.left = len(given)
                with self._lock:
                    self._waiting.append(block)
                    self._bytes_waiting += block.size
                if is_much and block.is_free and not bare:
                    return  # only its end makes it give what it has
                if self._bytes_waiting > MOST_WAITING_BYTES:
                    raise EngineFailed("the engine holds more records than fit into memory")
                pipeline.stdin.write(bare)
        except BaseException as error:
            self._failure = error
        finally:
            with contextlib.suppress(BrokenPipeError):
                pipeline.stdin.close()

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

    def _hear_moves(self, table: Table, blocks: list[Block], of: Offsets, rows: Offsets) -> None:
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
                self._bytes_waiting -= block.size
            self._write(block, results, summary)

    def _write(self, block: Block, results: Results, summary: Summary) -> None:
        summary.count(block.rows)
        known = self._known.said_of(block.rows, block.moved)
        results.write(block.rows, block.said, known, summary)


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
