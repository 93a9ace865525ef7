"""The header of a VCF: what it defines, what is wrong with it, and what is added to it.

Rules: sections 1.2 to 1.5 of the specification of VCF 4.1 to 4.5. A header that can be used is
used; what is wrong with it is noted with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from annotator.diagnostics import Diagnostics, Kind
from annotator.rejection import invalid, not_vcf

FIXED = (b"#CHROM", b"POS", b"ID", b"REF", b"ALT", b"QUAL", b"FILTER", b"INFO")
MOST_SAMPLES = 100_000
_VERSION = re.compile(rb"##fileformat=VCFv4\.([0-9])$")
_ATTRIBUTE = re.compile(rb'([A-Za-z_][A-Za-z0-9_.]*)=("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^,"]*)(?:,|$)')
_TYPES = {b"Integer", b"Float", b"Flag", b"Character", b"String"}
_NUMBER = re.compile(rb"[0-9]+|[ARG.PM]|L[ARG]")
_NEEDS = {
    b"INFO": (b"ID", b"Number", b"Type", b"Description"),
    b"FORMAT": (b"ID", b"Number", b"Type", b"Description"),
    b"FILTER": (b"ID", b"Description"),
    b"ALT": (b"ID", b"Description"),
    b"contig": (b"ID",),
    b"META": (b"ID",),
    b"SAMPLE": (b"ID",),
    b"PEDIGREE": (b"ID",),
}
_QUOTED = {b"Description", b"Source", b"Version"}
_KEY = re.compile(rb"([A-Za-z_][0-9A-Za-z_.]*|1000G)")
_ALT_ID = re.compile(
    rb"(DEL|INS|DUP|INV|CNV|BND)(:[^:<>\s]+)*|\*|NON_REF|X|[RYMKSWHBVDN]|[^:<>\s]+"
)
_CONTIG_ID = re.compile(rb"[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*")
RESERVED: dict[bytes, dict[bytes, tuple[bytes, bytes | None]]] = {
    b"INFO": {
        b"AA": (b"1", b"String"), b"AC": (b"A", b"Integer"), b"AF": (b"A", b"Float"),
        b"AN": (b"1", b"Integer"), b"BQ": (b"1", b"Float"), b"CIGAR": (b"A", b"String"),
        b"DB": (b"0", b"Flag"), b"DP": (b"1", b"Integer"), b"END": (b"1", b"Integer"),
        b"H2": (b"0", b"Flag"), b"H3": (b"0", b"Flag"), b"MQ0": (b"1", b"Integer"),
        b"NS": (b"1", b"Integer"), b"SOMATIC": (b"0", b"Flag"), b"VALIDATED": (b"0", b"Flag"),
        b"1000G": (b"0", b"Flag"),
    },
    b"FORMAT": {
        b"DP": (b"1", b"Integer"), b"GT": (b"1", b"String"), b"GQ": (b"1", None),
        b"HQ": (b"2", b"Integer"), b"MQ": (b"1", b"Integer"), b"PS": (b"1", b"Integer"),
        b"FT": (b"1", b"String"), b"GL": (b"G", b"Float"), b"PL": (b"G", b"Integer"),
    },
}  # fmt: skip
"""Number and Type of keys that the specification reserves (its tables 1 and 2)."""


@dataclass(frozen=True, slots=True)
class Field:
    """A definition of INFO or FORMAT; ``number`` and ``type`` as the header writes them."""

    number: bytes
    type: bytes


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

    def _fault(self, text: str) -> None:
        self._diagnostics.add(Kind.FAULT, self._number, text)

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
            )
        self.header.lines.append(self._meta(self._as_utf8(line)))
        return False

    def _version(self, line: bytes) -> None:
        version = _VERSION.match(line)
        if version:
            self.header.minor_version = int(version.group(1))
        if not version or not 0 <= self.header.minor_version <= 5:
            self._fault(
                f"{shown(line)} names no version of VCF that is known here (4.0 to 4.5);"
                " the file was read as VCF 4.2"
            )
        self.header.lines.append(line)

    def _as_utf8(self, line: bytes) -> bytes:
        try:
            line.decode()
        except UnicodeDecodeError:
            self._diagnostics.add(
                Kind.REPAIR, self._number, "Latin-1 text in the header was made UTF-8"
            )
            return line.decode("latin-1").encode()
        return line

    def _columns(self, line: bytes) -> None:
        columns = line.split(b"\t")
        if len(columns) == 1 and len(line.split()) >= len(FIXED):
            raise invalid("The columns are separated by spaces; VCF needs tabs.", self._number)
        if tuple(columns[:8]) != FIXED:
            raise invalid(
                "The line #CHROM must name the columns CHROM POS ID REF ALT QUAL FILTER INFO.",
                self._number,
            )
        names = columns[9:]
        if len(columns) > 8 and columns[8] != b"FORMAT":
            raise invalid("The ninth column must be FORMAT.", self._number)
        if len(columns) == 9:
            self._fault("there is a column FORMAT, but no sample")
        if len(names) > MOST_SAMPLES:
            raise invalid(
                f"{len(names):,} samples are more than the {MOST_SAMPLES:,} that can be handled."
                " Split the file by samples.",
                self._number,
            )
        if len(set(names)) != len(names):
            raise invalid("Two samples have the same name in the line #CHROM.", self._number)
        if b"" in names:
            raise invalid("A sample has no name in the line #CHROM.", self._number)
        self.header.column_line = line
        self.header.samples = names

    def _meta(self, line: bytes) -> bytes:
        key, equals, value = line[2:].partition(b"=")
        if not equals or not key or not value:
            self._fault(f"{shown(line)} is no meta-information line: it needs a key, = and a value")
            return line if equals else b"##GAS_unreadable=" + line[2:]
        if key == b"fileformat":
            self._fault("##fileformat stands a second time")
        if key in _NEEDS:
            self._structured(key, value)
        elif value.startswith(b"<") and not value.endswith(b">"):
            self._fault(f"##{key.decode()}: the < is not closed")
        elif key == b"assembly" and b"://" not in value and not value.startswith(b"file:"):
            self._fault(f"##assembly must be an address, not {shown(value)}")
        elif key == b"pedigreeDB" and not re.fullmatch(rb"<?\S+://\S+>?", value):
            self._fault(f"##pedigreeDB must be an address, not {shown(value)}")
        return line

    def _structured(self, key: bytes, value: bytes) -> None:
        name = key.decode()
        if not (value.startswith(b"<") and value.endswith(b">")):
            self._fault(f"##{name} must be written as ##{name}=<…>")
            return
        attributes = self._attributes(name, value[1:-1])
        if attributes is None:
            return
        missing = [need.decode() for need in _NEEDS[key] if need not in attributes]
        if key == b"PEDIGREE" and self.header.minor_version < 3:
            missing = []
        if missing:
            self._fault(f"##{name} has no {' and no '.join(missing)}")
        for quoted in _QUOTED & attributes.keys():
            if key in {b"INFO", b"FORMAT", b"FILTER", b"ALT"} and not _is_quoted(
                attributes[quoted]
            ):
                self._fault(f"##{name}: {quoted.decode()} must stand in double quotes")
        id = attributes.get(b"ID")
        if id:
            self._define(key, id, attributes)

    def _attributes(self, name: str, text: bytes) -> dict[bytes, bytes] | None:
        attributes: dict[bytes, bytes] = {}
        at = 0
        while at < len(text):
            found = _ATTRIBUTE.match(text, at)
            if not found:
                self._fault(f"##{name} cannot be read from {shown(text[at:])} on")
                return attributes or None
            if found.group(1) in attributes:
                self._fault(f"##{name} has {found.group(1).decode()} twice")
            if not found.group(2):
                self._fault(f"##{name}: {found.group(1).decode()} is empty")
            attributes[found.group(1)] = found.group(2)
            at = found.end()
        if text.endswith(b",") or not text:
            self._fault(f"##{name} ends with a comma" if text else f"##{name} is empty")
        return attributes

    def _define(self, key: bytes, id: bytes, attributes: dict[bytes, bytes]) -> None:
        header = self.header
        if key in {b"INFO", b"FORMAT"}:
            defined = header.info if key == b"INFO" else header.format
            self._twice(key, id, id in defined)
            defined[id] = self._field(key, id, attributes)
        elif key == b"FILTER":
            self._twice(key, id, id in header.filters - {b"PASS"})
            if id == b"0" or b" " in id or b";" in id:
                self._fault(f"##FILTER: {shown(id)} cannot be the ID of a filter")
            header.filters.add(id)
        elif key == b"contig":
            self._twice(key, id, id in header.contigs)
            if not _CONTIG_ID.fullmatch(id):
                self._fault(f"##contig: {shown(id)} cannot be the name of a contig")
            length = attributes.get(b"length", b"")
            if length and not length.isdigit():
                self._fault(f"##contig: the length {shown(length)} is no whole number")
            header.contigs[id] = int(length) if length.isdigit() and len(length) < 19 else None
        elif key == b"ALT":
            self._twice(key, id, id in header.alts)
            if not _ALT_ID.fullmatch(id):
                self._fault(f"##ALT: {shown(id)} cannot be the ID of an allele")
            header.alts.add(id)

    def _twice(self, key: bytes, id: bytes, is_defined: bool) -> None:
        if is_defined:
            self._fault(f"##{key.decode()}: {shown(id)} is defined a second time")

    def _field(self, key: bytes, id: bytes, attributes: dict[bytes, bytes]) -> Field:
        name = key.decode()
        if not _KEY.fullmatch(id):
            self._fault(f"##{name}: {shown(id)} cannot be the ID of a field")
        number = attributes.get(b"Number", b".")
        type = attributes.get(b"Type", b"String")
        if not _NUMBER.fullmatch(number):
            self._fault(f"##{name} {shown(id)}: Number cannot be {shown(number)}")
            number = b"."
        if type not in _TYPES or (key == b"FORMAT" and type == b"Flag"):
            self._fault(f"##{name} {shown(id)}: Type cannot be {shown(type)}")
            type = b"String"
        if type == b"Flag" and number != b"0":
            self._fault(f"##{name} {shown(id)}: a Flag has the Number 0, not {shown(number)}")
        if number == b"0" and type != b"Flag":
            self._fault(f"##{name} {shown(id)}: only a Flag has the Number 0")
        self._reserved(key, id, number, type)
        return Field(number, type)

    def _reserved(self, key: bytes, id: bytes, number: bytes, type: bytes) -> None:
        wanted = RESERVED[key].get(id)
        if wanted is None:
            return
        wrong = []
        if number not in {wanted[0], b"."}:
            wrong.append(f"Number {wanted[0].decode()}")
        if wanted[1] is not None and type != wanted[1]:
            wrong.append(f"Type {wanted[1].decode()}")
        if wrong:
            self._fault(f"##{key.decode()} {shown(id)} is reserved for {' and '.join(wrong)}")


def _is_quoted(value: bytes) -> bool:
    return len(value) >= 2 and value.startswith(b'"') and value.endswith(b'"')


def shown(text: bytes) -> str:
    """A piece of the user's text, short and in quotation marks."""
    words = text[:40].decode("utf-8", "replace")
    return f"“{words}…”" if len(text) > 40 else f"“{words}”"
