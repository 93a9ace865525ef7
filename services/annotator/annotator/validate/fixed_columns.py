"""Whether ID, QUAL and FILTER of many records are as they must be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from annotator.diagnostics import Diagnostics
from annotator.rejection import invalid
from annotator.rules import records as rules
from annotator.rules.rule import Rule
from annotator.rules.values import INFO_SPACE
from annotator.validate.entries import is_quality
from annotator.validate.identifiers import Identifiers
from annotator.vcf.columns import FILTER, ID, INFO, QUAL, Table, groups, marks
from annotator.vcf.header import Header
from annotator.vcf.words import shown

_NAMES = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
_NO_DIGIT = marks(b"0123456789.", but=True)
_DOT = marks(b".")
_SPACES = b" \r\x0b\x0c"
_IS_SPACE = marks(_SPACES)


class FixedColumns:
    """Checks the fixed columns of a file's records; ``undefined`` filters have no definition."""

    def __init__(self, header: Header, diagnostics: Diagnostics) -> None:
        self._header = header
        self._diagnostics = diagnostics
        self._filters = {b"PASS", b"."}
        self.undefined: set[bytes] = set()
        self.identifiers = Identifiers(diagnostics)

    def check(self, table: Table, line_of: Callable[[int], int]) -> None:
        """Check a block. Raises Rejected."""
        for number, name in enumerate(_NAMES):
            empty = np.flatnonzero(table.column(number).lengths == 0)
            if len(empty):
                raise invalid(
                    f"{name} is empty; write a dot for what is missing.",
                    line_of(int(empty[0])),
                    rules.EMPTY_COLUMN,
                )
        self._spaces(table, line_of)
        self._quality(table, line_of)
        self._filter(table, line_of)
        self.identifiers.check(table, line_of)

    def _spaces(self, table: Table, line_of: Callable[[int], int]) -> None:
        if not any(space in table.text for space in _SPACES):
            return
        columns: list[tuple[int, Rule]] = [(ID, rules.ID_SYNTAX), (FILTER, rules.FILTER_SYNTAX)]
        if INFO_SPACE.holds(self._header.minor_version):
            columns.append((INFO, INFO_SPACE))
        for number, rule in columns:
            spaced = np.flatnonzero(table.count(_IS_SPACE, table.column(number)))
            lines = [line_of(row) for row in spaced.tolist()]
            self._diagnostics.breaches(rule, lines, f"{_NAMES[number]} has a space in it")

    def _quality(self, table: Table, line_of: Callable[[int], int]) -> None:
        column = table.column(QUAL)
        dots = table.count(_DOT, column)
        odd = (table.count(_NO_DIGIT, column) > 0) | (dots > 1)
        odd |= (dots > 0) & (table.bytes.take(column.ends - 1) == ord(".")) & (column.lengths > 1)
        for row in np.flatnonzero(odd).tolist():
            text = table.text[column.starts[row] : column.ends[row]]
            if not is_quality(text, self._header.minor_version):
                words = f"QUAL must be a number or a dot, not {shown(text)}: kept as it is"
                self._diagnostics.breach(
                    rules.QUAL_NUMBER, line_of(row), words, "QUAL is no number"
                )
            elif text.startswith(b"-"):
                self._diagnostics.breach(rules.QUAL_NUMBER, line_of(row), "QUAL is negative")

    def _filter(self, table: Table, line_of: Callable[[int], int]) -> None:
        column = table.column(FILTER)
        rows = np.flatnonzero(~(table.equals(column, b"PASS") | table.equals(column, b".")))
        for text, chosen in groups(table, column[rows]):
            if text not in self._filters:
                self._filters.add(text)
                self._one(text, line_of(int(rows[chosen[0]])))

    def _one(self, text: bytes, line: int) -> None:
        names = text.split(b";")
        tell = self._diagnostics.breach_once
        if len(set(names)) != len(names):
            tell(rules.FILTER_SYNTAX, line, f"FILTER {shown(text)} names a filter twice")
        if len(names) > 1 and {b"PASS", b"."} & set(names):
            tell(rules.FILTER_SYNTAX, line, f"FILTER {shown(text)} says PASS and more")
        for name in names:
            if not name or name == b"0":
                tell(rules.FILTER_SYNTAX, line, f"FILTER: {shown(name)} cannot be a filter")
            elif name not in self._header.filters and name != b".":
                self.undefined.add(name)
                self._header.filters.add(name)
                words = f"FILTER: {shown(name)} is not defined in the header"
                tell(rules.FILTER_DEFINED, line, words)
