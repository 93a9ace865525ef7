"""Puts annotations beside the user's records: the VCF and the table of consequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from annotator.bundle import Bundle, KnownField
from annotator.engine import bgzf
from annotator.engine.consequences import Consequence
from annotator.engine.engines import Engine
from annotator.engine.header import Header
from annotator.engine.records import INFO, Rows
from annotator.engine.summary import Summary

TSV_COLUMNS = (
    "CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "CONSEQUENCE", "SO_ID", "IMPACT", "GENE",
    "TRANSCRIPT", "BIOTYPE", "STRAND", "AMINO_ACIDS", "DNA_CHANGE",
)  # fmt: skip
_MOST_REMEMBERED = 50_000


class Tags(NamedTuple):
    """How our INFO keys are called in a file: as ours, unless the user has keys of that name."""

    names: dict[bytes, bytes]

    @classmethod
    def of(cls, header: Header, engine: Engine, bundle: Bundle) -> Tags:
        """Names that the header does not have."""
        keys = [engine.tags[0], *(field.id for field in _fields(bundle))]
        return cls({key.encode(): _free(key.encode(), header) for key in keys})

    @property
    def has_renamed(self) -> bool:
        """True if a user's key made us choose another."""
        return any(key != name for key, name in self.names.items())


def _free(key: bytes, header: Header) -> bytes:
    name = key
    while name in header.info:
        name = b"GAS_" + name
    return name


def _fields(bundle: Bundle) -> list[KnownField]:
    return [field for source in bundle.manifest.known for field in source.fields]


def describe(header: Header, tags: Tags, engine: Engine, bundle: Bundle) -> None:
    """Add the definitions of our INFO keys to the header."""

    def define(key: str, number: str, type: str, description: str) -> None:
        line = f'##INFO=<ID={{}},Number={number},Type={type},Description="{description}">'
        header.add_line(line.format(tags.names[key.encode()].decode()).encode())

    define(engine.tags[0], ".", "String", engine.description())
    for source in bundle.manifest.known:
        for field in source.fields:
            about = f"{field.description} ({source.name} {source.version})".replace('"', "'")
            define(field.id, field.number, field.type, about)


@dataclass(slots=True)
class _Said:
    """What one value of the engine's key becomes, in the VCF and in the table."""

    value: bytes
    consequences: list[Consequence]
    cells: list[bytes]


class Results:
    """The two files of a part, without the VCF's header."""

    def __init__(
        self, vcf: bgzf.Writer, tsv: bgzf.Writer, engine: Engine, bundle: Bundle, tags: Tags
    ) -> None:
        self._vcf = vcf
        self._tsv = tsv
        self._engine = engine
        self._keys = [tag.encode() for tag in engine.tags]
        self._tags = tags
        self._fields = [field.id.encode() for field in _fields(bundle)]
        self._pathogenic = {
            source.pathogenic_field.encode(): {value.encode() for value in source.pathogenic_values}
            for source in bundle.manifest.known
            if source.pathogenic_field
        }
        self._remembered: dict[bytes, _Said] = {}
        self._last: tuple[bytes, bytes] = (b"", b"")

    def write(self, rows: Rows, said: dict[int, bytes], summary: Summary) -> None:
        """Write a block; ``said`` is the engine's INFO of rows of which it said something."""
        table = rows.table
        self._repeat(rows, said)
        if not said:
            self._vcf.write(table.text)
            return
        text = memoryview(table.text)
        info = table.column(INFO)
        starts, ends = info.starts.tolist(), info.ends.tolist()
        lines, fixed_ends = table.starts.tolist(), table.tabs[:, INFO - 1].tolist()
        pieces: list[bytes | memoryview] = []
        cells: list[bytes] = []
        at = 0
        for row in sorted(said):
            ours = self._ours(said[row], summary, cells, table.text[lines[row] : fixed_ends[row]])
            start, end = starts[row], ends[row]
            if end - start == 1 and text[start] == 46:  # a dot: no INFO of the user's
                pieces += (text[at:start], ours)
            else:
                pieces += (text[at:end], b";", ours)
            at = end
        pieces.append(text[at:])
        self._vcf.write(b"".join(pieces))
        self._tsv.write(b"".join(cells))

    def _repeat(self, rows: Rows, said: dict[int, bytes]) -> None:
        """Let repeated records have what was said of the first: engines leave them out."""
        for row, first in rows.repeats():
            if row not in said and first in said:
                said[row] = said[first]

    def _ours(self, info: bytes, summary: Summary, cells: list[bytes], fixed: bytes) -> bytes:
        """Our INFO of a record; adds its lines of the table to ``cells``."""
        said = dict(entry.partition(b"=")[::2] for entry in info.split(b";"))
        value = next((said[key] for key in self._keys if key in said), b"")
        known = {key: said[key] for key in self._fields if key in said}
        told = self._told(value)
        summary.tell(told.consequences, self._is_pathogenic(known))
        end = b"".join(b"\t" + known.get(field, b"") for field in self._fields) + b"\n"
        cells += [b"%b%b%b" % (fixed, cell, end) for cell in told.cells or (_NO_CONSEQUENCE,)]
        ours = [b"%b=%b" % (self._tags.names[key], text) for key, text in known.items()]
        if value:
            ours.insert(0, b"%b=%b" % (self._tags.names[self._keys[0]], told.value))
        return b";".join(ours)

    def _told(self, value: bytes) -> _Said:
        told = self._remembered.get(value)
        if told is None:
            translated = self._engine.translated(value) if value else b""
            found = list(self._engine.consequences(translated)) if value else []
            told = _Said(translated, found, [_cells(consequence) for consequence in found])
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[value] = told
        return told

    def _is_pathogenic(self, known: dict[bytes, bytes]) -> bool:
        return any(
            known.get(field) in values or values & set(known.get(field, b"").split(b","))
            for field, values in self._pathogenic.items()
        )


def _cells(consequence: Consequence) -> bytes:
    if consequence.elsewhere:
        return f"\ttold at {consequence.elsewhere}{_EMPTY * 8}".encode()
    return "".join(
        f"\t{cell}"
        for cell in (
            consequence.terms,
            consequence.ids,
            consequence.impact,
            consequence.gene,
            consequence.transcript,
            consequence.biotype,
            consequence.strand,
            consequence.amino_acids,
            consequence.dna,
        )
    ).encode()


_EMPTY = "\t"
_NO_CONSEQUENCE = b"\t" * 9
