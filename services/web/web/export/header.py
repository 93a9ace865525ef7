"""The first line of TSV and CSV: names of columns, those of genotypes with their sample's name."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Generator, Mapping, Sequence

from web.export.formats import Format
from web.export.selection import Column
from web.export.statements import FORMULA

_DELIMITERS = {Format.TSV: "\t", Format.CSV: ","}


def header(
    columns: Sequence[Column],
    samples: Mapping[str, str],
    format_: Format,
    *,
    quote_formulas: bool,
) -> bytes:
    """The line. ``samples`` has the names of ``s1``, ``s2``: ``s1_gt`` is called ``NA12878.gt``.

    With ``quote_formulas`` a name that a spreadsheet would compute begins with an apostrophe.
    """
    names = [_named(column.name, samples) for column in columns]
    if quote_formulas:
        names = [f"'{name}" if re.match(FORMULA, name) else name for name in names]
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=_DELIMITERS[format_], lineterminator="\n").writerow(names)
    return line.getvalue().encode()


def headed(line: bytes, chunks: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    """The line before the chunks, and not before the first of these could be made."""
    with contextlib.closing(chunks):
        yield line + next(chunks, b"")
        yield from chunks


def _named(name: str, samples: Mapping[str, str]) -> str:
    short, _, part = name.partition("_")
    return f"{samples[short]}.{part}" if part and short in samples else name
