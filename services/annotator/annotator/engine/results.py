"""Puts annotations beside the user's records: the VCF and the table of consequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from annotator.bundle import Bundle, KnownField
from annotator.engine import bgzf
from annotator.engine.consequences import Consequence, ids, impact
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
    """What one word of the engine becomes, in the VCF and in the table; and how often it came.

    Most records of a gene say the same (introns), so nearly all is done once for many.
    """

    ours: bytes
    cells: tuple[bytes, ...]
    consequences: Sequence[Consequence]
    is_pathogenic: bool
    times: int = 0


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

    def write(self, rows: Rows, said: dict[int, bytes], summary: Summary) -> None:
        """Write a block; ``said`` is the engine's INFO of rows of which it said something."""
        table = rows.table
        for row, first in rows.repeats():  # engines leave out what they have said
            if row not in said and first in said:
                said[row] = said[first]
        if not said:
            self._vcf.write(table.text)
            return
        if len(self._remembered) > _MOST_REMEMBERED:
            self.tell(summary)
        chosen = sorted(said)
        places = np.array(chosen)
        info = table.column(INFO)[places]
        is_missing = (info.lengths == 1) & (table.first(info) == ord("."))
        ends = np.where(is_missing, info.starts, info.ends).tolist()
        lines, fixed = table.starts[places].tolist(), (info.starts - 1).tolist()
        skips, text, remembered = is_missing.tolist(), table.text, self._remembered
        pieces: list[bytes] = []
        cells: list[bytes] = []
        at = 0
        for n, row in enumerate(chosen):
            word = said[row]
            told = remembered.get(word) or self._remember(word)
            told.times += 1
            end = ends[n]
            pieces += (text[at:end], told.ours[1:] if skips[n] else told.ours)
            at = end + skips[n]
            place = text[lines[n] : fixed[n]]
            cells += [place + cell for cell in told.cells]
        pieces.append(text[at:])
        self._vcf.write(b"".join(pieces))
        self._tsv.write(b"".join(cells))

    def tell(self, summary: Summary) -> None:
        """Count all that was said since the last time."""
        for told in self._remembered.values():
            summary.tell(told.consequences, told.is_pathogenic, told.times)
        self._remembered.clear()

    def _remember(self, word: bytes) -> _Said:
        said = dict(entry.partition(b"=")[::2] for entry in word.split(b";"))
        value = next((said[key] for key in self._keys if key in said), b"")
        known = {key: said[key] for key in self._fields if key in said}
        translated = self._engine.translated(value) if value else b""
        found = self._engine.consequences(translated) if value else ()
        ours = [b";%b=%b" % (self._tags.names[key], text) for key, text in known.items()]
        if value:
            ours.insert(0, b";%b=%b" % (self._tags.names[self._keys[0]], translated))
        end = b"".join(b"\t" + known.get(field, b"") for field in self._fields) + b"\n"
        cells = tuple(_cells(one) + end for one in found) or (_NO_CONSEQUENCE + end,)
        told = _Said(b"".join(ours), cells, found, self._is_pathogenic(known))
        self._remembered[word] = told
        return told

    def _is_pathogenic(self, known: dict[bytes, bytes]) -> bool:
        return any(
            values & set(known[field].split(b","))
            for field, values in self._pathogenic.items()
            if field in known
        )


def _cells(one: Consequence) -> bytes:
    if one.elsewhere:
        return f"\ttold at {one.elsewhere}{_EMPTY * 8}".encode()
    about = (one.gene, one.transcript, one.biotype, one.strand, one.amino_acids, one.dna)
    return "\t".join(("", one.terms, ids(one.terms), impact(one.terms), *about)).encode()


_EMPTY = "\t"
_NO_CONSEQUENCE = b"\t" * 9
