"""Whether FORMAT and the samples are written as the rules and the header ask."""

from __future__ import annotations

import numpy as np

from annotator.diagnostics import Diagnostics
from annotator.rejection import invalid
from annotator.rules import values as rules
from annotator.rules.rule import Rule
from annotator.validate.entries import Commas, Entries, LineOf, places_of, split
from annotator.validate.genotypes import Calls, GenotypeReader
from annotator.validate.reserved_format import PHASE_LISTS, check_of, not_phased
from annotator.validate.rows import Rows
from annotator.validate.sample_counts import Cells, local_alleles, wanted
from annotator.vcf.columns import FORMAT, Flags, Offsets, Spans, groups
from annotator.vcf.header import Header
from annotator.vcf.identifiers import is_used_key
from annotator.vcf.reserved import Field, assumed, reserved
from annotator.vcf.words import shown

_LOCAL = {b"LAD", b"LADF", b"LADR", b"LEC", b"LGL", b"LGP", b"LPL", b"LPP"}
_NO_KEYS = [b"."]
_OF_ANY_COUNT = {b".", b"A", b"LA", b"M"}
"""Numbers of which there may be no value at all."""
_EMPTY_LISTS = 5
"""The minor version from which on such a list is written as nothing."""


class SampleValues:
    """Checks the samples of a file's records; ``undefined`` are keys that the header lacks."""

    def __init__(self, header: Header, diagnostics: Diagnostics) -> None:
        self._header = header
        self._diagnostics = diagnostics
        self._formats: dict[bytes, list[bytes]] = {}
        self._genotypes = GenotypeReader()
        self.undefined: set[bytes] = set()

    def check(self, rows: Rows, commas: Commas, line_of: LineOf) -> None:
        """Check a block. Raises Rejected."""
        samples = _Samples(self, rows, commas, line_of)
        for text, chosen in groups(rows.table, rows.table.column(FORMAT)):
            keys = self._formats.get(text)
            if keys is None:
                keys = self._formats[text] = self._format(text, line_of(int(chosen[0])))
            samples.check(keys, chosen)

    def _format(self, text: bytes, line: int) -> list[bytes]:
        keys = text.split(b":")
        if keys == _NO_KEYS:
            return keys
        if b"GT" in keys[1:]:
            self.tell(rules.GT_FIRST, [line], "FORMAT: GT must be the first key")
        if len(set(keys)) != len(keys):
            self.tell(rules.FORMAT_TWICE, [line], f"FORMAT {shown(text)} has a key twice")
        if _LOCAL & set(keys) and b"LAA" not in keys[: 1 + (keys[0] == b"GT")]:
            words = f"FORMAT {shown(text)}: LAA must precede the keys of local alleles"
            self.tell(rules.LAA_FIRST, [line], words)
        for key in keys:
            if not is_used_key(key, self.minor_version):
                self.tell(rules.FORMAT_KEY, [line], f"FORMAT: {shown(key)} cannot be a key")
            elif key not in self._header.format and key not in self.undefined:
                self.undefined.add(key)
                words = f"FORMAT: {shown(key)} is not defined in the header"
                self._diagnostics.breach_once(rules.FORMAT_DEFINED, line, words)
        return keys

    def read(self, entries: Entries) -> Calls:
        """The genotypes there."""
        return self._genotypes.read(entries.table, entries.spans)

    def field(self, key: bytes) -> Field | None:
        """The definition of a key, by the header or else by the specification; None if none is."""
        field = self._header.format.get(key)
        if field is None and reserved(b"FORMAT", key, self.minor_version):
            field = assumed(b"FORMAT", key, self.minor_version)
        return field

    def may_be_empty(self, field: Field | None) -> bool:
        """True if a value of that definition may be written as nothing."""
        is_open = field is None or field.number in _OF_ANY_COUNT
        return is_open and self.minor_version >= _EMPTY_LISTS

    @property
    def minor_version(self) -> int:
        """That of the file."""
        return self._header.minor_version

    def sample(self, number: int) -> str:
        """The name of a sample, from 0."""
        return shown(self._header.samples[number])

    def tell(self, rule: Rule, lines: list[int], about: str) -> None:
        """Note that those lines break a rule."""
        if rule.holds(self.minor_version):
            self._diagnostics.breaches(rule, lines, about)

    def tell_type(self, entries: Entries, wrong: list[int], name: str, lines: list[int]) -> None:
        """Note values that are not of their Type, each as it is."""
        self._diagnostics.breaches(
            rules.FORMAT_TYPE,
            lines,
            f"{name}: kept as it is",
            lambda n: f"{name}, but {shown(entries.text(wrong[n]))}: kept as it is",
        )


