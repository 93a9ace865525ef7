"""An Excel workbook: the variants on one sheet, and on another what the file is.

Texts are written as texts: nothing runs as a formula, and MARCH1 stays a gene.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection
from xlsxwriter import Workbook
from xlsxwriter.format import Format as CellFormat
from xlsxwriter.worksheet import Worksheet

from web.export.about import About
from web.export.deadline import Deadline
from web.export.selection import Column, Selection, columns_of

MAX_ROWS = 1_048_575
"""Rows of a sheet beside its header."""
MAX_COLUMNS = 16_384
MAX_CELLS = 6_000_000
"""Half a minute of work: nothing is sent before the last row, and a balancer waits for 60 s."""

_MAX_CHARACTERS = 32_767  # of a cell
_MAX_WHOLE = 2**53  # beyond it, a spreadsheet's number is not exact
_FETCHED_ROWS = 2_000
_LEAST_WIDTH, _MOST_WIDTH = 8, 40  # in characters
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

Row = tuple[object, ...]


def write_workbook(
    connection: DuckDBPyConnection,
    selection: Selection,
    about: About,
    path: Path,
    deadline: Deadline,
) -> None:
    """Write the workbook at ``path``; its folder also holds the rows until the file is whole.

    Raises duckdb.Error, and TooSlow after the deadline. The rows must be MAX_ROWS at most.
    """
    columns = columns_of(connection, selection)
    options = {**_OPTIONS, "tmpdir": str(path.parent)}
    with Workbook(str(path), options) as workbook:
        bold = workbook.add_format({"bold": True})
        sheet = workbook.add_worksheet("Variants")
        answer = connection.execute(selection.query, selection.values or None)
        _write_header(sheet, columns, bold)
        rows = cut = 0
        while found := answer.fetchmany(_FETCHED_ROWS):
            deadline.check()
            if not rows:
                _set_widths(sheet, columns, found)
            for row in found:
                rows += 1
                cut += _write_row(sheet, rows, row)
        sheet.autofilter(0, 0, rows, len(columns) - 1)
        _write_about(workbook, about, bold, rows, cut)


def _write_header(sheet: Worksheet, columns: Sequence[Column], bold: CellFormat) -> None:
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.name, bold)


def _set_widths(sheet: Worksheet, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """As wide as the header, with its button of the filter, and the first rows need."""
    for place, column in enumerate(columns):
        longest = max((len(_text(row[place])) for row in rows[:200]), default=0)
        width = max(len(column.name) + 3, longest + 1)
        sheet.set_column(place, place, min(max(width, _LEAST_WIDTH), _MOST_WIDTH))


def _write_row(sheet: Worksheet, number: int, row: Row) -> int:
    """Write one row; returns how many of its texts were cut."""
    cut = 0
    for place, value in enumerate(row):
        if value is None:
            continue
        if isinstance(value, bool):
            sheet.write_boolean(number, place, value)
        elif isinstance(value, int | float) and _is_exact(value):
            sheet.write_number(number, place, value)
        else:
            text = _text(value)
            cut += len(text) > _MAX_CHARACTERS
            sheet.write_string(number, place, text[:_MAX_CHARACTERS])
    return cut


def _is_exact(value: float) -> bool:
    return math.isfinite(value) and abs(value) <= _MAX_WHOLE


def _text(value: object) -> str:
    """A value as text; one of a list for each transcript or sample, with commas between."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(_text(item).replace(",", "%2C") for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _write_about(workbook: Workbook, about: About, bold: CellFormat, rows: int, cut: int) -> None:
    sheet = workbook.add_worksheet("About")
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 100)
    for number, (label, text) in enumerate(_about_lines(about, rows, cut)):
        sheet.write_string(number, 0, label, bold)
        sheet.write_string(number, 1, text[:_MAX_CHARACTERS])


def _about_lines(about: About, rows: int, cut: int) -> Iterator[tuple[str, str]]:
    yield "Rows", f"{rows:,}"
    yield from about.lines()
    if cut:
        yield "Cut texts", f"{cut:,}: a cell has {_MAX_CHARACTERS:,} characters at most"
