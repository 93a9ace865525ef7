"""Whether the values of INFO and of the samples are what the header says of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from annotator.diagnostics import Diagnostics, Kind
from annotator.rejection import Rejected, invalid
from annotator.validate.genotypes import genotypes_beyond
from annotator.validate.rows import Rows
from annotator.vcf.columns import FORMAT, INFO, Bytes, Flags, Offsets, Spans, Table, marks
from annotator.vcf.header import Field, Header, shown

LineOf = Callable[[int], int]

_INTEGER = re.compile(rb"(?:\.|[+-]?[0-9]+)(?:,(?:\.|[+-]?[0-9]+))*")
_REAL = (
    rb"(?:\.|[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    rb"|[+-]?(?:[iI][nN][fF](?:inity|INITY)?|[nN][aA][nN]))"
)
_FLOAT = re.compile(_REAL + rb"(?:," + _REAL + rb")*")
QUALITY = re.compile(_REAL)
_GENOTYPE = re.compile(rb"[/|]?(?:\.|[0-9]+)(?:[/|](?:\.|[0-9]+))*")
_NOT_INTEGER = marks(b"0123456789,", but=True)
_NOT_FLOAT = marks(b"0123456789,.", but=True)
_NOT_GENOTYPE = marks(b"0123456789./|", but=True)
_COMMA = marks(b",")
_KEY = re.compile(rb"[A-Za-z_][0-9A-Za-z_.]*|1000G")
_MOST_KEYS = 400
_FEW = 100
_EMPTY_VALUES = 5
"""The minor version from which on a sample's value may be of no length."""


