"""Whether the values of INFO and of the samples are what the rules and the header say of them."""

from __future__ import annotations

import numpy as np

from annotator.diagnostics import Diagnostics
from annotator.rules import records as record_rules
from annotator.validate import symbolic_info
from annotator.validate.entries import Commas, LineOf
from annotator.validate.info_values import InfoValues
from annotator.validate.rows import Rows
from annotator.validate.sample_values import SampleValues
from annotator.vcf.columns import FILTER, FORMAT, Flags, Offsets, Table, marks
from annotator.vcf.header import Header
from annotator.vcf.strings import is_utf8

_CONTROLS = bytes({*range(32)} - {0, ord("\t"), ord("\n")})
_IS_CONTROL = marks(_CONTROLS)
_BEYOND_ASCII = 0x80
_UPPER_HEX = marks(b"0123456789ABCDEF")


class Values:
    """Checks the values of a file's records; ``undefined`` are keys that the header lacks."""

    def __init__(self, header: Header, diagnostics: Diagnostics) -> None:
        self._header = header
        self._diagnostics = diagnostics
        self._info = InfoValues(header, diagnostics)
        self._samples = SampleValues(header, diagnostics)

    @property
    def undefined(self) -> set[tuple[str, bytes]]:
        """Each with its column, INFO or FORMAT."""
        info = {("INFO", key) for key in self._info.undefined}
        return info | {("FORMAT", key) for key in self._samples.undefined}

    def check(self, rows: Rows, line_of: LineOf) -> None:
        """Check INFO, FORMAT and samples of a block. Raises Rejected."""
        commas = Commas(rows.table)
        self._info.check(rows, commas, line_of)
        if rows.table.width > FORMAT + 1:
            self._samples.check(rows, commas, line_of)
        for row, rule, text in symbolic_info.contradictions(rows):
            self._diagnostics.breach(rule, line_of(row), text)
        version = self._header.minor_version
        if version >= symbolic_info.FROM_MINOR_VERSION:
            for row, rule, text in symbolic_info.faults(rows, version):
                self._diagnostics.breach(rule, line_of(row), text)
        if record_rules.CONTROL.holds(self._header.minor_version):
            self._controls(rows.table, line_of)
        if record_rules.UTF8.holds(self._header.minor_version):
            lines = [line_of(row) for row in _not_utf8(rows.table)]
            self._diagnostics.breaches(record_rules.UTF8, lines, "the record is not UTF-8")
        if record_rules.PERCENT.holds(self._header.minor_version) and b"%" in rows.table.text:
            lines = [line_of(row) for row in np.unique(_bad_percents(rows.table)).tolist()]
            text = "a percent sign begins no code as %3B"
            self._diagnostics.breaches(record_rules.PERCENT, lines, text)

    def _controls(self, table: Table, line_of: LineOf) -> None:
        if len(table.text.translate(None, _CONTROLS)) == len(table.text):
            return
        places = np.flatnonzero(_IS_CONTROL.take(table.bytes[: len(table.text)]))
        rows = np.unique(np.searchsorted(table.ends, places)).tolist()
        text = "there is a control character in the record"
        self._diagnostics.breaches(record_rules.CONTROL, [line_of(row) for row in rows], text)


def _not_utf8(table: Table) -> list[int]:
    """The rows that are not UTF-8; only those with bytes beyond ASCII are looked at."""
    if is_utf8(table.text):
        return []
    high = np.flatnonzero(table.bytes[: len(table.text)] >= _BEYOND_ASCII)
    rows = np.unique(np.searchsorted(table.ends, high)).tolist()
    return [row for row in rows if not is_utf8(table.text[table.starts[row] : table.ends[row]])]


def _bad_percents(table: Table) -> Offsets:
    """The rows of percent signs in INFO or samples that two hexadecimal digits do not follow."""
    places = np.flatnonzero(table.bytes[: len(table.text)] == ord("%"))
    first, second = (_UPPER_HEX.take(table.bytes.take(places + at)) for at in (1, 2))
    bad: Flags = (first & second) == 0
    rows = np.searchsorted(table.ends, places[bad])
    filters = table.column(FILTER).ends
    found: Offsets = rows[places[bad] > filters[rows]]
    return found
