"""The errors of exports as problems, each with what to do next."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import duckdb
import structlog

from gas.files.bucket import NoSuchFile
from web.export.deadline import TooSlow
from web.export.slots import AllTaken, TooManyOfOne
from web.problems import Problem

logger = structlog.get_logger()
_OTHER = "Choose csv, tsv or parquet, which have no limit, or add a filter."


@contextlib.contextmanager
def as_problems() -> Iterator[None]:
    """Turn errors before the first byte into problems; later ones can only end the answer."""
    try:
        yield
    except TooManyOfOne:
        raise _busy("You have exports running. Wait until one of them ends.") from None
    except AllTaken:
        raise _busy("Many exports are running just now. Try again in a minute.") from None
    except TooSlow:
        raise Problem(503, "export-too-long", "The export took too long", _OTHER) from None
    except NoSuchFile:
        detail = "It may have been archived or deleted just now. Load the job's page again."
        title = "The result is not there"
        raise Problem(409, "result-missing", title, detail) from None
    except duckdb.OutOfMemoryException:
        detail = "Choose fewer columns, or the order of the file instead of another one."
        title = "The export needs too much memory"
        raise Problem(503, "export-too-large", title, detail) from None
    except duckdb.Error as error:
        logger.exception("export failed")
        detail = "Try again. If it fails again, run the job again; the VCF is not affected."
        title = "The table of variants cannot be exported"
        raise Problem(500, "export-failed", title, detail) from error


def too_many_rows(rows: int, most: int) -> Problem:
    """400 for more rows than a spreadsheet has."""
    detail = f"{rows:,} rows; a sheet of Excel has {most:,} and the header. {_OTHER}"
    return _too_large(detail, rows)


def too_many_cells(rows: int, columns: int, most: int) -> Problem:
    """400 for what takes longer to write as a spreadsheet than connections stay open."""
    detail = (
        f"{rows:,} rows of {columns:,} columns; an Excel file may have {most:,} cells."
        f" Choose fewer columns. {_OTHER}"
    )
    return _too_large(detail, rows)


def _too_large(detail: str, rows: int) -> Problem:
    title = "Too much for a spreadsheet"
    return Problem(400, "too-large-for-excel", title, detail, rows=rows)


def _busy(detail: str) -> Problem:
    return Problem(503, "exports-busy", "Too many exports", detail, retry_after=30)