class Values:
    """Checks the values of a file's records; ``undefined`` are keys that the header lacks."""

    def __init__(self, header: Header, diagnostics: Diagnostics) -> None:
        self._header = header
        self._diagnostics = diagnostics
        self._formats: dict[bytes, list[bytes]] = {}
        self.undefined: set[tuple[str, bytes]] = set()

    def check(self, rows: Rows, line_of: LineOf) -> None:
        """Check INFO, FORMAT and samples of a block. Raises Rejected."""
        self._info(rows, line_of)
        if rows.table.width > FORMAT + 1:
            self._samples(rows, line_of)

    def _info(self, rows: Rows, line_of: LineOf) -> None:
        table = rows.table
        column = table.column(INFO)
        missing = (column.lengths == 1) & (table.first(column) == ord("."))
        filled = np.flatnonzero(~missing)
        left, of, _ = _split(table, column[filled], filled, b";")
        for _ in range(_MOST_KEYS):
            if not len(left):
                return
            key = table.text[left.starts[0] : left.ends[0]].partition(b"=")[0]
            has_value = table.begins(left, key + b"=")
            same = has_value | table.equals(left, key)
            here, others = np.flatnonzero(same), np.flatnonzero(~same)
            entries = _entries_of(rows, key, left[here], has_value[here], of[here])
            self._entries(key, entries, line_of)
            left, of = left[others], of[others]
        for at, entry in enumerate(left.texts(table.text)):  # no two of them may be alike
            key, equals, _ = entry.partition(b"=")
            one = slice(at, at + 1)
            entries = _entries_of(rows, key, left[one], np.array([bool(equals)]), of[one])
            self._entries(key, entries, line_of)

    def _entries(self, key: bytes, entries: _Entries, line_of: LineOf) -> None:
        def fault(index: int, text: str) -> None:
            self._diagnostics.add(Kind.FAULT, line_of(int(entries.of[index])), text)

        if not key:
            fault(0, "INFO has an empty entry")
            return
        if not _KEY.fullmatch(key):
            fault(0, f"INFO: {shown(key)} cannot be a key")
        for index in np.flatnonzero(entries.of[1:] == entries.of[:-1])[:_FEW].tolist():
            fault(index + 1, f"INFO has {shown(key)} twice")
        field = self._header.info.get(key)
        if field is None:
            if ("INFO", key) not in self.undefined:
                self.undefined.add(("INFO", key))
                line = line_of(int(entries.of[0]))
                self._diagnostics.add_once(
                    Kind.FAULT, line, f"INFO: {shown(key)} is not defined in the header"
                )
            return
        if field.type == b"Flag":
            for index in np.flatnonzero(entries.has_value)[:_FEW].tolist():
                fault(index, f"INFO: {shown(key)} is a Flag and has a value")
            return
        for index in np.flatnonzero(~entries.has_value)[:_FEW].tolist():
            fault(index, f"INFO: {shown(key)} has no value")
        filled = entries if entries.has_value.all() else entries[entries.has_value]
        wrong = filled.wrong(field)
        if wrong is not None:
            raise _wrong_type(
                "INFO", key, field, filled.text(wrong), line_of(int(filled.of[wrong]))
            )
        for index, given, wanted in filled.wrong_number(field):
            self._diagnostics.add(
                Kind.FAULT,
                line_of(int(filled.of[index])),
                f"INFO: {shown(key)} has {given} values where its Number,"
                f" {field.number.decode()}, means {wanted}",
                f"INFO: {shown(key)} has another number of values than its Number means",
            )

    def _samples(self, rows: Rows, line_of: LineOf) -> None:
        table = rows.table
        column = table.column(FORMAT)
        left = np.arange(table.rows)
        while len(left):
            at = int(left[0])
            text = table.text[column.starts[at] : column.ends[at]]
            same = table.equals(column[left], text)
            chosen, left = left[same], left[~same]
            keys = self._formats.get(text)
            if keys is None:
                keys = self._formats[text] = self._format(text, line_of(at))
            self._values(rows, keys, chosen, line_of)

    def _format(self, text: bytes, line: int) -> list[bytes]:
        keys = text.split(b":")
        if text == b".":
            return keys
        if b"GT" in keys[1:]:
            self._diagnostics.add_once(Kind.FAULT, line, "FORMAT: GT must be the first key")
        if len(set(keys)) != len(keys):
            self._diagnostics.add_once(Kind.FAULT, line, f"FORMAT {shown(text)} has a key twice")
        for key in keys:
            if not _KEY.fullmatch(key):
                self._diagnostics.add_once(
                    Kind.FAULT, line, f"FORMAT: {shown(key)} cannot be a key"
                )
            elif key not in self._header.format and ("FORMAT", key) not in self.undefined:
                self.undefined.add(("FORMAT", key))
                self._diagnostics.add_once(
                    Kind.FAULT, line, f"FORMAT: {shown(key)} is not defined in the header"
                )
        return keys

    def _values(self, rows: Rows, keys: list[bytes], chosen: Offsets, line_of: LineOf) -> None:
        table = rows.table
        samples = Spans(
            table.tabs[chosen, FORMAT:].ravel() + 1,
            np.column_stack([table.tabs[chosen, FORMAT + 1 :], table.ends[chosen]]).ravel(),
        )
        row_of = np.repeat(chosen, table.width - FORMAT - 1)
        values, of, number = _split(table, samples, row_of, b":")
        many = np.flatnonzero(number >= len(keys))
        if len(many) and keys != [b"."]:
            self._diagnostics.add_all(
                Kind.FAULT,
                sorted({line_of(int(row)) for row in of[many[:_FEW]]}),
                "a sample has more values than FORMAT has keys",
            )
        for place, key in enumerate(keys):
            here = np.flatnonzero(number == place)
            entries = _Entries(table, values[here], np.ones(len(here), np.bool_), of[here], rows)
            if place == 0 and key == b"GT":
                self._genotypes(rows, entries, line_of)
                continue
            entries = self._filled(entries, line_of)
            if (field := self._header.format.get(key)) is not None:
                wrong = entries.wrong(field)
                if wrong is not None:
                    line = line_of(int(entries.of[wrong]))
                    raise _wrong_type("FORMAT", key, field, entries.text(wrong), line)

    def _filled(self, entries: _Entries, line_of: LineOf) -> _Entries:
        """Those that are not empty, which values may be from VCF 4.5 on."""
        empty = entries.spans.lengths == 0
        if not empty.any():
            return entries
        if self._header.minor_version < _EMPTY_VALUES:
            lines = sorted({line_of(int(row)) for row in entries.of[empty][:_FEW]})
            self._diagnostics.add_all(Kind.FAULT, lines, "a sample has an empty value")
        return entries[~empty]

    def _genotypes(self, rows: Rows, entries: _Entries, line_of: LineOf) -> None:
        for index in entries.unlike(_NOT_GENOTYPE, _GENOTYPE):
            raise invalid(
                f"{shown(entries.text(index))} is not a genotype; write alleles as 0/1 or 0|1.",
                line_of(int(entries.of[index])),
            )
        is_beyond = genotypes_beyond(rows, entries.spans, entries.of)
        # ALT may be a dot where the caller's alleles were taken away: nothing is judged there.
        nothing = is_beyond & (rows.alternates[entries.of] == 0)
        for row in dict.fromkeys(entries.of[nothing].tolist()):
            message = "a genotype names an allele, but ALT has none: kept as it is"
            self._diagnostics.add(Kind.FAULT, line_of(row), message)
        beyond = np.flatnonzero(is_beyond & ~nothing)
        if len(beyond):
            index = int(beyond[0])
            row = int(entries.of[index])
            raise invalid(
                f"The genotype {shown(entries.text(index))} names an allele that is not there:"
                f" ALT has {rows.alternates[row]}.",
                line_of(row),
            )