class _Samples:
    """The samples of a block."""

    def __init__(self, checks: SampleValues, rows: Rows, commas: Commas, line_of: LineOf) -> None:
        self._checks, self._rows, self._commas, self._line_of = checks, rows, commas, line_of
        self._colons = places_of(rows.table, b":")

    def check(self, keys: list[bytes], chosen: Offsets) -> None:
        """Check the samples of those rows, whose FORMAT is the same. Raises Rejected."""
        table, checks = self._rows.table, self._checks
        samples = Spans(
            table.tabs[chosen, FORMAT:].ravel() + 1,
            np.column_stack([table.tabs[chosen, FORMAT + 1 :], table.ends[chosen]]).ravel(),
        )
        values, cell, place = split(samples, self._colons)
        row_of = np.repeat(chosen, table.width - FORMAT - 1)
        many = place >= len(keys)
        if many.any():
            text = "a sample has more values than FORMAT has keys"
            checks.tell(rules.SAMPLE_VALUES, self._lines(row_of[cell[many]]), text)
        cells = Cells(len(samples))
        for number, key in enumerate(keys):
            here = np.flatnonzero(place == number)
            entries = Entries(values[here], row_of[cell[here]], self._rows, self._commas)
            if key == b"GT" and number == 0:
                cells.ploidy, cells.genotypes = self._genotype(entries), entries
            elif keys == _NO_KEYS:
                given = ~entries.missing()
                text = "a sample has values where FORMAT is a dot"
                checks.tell(rules.SAMPLE_VALUES, self._lines(entries.of[given]), text)
            else:
                self._values(key, entries, cell[here], cells)

    def _lines(self, rows: Offsets) -> list[int]:
        return sorted({self._line_of(row) for row in rows.tolist()})

    def _values(self, key: bytes, entries: Entries, of: Offsets, cells: Cells) -> None:
        checks = self._checks
        field, name = checks.field(key), f"FORMAT: {shown(key)}"
        empty = entries.spans.lengths == 0
        if empty.any():
            if not checks.may_be_empty(field):
                text = "a sample has an empty value"
                checks.tell(rules.SAMPLE_EMPTY, self._lines(entries.of[empty]), text)
            entries, of = entries[~empty], of[~empty]
        if field is None or not len(entries):
            return
        if wrong := entries.wrong(field, checks.minor_version):
            lines = [self._line_of(int(row)) for row in entries.of[wrong].tolist()]
            checks.tell_type(entries, wrong, f"{name} must be of Type {field.type.decode()}", lines)
        self._count(name, field, entries, of, cells)
        special = check_of(key, checks.minor_version)
        if special and not wrong and field.type in special.types:
            found = self._lines(entries.of[special.find(entries)])
            checks.tell(special.rule, found, f"{name} {special.about}")
        if key in PHASE_LISTS:
            found = self._lines(entries.of[not_phased(entries, of, cells)])
            checks.tell(rules.PHASED_SETS, found, f"{name} is given of an allele without a phase")
        if key == b"LAA":
            self._local_alleles(entries, of, cells)
        elif key in {b"PS", b"PSL"}:
            both = cells.meets(of[~entries.missing()])
            if both.any():
                rows = entries.of[~entries.missing()][both]
                checks.tell(rules.PHASE_SETS, self._lines(rows), "a sample has both PS and PSL")

    def _count(self, name: str, field: Field, entries: Entries, of: Offsets, cells: Cells) -> None:
        if field.number == b"1" and not self._commas.has_any:
            return
        expected = wanted(field.number, self._rows.alternates[entries.of], of, cells)
        if expected is None:
            return
        wrong = (entries.given() != expected) & ~entries.missing() & (expected > 0)
        if wrong.any():
            text = f"{name} has another number of values than its Number, {field.number.decode()}"
            self._checks.tell(rules.FORMAT_NUMBER, self._lines(entries.of[wrong]), f"{text}, means")

    def _local_alleles(self, entries: Entries, of: Offsets, cells: Cells) -> None:
        cells.local, wrong = local_alleles(entries, of, len(cells))
        if wrong.any():
            text = "FORMAT: “LAA” is not different numbers of alleles that ALT has"
            self._checks.tell(rules.LAA_VALUES, self._lines(entries.of[wrong]), text)

    def _genotype(self, entries: Entries) -> Offsets:
        """Check GT; the ploidy of each sample."""
        checks, calls = self._checks, self._checks.read(entries)
        if calls.is_wrong.any():
            index = int(np.flatnonzero(calls.is_wrong)[0])
            row = int(entries.of[index])
            raise invalid(
                f"{shown(entries.text(index))} of the sample {self._sample(entries, index)} is not"
                " a genotype; write alleles as 0/1 or 0|1.",
                self._line_of(row),
                rules.GT_SYNTAX,
            )
        if calls.is_prefixed.any():
            rows = entries.of[calls.is_prefixed]
            checks.tell(rules.GT_PREFIX, self._lines(rows), "a genotype begins with / or |")
        self._beyond(entries, calls.most > self._rows.alternates[entries.of])
        return calls.ploidy

    def _beyond(self, entries: Entries, beyond: Flags) -> None:
        if not beyond.any():
            return
        # ALT may be a dot where the caller's alleles were taken away: nothing is judged there.
        empty = beyond & (self._rows.alternates[entries.of] == 0)
        text = "a genotype names an allele, but ALT has none: kept as it is"
        self._checks.tell(rules.GT_ALLELE, self._lines(entries.of[empty]), text)
        text = "a genotype names an allele that ALT does not have: kept as it is"
        self._checks.tell(rules.GT_ALLELE, self._lines(entries.of[beyond & ~empty]), text)

    def _sample(self, entries: Entries, index: int) -> str:
        tabs = self._rows.table.tabs[entries.of[index], FORMAT:]
        return self._checks.sample(int(np.searchsorted(tabs, entries.spans.starts[index])) - 1)
