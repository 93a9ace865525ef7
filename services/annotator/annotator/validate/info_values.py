"""Whether INFO is written as the rules ask, and its values are what the header says of them."""

from __future__ import annotations

import numpy as np

from annotator.diagnostics import Diagnostics
from annotator.rules import values as rules
from annotator.rules.rule import Rule
from annotator.validate.entries import Commas, Entries, LineOf, places_of, split
from annotator.validate.reserved_info import checks_of
from annotator.validate.rows import Rows
from annotator.vcf.columns import INFO, Flags, Offsets, Spans, marks
from annotator.vcf.header import Header
from annotator.vcf.identifiers import is_key
from annotator.vcf.reserved import Field, assumed, reserved
from annotator.vcf.words import shown

_MOST_KEYS = 400
_EQUALS = marks(b"=")


class InfoValues:
    """Checks INFO of a file's records; ``undefined`` are keys that the header lacks."""

    def __init__(self, header: Header, diagnostics: Diagnostics) -> None:
        self._header = header
        self.diagnostics = diagnostics
        self.undefined: set[bytes] = set()

    def check(self, rows: Rows, commas: Commas, line_of: LineOf) -> None:
        """Check a block."""
        table = rows.table
        column = table.column(INFO)
        missing = (column.lengths == 1) & (table.first(column) == ord("."))
        filled = np.flatnonzero(~missing)
        semicolons = places_of(table, b";")
        left, piece, _ = split(column[filled], semicolons)
        of = filled[piece]
        entries = _Block(self, rows, commas, line_of)
        for _ in range(_MOST_KEYS):
            if not len(left):
                break
            key = table.text[left.starts[0] : left.ends[0]].partition(b"=")[0]
            has_value = table.begins(left, key + b"=")
            same = has_value | table.equals(left, key)
            here, others = np.flatnonzero(same), np.flatnonzero(~same)
            entries.check(key, left[here], has_value[here], of[here])
            left, of = left[others], of[others]
        for at, entry in enumerate(left.texts(table.text)):  # no two of them may be alike
            key, equals, _ = entry.partition(b"=")
            one = slice(at, at + 1)
            entries.check(key, left[one], np.array([bool(equals)]), of[one])
        self._equals(entries, column)

    def _equals(self, entries: _Block, column: Spans) -> None:
        """Values with an equals sign; the whole block is counted first, as nearly none has one."""
        table = entries.rows.table
        if np.count_nonzero(table.bytes == ord("=")) == entries.with_value:
            return
        pieces, of, _ = split(column, places_of(table, b";"))
        wrong = of[table.count(_EQUALS, pieces) > 1]
        lines = [entries.line_of(row) for row in np.unique(wrong).tolist()]
        self.diagnostics.breaches(
            rules.INFO_EQUALS, lines, "INFO: a value has an equals sign in it"
        )

    def field(self, key: bytes, line: int) -> Field | None:
        """The definition of a key, by the header or else by the specification; None if none is."""
        field = self._header.info.get(key)
        if field is None:
            if key not in self.undefined:
                self.undefined.add(key)
                text = f"INFO: {shown(key)} is not defined in the header"
                self.diagnostics.breach_once(rules.INFO_DEFINED, line, text)
            if reserved(b"INFO", key, self.minor_version):
                field = assumed(b"INFO", key, self.minor_version)
        return field

    @property
    def minor_version(self) -> int:
        """That of the file."""
        return self._header.minor_version

    def tell(self, rule: Rule, lines: list[int], about: str) -> None:
        """Note that those lines break a rule."""
        if rule.holds(self.minor_version):
            self.diagnostics.breaches(rule, lines, about)