@dataclass(frozen=True, slots=True)
class _Entries:
    """Values of one key: where they are, and of which row each is."""

    table: Table
    spans: Spans
    has_value: Flags
    of: Offsets
    rows: Rows

    def __getitem__(self, chosen: Flags) -> _Entries:
        return _Entries(
            self.table, self.spans[chosen], self.has_value[chosen], self.of[chosen], self.rows
        )

    def text(self, index: int) -> bytes:
        return self.table.text[self.spans.starts[index] : self.spans.ends[index]]

    def unlike(self, unusual: Bytes, rule: re.Pattern[bytes]) -> Iterator[int]:
        """Those that break the rule; only what has unusual bytes, or none, is looked at."""
        odd = (self.table.count(unusual, self.spans) > 0) | (self.spans.lengths == 0)
        for index in np.flatnonzero(odd).tolist():
            if not rule.fullmatch(self.text(index)):
                yield index

    def wrong(self, field: Field) -> int | None:
        """The first value that is not of the field's type, or None."""
        if field.type == b"Integer":
            return next(self.unlike(_NOT_INTEGER, _INTEGER), None)
        if field.type == b"Float":
            return next(self.unlike(_NOT_FLOAT, _FLOAT), None)
        return None

    def wrong_number(self, field: Field) -> Iterator[tuple[int, int, int]]:
        """Where there are more or fewer values than the Number means: index, given, wanted."""
        alternates = self.rows.alternates[self.of]
        if field.number.isdigit():
            wanted = np.full(len(self.of), int(field.number[:9]))
        elif field.number in {b"A", b"R"}:
            wanted = alternates + (field.number == b"R")
        else:
            return
        given = self.table.count(_COMMA, self.spans) + 1
        missing = (self.spans.lengths == 1) & (self.table.first(self.spans) == ord("."))
        for index in np.flatnonzero((given != wanted) & ~missing & (wanted > 0)).tolist():
            yield index, int(given[index]), int(wanted[index])


def _entries_of(rows: Rows, key: bytes, pieces: Spans, has_value: Flags, of: Offsets) -> _Entries:
    """Entries of INFO with that key, with or without a value behind it."""
    values = Spans(pieces.starts + has_value * (len(key) + 1), pieces.ends)
    return _Entries(rows.table, values, has_value, of, rows)


def _split(
    table: Table, pieces: Spans, rows: Offsets, separator: bytes
) -> tuple[Spans, Offsets, Offsets]:
    """The pieces split at a byte; of each part the row of its piece, and its place in it from 0."""
    found = np.flatnonzero(table.bytes[: len(table.text)] == separator[0])
    piece = np.searchsorted(pieces.starts, found, side="right") - 1
    inside = (piece >= 0) & (found < pieces.ends.take(piece, mode="clip"))
    if not inside.all():
        found, piece = found[inside], piece[inside]
    counts = np.bincount(piece, minlength=len(pieces))
    firsts = np.cumsum(counts) - counts + np.arange(len(pieces))
    behind = np.arange(len(found)) + piece + 1  # the number of the part behind each separator
    starts, ends, of, places = np.zeros((4, len(pieces) + len(found)), dtype=np.int64)
    starts[firsts], starts[behind] = pieces.starts, found + 1
    ends[firsts + counts], ends[behind - 1] = pieces.ends, found
    of[firsts], of[behind] = rows, rows.take(piece)
    places[behind] = behind - firsts.take(piece)
    return Spans(starts, ends), of, places


def _wrong_type(column: str, key: bytes, field: Field, text: bytes, line: int) -> Rejected:
    return invalid(
        f"{column}: {shown(key)} is {shown(text)}, but the header says that it is"
        f" {'an' if field.type == b'Integer' else 'a'} {field.type.decode()}.",
        line,
    )
