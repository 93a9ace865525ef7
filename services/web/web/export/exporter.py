"""Starts exports: checks what may be asked, then streams, with bounds on time and number."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from web.export import refusals
from web.export.about import About
from web.export.bgzf import bgzipped
from web.export.copying import copied
from web.export.database import metadata_of, open_database
from web.export.deadline import Deadline, limited
from web.export.formats import Format
from web.export.header import headed, header
from web.export.records import chosen_records, vcf_of
from web.export.selection import Selection, columns_of, count_of
from web.export.slots import Slots
from web.export.spreadsheet import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, write_workbook
from web.export.statements import statement
from web.export.stream import Stream

_CHUNK_BYTES = 256 << 10


@dataclass(frozen=True, slots=True)
class Limits:
    """``memory`` of one export as DuckDB writes it; ``seconds`` until its last byte is sent.

    ``sheet_seconds`` is the time for a spreadsheet, of which nothing is sent before it is whole.
    """

    memory: str = "400MB"
    seconds: float = 1800.0
    sheet_seconds: float = 50.0
    at_once: int = 3
    of_one: int = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """``shown`` has the columns and the order, ``records`` the column ``record`` alone."""

    shown: Selection
    records: Selection
    about: About


@dataclass(frozen=True, slots=True)
class Order:
    """What to export from the Parquet file at ``path``.

    ``ask`` makes the queries on the connection that will run them. ``vcf`` opens the annotated VCF
    (bgzip) from its beginning, and is called for a VCF only.
    """

    path: Path
    format: Format
    ask: Callable[[duckdb.DuckDBPyConnection], Asked]
    vcf: Callable[[], Iterable[bytes]]
    quote_formulas: bool


class Exporter:
    """Exports into streams. ``folder`` is for pipes and spilled rows; nothing stays in it."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder, self._limits = folder, limits
        self._slots = Slots(limits.at_once, limits.of_one)

    def start(self, order: Order, owner: str, held: contextlib.ExitStack) -> Stream:
        """The file as a stream, which closes ``held`` at its end.

        ``owner`` is who may not have too many. Raises Problem: 400 for what Excel cannot hold,
        503 if too many run or it takes too long, 500 for a file that cannot be read.
        """
        with contextlib.ExitStack() as resources, refusals.as_problems():
            resources.push(held.pop_all())
            self._slots.take(owner)
            resources.callback(self._slots.give_back, owner)
            self._folder.mkdir(parents=True, exist_ok=True)
            home = Path(
                resources.enter_context(tempfile.TemporaryDirectory("", "of-", self._folder))
            )
            folders = [order.path.parent, home]
            connection = open_database(folders, home / "spill", self._limits.memory)
            resources.callback(connection.close)
            with limited(connection, self._limits.sheet_seconds):
                asked = order.ask(connection)
            stream = Stream(self._chunks(connection, order, asked, home))
            stream.keep(resources.pop_all())
            return stream

    def _chunks(
        self, connection: duckdb.DuckDBPyConnection, order: Order, asked: Asked, home: Path
    ) -> Generator[bytes, None, None]:
        if order.format.is_vcf:
            return self._vcf(connection, order, asked)
        if order.format is Format.XLSX:
            return self._workbook(connection, asked, home)
        columns = columns_of(connection, asked.shown)
        of_file = metadata_of(connection, order.path) if order.format is Format.PARQUET else {}
        text, values = statement(
            asked.shown,
            columns,
            order.format,
            metadata={**of_file, **asked.about.metadata()},
            quote_formulas=order.quote_formulas,
        )
        chunks = copied(connection, text, values, home, self._limits.seconds)
        if order.format not in (Format.TSV, Format.CSV):
            return chunks
        names = asked.about.samples
        line = header(columns, names, order.format, quote_formulas=order.quote_formulas)
        return headed(line, chunks)

    def _vcf(
        self, connection: duckdb.DuckDBPyConnection, order: Order, asked: Asked
    ) -> Generator[bytes, None, None]:
        records = chosen_records(connection, asked.records)
        chunks = vcf_of(order.vcf(), records, asked.about.header)
        with limited(connection, self._limits.seconds) as deadline:
            for chunk in bgzipped(chunks) if order.format is Format.VCF_BGZIP else chunks:
                deadline.check()
                yield chunk

    def _workbook(
        self, connection: duckdb.DuckDBPyConnection, asked: Asked, home: Path
    ) -> Generator[bytes, None, None]:
        path = home / "book.xlsx"
        with limited(connection, self._limits.sheet_seconds) as deadline:
            columns = columns_of(connection, asked.shown)
            _check_size(count_of(connection, asked.shown), len(columns))
            write_workbook(connection, asked.shown, asked.about, path, deadline)
        deadline = Deadline(self._limits.seconds)
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                deadline.check()
                yield chunk


def _check_size(rows: int, columns: int) -> None:
    if rows > MAX_ROWS:
        raise refusals.too_many_rows(rows, MAX_ROWS)
    if rows * columns > MAX_CELLS or columns > MAX_COLUMNS:
        raise refusals.too_many_cells(rows, columns, MAX_CELLS)
