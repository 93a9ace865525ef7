"""Puts annotations beside the user's records: the VCF and the table of consequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from annotator.bundle import Bundle, KnownField
from annotator.engine import bgzf
from annotator.engine.consequences import Told
from annotator.engine.engines import Engine
from annotator.engine.findings import Survey
from annotator.engine.header import Header
from annotator.engine.indexing import Places, Reaching
from annotator.engine.records import INFO, Rows
from annotator.engine.summary import Summary
from annotator.engine.table import Offsets
from annotator.pathogenicity import Verdict

TSV_COLUMNS = (
    "CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "CONSEQUENCE", "SO_ID", "IMPACT", "GENE",
    "TRANSCRIPT", "BIOTYPE", "STRAND", "AMINO_ACIDS", "DNA_CHANGE",
)  # fmt: skip
_MOST_REMEMBERED = 10_000


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
    cells: Sequence[bytes]
    consequences: Sequence[Told]
    times: int = 0


_NOTHING = _Said(b"", (b"\t" * 9,), ())
"""What becomes of a known variant of which the engine says nothing."""


class Results:
    """The two files of a part, without the VCF's header; ``places`` say where its records lie."""

    def __init__(
        self,
        vcf: bgzf.Writer,
        tsv: bgzf.Writer,
        engine: Engine,
        bundle: Bundle,
        *,
        tags: Tags,
        found: Survey,
    ) -> None:
        self._vcf = vcf
        self._tsv = tsv
        self._contigs = found.contigs
        self._written = 0
        self.places = Places(Reaching.of(found))
        self._engine = engine
        self._keys = [tag.encode() for tag in engine.tags]
        self._tags = tags
        fields = _fields(bundle)
        self._names = [b";%b=" % tags.names[field.id.encode()] for field in fields]
        self._all_told = b"".join(name.replace(b"%", b"%%") + b"%b" for name in self._names)
        self._unknown = b"\t" * len(fields) + b"\n"
        verdicts = {
            source.pathogenic_field: Verdict.of(source)
            for source in bundle.manifest.known
            if source.pathogenic_field
        }
        self._verdicts = [
            (n, verdicts[field.id]) for n, field in enumerate(fields) if field.id in verdicts
        ]
        self._remembered: dict[bytes, _Said] = {}

    def write(
        self, rows: Rows, said: dict[int, bytes], known: dict[int, list[bytes]], summary: Summary
    ) -> None:
        """Write a block; ``said`` is the engine's INFO of rows of which it said something.

        ``known`` are the values of all fields of known variants, of rows that are one.
        """
        table = rows.table
        for row, first in rows.repeats():  # engines leave out what they have said
            if row not in said and first in said:
                said[row] = said[first]
        chosen = sorted(said.keys() | known.keys() if known else said)
        if not chosen:
            self._put(rows, table.text, table.starts)
            return
        if len(self._remembered) > _MOST_REMEMBERED:
            self.tell(summary)
        places = np.array(chosen)
        info = table.column(INFO)[places]
        is_missing = (info.lengths == 1) & (table.first(info) == ord("."))
        ends = np.where(is_missing, info.starts, info.ends).tolist()
        lines, fixed = table.starts[places].tolist(), (info.starts - 1).tolist()
        skips, text, remembered = is_missing.tolist(), table.text, self._remembered
        pieces: list[bytes] = []
        cells: list[bytes] = []
        grown: list[int] = []
        at = 0
        for row, end, skip, line, before in zip(chosen, ends, skips, lines, fixed, strict=True):
            told, tail = _NOTHING, self._unknown
            word = said.get(row)
            if word is not None:
                told = remembered.get(word) or self._remember(word)
                told.times += 1
            ours = told.ours
            if row in known:
                values = known[row]
                ours += self._told(values)
                tail = b"\t" + b"\t".join(values) + b"\n"
                summary.pathogenic += self._is_pathogenic(values)
            pieces += (text[at:end], ours[1:] if skip else ours)
            grown.append(len(ours) - 2 * skip)
            at = end + skip
            place = text[line:before]
            cells += (place, (tail + place).join(told.cells), tail)
        pieces.append(text[at:])
        shifts = np.zeros(table.rows + 1, dtype=np.int64)
        shifts[places + 1] = grown
        self._put(rows, b"".join(pieces), table.starts + np.cumsum(shifts[:-1]))
        self._tsv.write(b"".join(cells))

    def _put(self, rows: Rows, text: bytes, starts: Offsets) -> None:
        end = self._written + len(text)
        self.places.add(rows, self._contigs.names, self._written + starts, end)
        self._vcf.write(text)
        self._written = end

    def tell(self, summary: Summary) -> None:
        """Count all that was said since the last time."""
        for told in self._remembered.values():
            summary.tell(told.consequences, told.times)
        self._remembered.clear()

    def _remember(self, word: bytes) -> _Said:
        said = dict(entry.partition(b"=")[::2] for entry in word.split(b";"))
        value = next((said[key] for key in self._keys if key in said), None)
        if not value:
            return _NOTHING
        told = self._engine.told(value)
        text = b",".join([one.ours for one in told])
        ours = b";%b=%b" % (self._tags.names[self._keys[0]], text)
        found = _Said(ours, [one.cells for one in told], told)
        self._remembered[word] = found
        return found

    def _told(self, values: list[bytes]) -> bytes:
        if all(values):
            return self._all_told % tuple(values)
        return b"".join(
            [name + value for name, value in zip(self._names, values, strict=True) if value]
        )

    def _is_pathogenic(self, values: list[bytes]) -> bool:
        return any(verdict.is_pathogenic(values[n]) for n, verdict in self._verdicts if values[n])
