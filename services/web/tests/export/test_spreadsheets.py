"""Nothing runs as a formula, and names of genes stay names."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest

from web.export.about import About
from web.export.copying import copied
from web.export.deadline import Deadline, TooSlow
from web.export.exporter import _check_size
from web.export.formats import Format
from web.export.header import header
from web.export.selection import Column, Kind, Selection, columns_of
from web.export.spreadsheet import MAX_ROWS, write_workbook
from web.export.statements import statement
from web.problems import Problem

HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "http://example.org",
    "https://example.org",
    "mailto:a@b",
    "internal:Sheet1!A1",
]
HARMLESS = ["MARCH1", "SEPT2", "-/A", "-", "-1.5", "+3e4", "1E5", "00012", "NaN", "", "A=B", "é変"]
ABOUT = About("j", "f.vcf", "https://x/?a=b", "a=b", (), "of the file", {}, "b", "e", "s",
              datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip


def selection(texts: list[str]) -> Selection:
    return Selection("SELECT text, [text, NULL] AS texts FROM (SELECT unnest(?) AS text)", [texts])


def workbook(chosen: Selection, folder: Path) -> openpyxl.Workbook:
    path = folder / "my.xlsx"
    write_workbook(duckdb.connect(), chosen, ABOUT, path, Deadline(60))
    return openpyxl.load_workbook(path)


def test_every_text_of_a_workbook_is_a_text_without_a_link(tmp_path: Path) -> None:
    texts = HOSTILE + [text for text in HARMLESS if text]
    sheet = workbook(selection(texts), tmp_path)["Variants"]
    for text, (cell, joined) in zip(texts, sheet.iter_rows(min_row=2), strict=True):
        assert cell.value.replace("_x000D_", "\r") == text
        assert cell.data_type == "s"
        assert joined.data_type == "s"
        assert cell.hyperlink is None


def test_numbers_stay_numbers_where_a_spreadsheet_can_hold_them(tmp_path: Path) -> None:
    query = "SELECT 1 AS a, 25e-2 AS b, 9007199254740993 AS c, 'nan'::DOUBLE AS d, true AS e, null"
    sheet = workbook(Selection(query), tmp_path)["Variants"]
    values = next(sheet.iter_rows(min_row=2, values_only=True))
    assert values == (1, 0.25, "9007199254740993", "nan", True, None)


def test_a_text_longer_than_a_cell_is_cut_and_the_workbook_says_so(tmp_path: Path) -> None:
    book = workbook(Selection("SELECT repeat('A', 40000) AS alt"), tmp_path)
    assert len(book["Variants"]["A2"].value) == 32_767
    about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True)}
    assert about["Cut texts"].startswith("1: ")


def written(format_: Format, chosen: Selection, folder: Path, *, quoted: bool) -> list[list[str]]:
    connection = duckdb.connect()
    columns = columns_of(connection, chosen)
    text, values = statement(chosen, columns, format_, metadata={}, quote_formulas=quoted)
    content = b"".join(copied(connection, text, values, folder, 60)).decode()
    delimiter = "," if format_ is Format.CSV else "\t"
    return list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))


@pytest.mark.parametrize("format_", [Format.CSV, Format.TSV])
def test_formulas_get_an_apostrophe_and_all_else_is_as_it_was(
    tmp_path: Path, format_: Format
) -> None:
    rows = written(format_, selection(HOSTILE + HARMLESS), tmp_path, quoted=True)
    found = [row[0] for row in rows]
    dangerous = [text for text in HOSTILE if text[0] in "=+-@\t\r＝"]
    assert len(dangerous) == 8
    assert found == [f"'{text}" if text in dangerous else text for text in HOSTILE + HARMLESS]
    for text, joined in rows:
        assert joined == text.replace(",", "%2C") + ","


@pytest.mark.parametrize("format_", [Format.CSV, Format.TSV])
def test_without_the_apostrophe_every_text_comes_back(tmp_path: Path, format_: Format) -> None:
    rows = written(format_, selection(HOSTILE + HARMLESS), tmp_path, quoted=False)
    assert [row[0] for row in rows] == HOSTILE + HARMLESS


def test_columns_of_genotypes_have_the_name_of_their_sample() -> None:
    columns = [Column(name, Kind.TEXT) for name in ("s1_gt", "s2_ad_ref", "s3_gt", "symbol")]
    samples = {"s1": "{pipe}, the child", "s2": "=1+1"}
    line = header(columns, samples, Format.CSV, quote_formulas=True).decode()
    assert line == '"{pipe}, the child.gt",\'=1+1.ad_ref,s3_gt,symbol\n'
    plain = header(columns, samples, Format.TSV, quote_formulas=False).decode()
    assert plain == "{pipe}, the child.gt\t=1+1.ad_ref\ts3_gt\tsymbol\n"


def test_more_than_a_sheet_holds_is_refused_with_what_to_choose() -> None:
    with pytest.raises(Problem) as refused:
        _check_size(MAX_ROWS + 1, 3)
    assert refused.value.status == 400
    assert "csv" in refused.value.detail
    with pytest.raises(Problem, match="fewer columns"):
        _check_size(1_000_000, 20)
    _check_size(MAX_ROWS, 5)


def test_a_workbook_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(TooSlow):
        write_workbook(
            duckdb.connect(), Selection("SELECT 1 AS a"), ABOUT, tmp_path / "a.xlsx", Deadline(0)
        )
