"""Whether ID, QUAL and FILTER of many records are as they must be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from annotator.diagnostics import Diagnostics, Kind
from annotator.rejection import invalid
from annotator.validate.values import QUALITY
from annotator.vcf.columns import FILTER, ID, INFO, QUAL, Spans, Table, marks
from annotator.vcf.header import Header, shown

_NAMES = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
_NO_DIGIT = marks(b"0123456789.", but=True)
_SPACE = marks(b" ")


class FixedColumns:
    """Checks the fixed columns of a file's records; ``undefined`` filters have no definition."""

    def __init__(self, header: Header, diagnostics: Diagnostics) -> None:
        self._header = header
        self._diagnostics = diagnostics
        self._filters = {b"PASS", b"."}
        self.undefined: set[bytes] = set()

    def check(self, table: Table, line_of: Callable[[int], int]) -> None:
        """Check a block. Raises Rejected."""
        for number, name in enumerate(_NAMES):
            empty = np.flatnonzero(table.column(number).lengths == 0)
            if len(empty):
                raise invalid(
                    f"{name} is empty; write a dot for what is missing.", line_of(int(empty[0]))
                )
        self._spaces(table, line_of)
        self._quality(table, line_of)
        self._filter(table, line_of)

    def _spaces(self, table: Table, line_of: Callable[[int], int]) -> None:
        if b" " not in table.text:
            return
        columns = Spans(table.column(ID).starts, table.column(INFO).ends)
        if self._header.minor_version >= 3:  # INFO may have spaces from VCF 4.3 on
            columns = Spans(table.column(ID).starts, table.column(FILTER).ends)
        spaced = np.flatnonzero(table.count(_SPACE, columns))
        self._diagnostics.add_all(
            Kind.FAULT, [line_of(row) for row in spaced.tolist()], "a column has a space in it"
        )

    def _quality(self, table: Table, line_of: Callable[[int], int]) -> None:
        column = table.column(QUAL)
        for row in np.flatnonzero(table.count(_NO_DIGIT, column)).tolist():
            text = table.text[column.starts[row] : column.ends[row]]
            if not QUALITY.fullmatch(text):
                raise invalid(f"QUAL must be a number or a dot, not {shown(text)}.", line_of(row))
            if text.startswith(b"-"):
                self._diagnostics.add(Kind.FAULT, line_of(row), "QUAL is negative")

    def _filter(self, table: Table, line_of: Callable[[int], int]) -> None:
        column = table.column(FILTER)
        left = np.flatnonzero(~(table.equals(column, b"PASS") | table.equals(column, b".")))
        while len(left):
            row = int(left[0])
            text = table.text[column.starts[row] : column.ends[row]]
            if text not in self._filters:
                self._filters.add(text)
                self._one(text, line_of(row))
            left = left[~table.equals(column[left], text)]

    def _one(self, text: bytes, line: int) -> None:
        names = text.split(b";")
        if len(set(names)) != len(names):
            self._diagnostics.add_once(
                Kind.FAULT, line, f"FILTER {shown(text)} names a filter twice"
            )
        if len(names) > 1 and {b"PASS", b"."} & set(names):
            self._diagnostics.add_once(Kind.FAULT, line, f"FILTER {shown(text)} says PASS and more")
        for name in names:
            if not name or name == b"0":
                self._diagnostics.add_once(
                    Kind.FAULT, line, f"FILTER: {shown(name)} cannot be a filter"
                )
            elif name not in self._header.filters | {b"."}:
                self.undefined.add(name)
                self._header.filters.add(name)
                self._diagnostics.add_once(
                    Kind.FAULT, line, f"FILTER: {shown(name)} is not defined in the header"
                )