class _Block:
    """The entries of a block, checked key by key; ``with_value`` counts those with a value."""

    def __init__(self, checks: InfoValues, rows: Rows, commas: Commas, line_of: LineOf) -> None:
        self._checks = checks
        self.rows, self._commas, self.line_of = rows, commas, line_of
        self.with_value = 0

    def check(self, key: bytes, pieces: Spans, has_value: Flags, of: Offsets) -> None:
        """Check the entries of one key."""
        checks, name = self._checks, f"INFO: {shown(key)}"
        self.with_value += int(np.count_nonzero(has_value))
        if not key:
            checks.tell(rules.INFO_SYNTAX, self._lines(of), "INFO has an empty entry")
            return
        if not is_key(key, b"INFO"):
            checks.tell(rules.INFO_KEY, self._lines(of), f"{name} cannot be a key")
        if (of[1:] == of[:-1]).any():
            twice = self._lines(of[1:][of[1:] == of[:-1]])
            checks.tell(rules.INFO_TWICE, twice, f"INFO has {shown(key)} twice")
        field = checks.field(key, self.line_of(int(of[0])))
        if field is None:
            return
        if field.type == b"Flag":
            self._flag(key, pieces[has_value], of[has_value])
            return
        if not has_value.all():
            checks.tell(rules.INFO_FLAG, self._lines(of[~has_value]), f"{name} has no value")
            pieces, of = pieces[has_value], of[has_value]
        values = Spans(pieces.starts + len(key) + 1, pieces.ends)
        self._values(name, key, field, Entries(values, of, self.rows, self._commas))

    def _flag(self, key: bytes, pieces: Spans, of: Offsets) -> None:
        """Check the values of a Flag: 0 and 1 stand in valid examples of the specification."""
        wrong = np.ones(len(pieces), dtype=np.bool_)
        for value in (b"=0", b"=1"):
            wrong &= ~self.rows.table.equals(pieces, key + value)
        text = f"INFO: {shown(key)} is a Flag and has a value"
        self._checks.tell(rules.INFO_FLAG, self._lines(of[wrong]), text)

    def _lines(self, rows: Offsets) -> list[int]:
        return [self.line_of(row) for row in rows.tolist()]

    def _values(self, name: str, key: bytes, field: Field, entries: Entries) -> None:
        checks, type = self._checks, field.type.decode()
        empty = entries.spans.lengths == 0
        if empty.any():
            checks.tell(rules.INFO_FLAG, self._lines(entries.of[empty]), f"{name} has no value")
            entries = entries[~empty]
        if wrong := entries.wrong(field, checks.minor_version):
            checks.diagnostics.breaches(
                rules.INFO_TYPE,
                self._lines(entries.of[wrong]),
                f"{name} is not what its Type, {type}, means: kept as it is",
                lambda n: (
                    f"{name} is {shown(entries.text(wrong[n]))}, but it is of the Type {type}:"
                    " kept as it is"
                ),
            )
        self._numbers(name, field, entries)
        for special in checks_of(key, checks.minor_version):
            if field.type in special.types and not wrong:
                lines = self._lines(entries.of[special.find(entries)])
                checks.tell(special.rule, lines, f"{name} {special.about}")

    def _numbers(self, name: str, field: Field, entries: Entries) -> None:
        wanted = _wanted(field, entries)
        if wanted is None:
            return
        given = entries.given()
        wrong = (given != wanted) & ~entries.missing() & (wanted > 0)
        if field.number == b"G":  # of one copy of the genome, or of two
            wrong &= given != entries.rows.alternates[entries.of] + 1
        if wrong.any():
            text = f"{name} has another number of values than its Number, {field.number.decode()}"
            self._checks.tell(rules.INFO_NUMBER, self._lines(entries.of[wrong]), f"{text}, means")


def _wanted(field: Field, entries: Entries) -> Offsets | None:
    """How many values each should have; None if any number is right."""
    alternates = entries.rows.alternates[entries.of]
    if field.number.isdigit():
        return np.full(len(entries), int(field.number[:9]))
    if field.number in {b"A", b"R"}:
        return alternates + (field.number == b"R")
    if field.number == b"G":
        return (alternates + 1) * (alternates + 2) // 2
    return None
