"""The header of a VCF: what it defines, what is wrong with it, and what is added to it.

Rules: sections 1.2 to 1.5 of the specification of VCF 4.1 to 4.5. A header that can be used is
used; what is wrong with it is noted with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from annotator.diagnostics import Diagnostics, Kind
from annotator.rejection import invalid, not_vcf
from annotator.rules import header as rules
from annotator.rules import records as text_rules
from annotator.rules.rule import Rule
from annotator.vcf import meta_lines
from annotator.vcf.identifiers import is_defined_contig, is_filter, is_key, is_symbol
from annotator.vcf.meta_lines import Attributes, unquoted
from annotator.vcf.reserved import Field, differences
from annotator.vcf.words import shown

FIXED = (b"#CHROM", b"POS", b"ID", b"REF", b"ALT", b"QUAL", b"FILTER", b"INFO")
MOST_SAMPLES = 100_000
_VERSION = re.compile(rb"##fileformat=VCFv4\.([0-9])$")
_TYPES = {b"Integer", b"Float", b"Flag", b"Character", b"String"}
_NUMBER = re.compile(rb"[0-9]+|[AG.]")
_LATER_NUMBERS = {b"R": 2, b"P": 4, b"LA": 5, b"LR": 5, b"LG": 5, b"M": 5}
"""The minor versions of VCF 4 that brought them; all but R are for FORMAT."""
_BASES = b"ACGTUN"
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f]")


@dataclass
class Header:
    """What a header says. ``lines`` are its meta-information lines as they will be written."""

    lines: list[bytes] = field(default_factory=list)
    minor_version: int = 2
    info: dict[bytes, Field] = field(default_factory=dict)
    format: dict[bytes, Field] = field(default_factory=dict)
    filters: set[bytes] = field(default_factory=lambda: {b"PASS"})
    alts: set[bytes] = field(default_factory=set)
    contigs: dict[bytes, int | None] = field(default_factory=dict)
    column_line: bytes = b""
    samples: list[bytes] = field(default_factory=list)

    @property
    def columns(self) -> int:
        """The number of columns that each record must have."""
        return self.column_line.count(b"\t") + 1

    def add_line(self, line: bytes) -> None:
        """Add a meta-information line at the end."""
        self.lines.append(line)

    def text(self) -> bytes:
        """All of it, as it is written."""
        return b"".join(line + b"\n" for line in [*self.lines, self.column_line])


class Reader:
    """Takes the lines of a header one after the other; noting what is odd. Raises Rejected."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self.header = Header()
        self._diagnostics = diagnostics
        self._number = 0
        self._ids: set[tuple[bytes, bytes]] = set()

    def _tell(self, rule: Rule, text: str) -> None:
        if rule.holds(self.header.minor_version):
            self._diagnostics.breach(rule, self._number, text)

    def take(self, line: bytes, number: int) -> bool:
        """Read a line; True if it was the last one of the header."""
        self._number = number
        if number == 1:
            self._version(line)
            return False
        if line.startswith(b"#CHROM"):
            self._columns(line)
            return True
        if not line.startswith(b"##"):
            raise not_vcf(
                "This is not a whole VCF file: the line that begins with #CHROM is missing"
                " between the header and the first record.",
                number,
                rules.COLUMN_LINE,
            )
        if _CONTROL.search(line):
            self._tell(text_rules.CONTROL, "there is a control character in the header line")
        self.header.lines.append(self._meta(self._as_utf8(line)))
        return False

    def _version(self, line: bytes) -> None:
        version = _VERSION.match(line)
        if version and int(version.group(1)) <= 5:
            self.header.minor_version = int(version.group(1))
        else:
            self._tell(
                rules.VERSION,
                f"{shown(line)} names no version of VCF that is known here (4.0 to 4.5);"
                " the file was read as VCF 4.2",
            )
        self.header.lines.append(line)

    def _as_utf8(self, line: bytes) -> bytes:
        try:
            line.decode()
        except UnicodeDecodeError:
            self._tell(text_rules.UTF8, "the header line is not UTF-8")
            self._diagnostics.add(
                Kind.REPAIR, self._number, "Latin-1 text in the header was made UTF-8"
            )
            return line.decode("latin-1").encode()
        return line

    def _columns(self, line: bytes) -> None:
        columns = line.split(b"\t")
        if len(columns) == 1 and len(line.split()) >= len(FIXED):
            raise invalid(
                "The columns are separated by spaces; VCF needs tabs.",
                self._number,
                rules.COLUMN_NAMES,
            )
        if tuple(columns[:8]) != FIXED:
            raise invalid(
                "The line #CHROM must name the columns CHROM POS ID REF ALT QUAL FILTER INFO.",
                self._number,
                rules.COLUMN_NAMES,
            )
        names = columns[9:]
        if len(columns) > 8 and columns[8] != b"FORMAT":
            text = "The ninth column must be FORMAT."
            raise invalid(text, self._number, rules.COLUMN_NAMES)
        if len(columns) == 9:
            self._tell(rules.FORMAT_WITHOUT_SAMPLES, "there is a column FORMAT, but no sample")
        if len(names) > MOST_SAMPLES:
            raise invalid(
                f"{len(names):,} samples are more than the {MOST_SAMPLES:,} that can be handled."
                " Split the file by samples.",
                self._number,
            )
        if len(set(names)) != len(names):
            text = "Two samples have the same name in the line #CHROM."
            raise invalid(text, self._number, rules.SAMPLE_NAMES)
        if b"" in names:
            text = "A sample has no name in the line #CHROM."
            raise invalid(text, self._number, rules.SAMPLE_NAMES)
        self.header.column_line = line
        self.header.samples = names

    def _meta(self, line: bytes) -> bytes:
        key, equals, value = line[2:].partition(b"=")
        if not equals or not key or not value:
            text = f"{shown(line)} is no meta-information line: it needs a key, = and a value"
            self._tell(rules.META_LINE, text)
            return line if equals else b"##GAS_unreadable=" + line[2:]
        if key == b"fileformat":
            self._tell(rules.FILEFORMAT_ONCE, "##fileformat stands a second time")
        elif key in meta_lines.STRUCTURED or (
            value.startswith(b"<") and key not in meta_lines.ADDRESSES
        ):
            self._structured(key, value)
        else:
            meta_lines.check_address(key, value, self.header.minor_version, self._tell)
        return line

    def _structured(self, key: bytes, value: bytes) -> None:
        version = self.header.minor_version
        if key not in meta_lines.STRUCTURED and not (version >= 3 and value.endswith(b">")):
            if not value.endswith(b">"):
                name = key.decode("utf-8", "replace")
                self._tell(rules.BRACKETS, f"##{name}: the < is not closed")
            return
        attributes = meta_lines.attributes_of(key, value, version, self._tell)
        if attributes is None:
            return
        id = unquoted(attributes.get(b"ID", b""))
        if id:
            self._define(key, id, attributes)
        elif key not in meta_lines.STRUCTURED:
            self._tell(rules.STRUCTURED_ID, f"##{key.decode('utf-8', 'replace')} has no ID")

    def _define(self, key: bytes, id: bytes, attributes: Attributes) -> None:
        header = self.header
        is_known = key in {b"INFO", b"FORMAT", b"FILTER", b"ALT"}
        if (key, id) in self._ids and (is_known or header.minor_version >= 3):
            name = key.decode("utf-8", "replace")
            self._tell(rules.DEFINED_ONCE, f"##{name}: {shown(id)} is defined a second time")
        self._ids.add((key, id))
        if key in {b"INFO", b"FORMAT"}:
            defined = header.info if key == b"INFO" else header.format
            defined[id] = self._field(key, id, attributes)
        elif key == b"FILTER":
            if not is_filter(id):
                self._tell(rules.FILTER_ID, f"##FILTER: {shown(id)} cannot be the ID of a filter")
            header.filters.add(id)
        elif key == b"contig":
            if not is_defined_contig(id, header.minor_version):
                text = f"##contig: {shown(id)} cannot be the name of a contig"
                self._tell(rules.CONTIG_ID, text)
            length = unquoted(attributes.get(b"length", b""))
            header.contigs[id] = int(length) if length.isdigit() and len(length) < 19 else None
        elif key == b"ALT":
            if not is_symbol(id, header.minor_version):
                self._tell(rules.ALT_ID, f"##ALT: {shown(id)} cannot be the ID of an allele")
            header.alts.add(id)

    def _field(self, key: bytes, id: bytes, attributes: Attributes) -> Field:
        name = f"##{key.decode()} {shown(id)}"
        if not is_key(id, key):
            text = f"##{key.decode()}: {shown(id)} cannot be the ID of a field"
            self._tell(rules.FIELD_ID, text)
        number = unquoted(attributes.get(b"Number", b"."))
        type = unquoted(attributes.get(b"Type", b"String"))
        if not self._is_number(key, id, number):
            self._tell(rules.FIELD_NUMBER, f"{name}: Number cannot be {shown(number)}")
            number = number if number in _LATER_NUMBERS else b"."
        if type not in _TYPES or (key == b"FORMAT" and type == b"Flag"):
            self._tell(rules.FIELD_TYPE, f"{name}: Type cannot be {shown(type)}")
            type = b"String"
        elif attributes.get(b"Type", type) != type:
            self._tell(rules.FIELD_TYPE, f"{name}: Type stands without quotes")
        if number == b"0" and type != b"Flag":
            self._tell(rules.FLAG_NUMBER, f"{name}: only a Flag has the Number 0")
        field = Field(number, type)
        if wrong := differences(key, id, field, self.header.minor_version):
            self._tell(rules.RESERVED_FIELD, f"{name} is reserved for {' and '.join(wrong)}")
        return field

    def _is_number(self, key: bytes, id: bytes, number: bytes) -> bool:
        if _NUMBER.fullmatch(number):
            return True
        since = _LATER_NUMBERS.get(number, 9)
        if number == b"M" and id[-1:] not in _BASES:
            return False
        return self.header.minor_version >= since and (key == b"FORMAT" or number == b"R")
