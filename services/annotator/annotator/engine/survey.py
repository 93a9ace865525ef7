"""The verdict on an input file, and all that is known of it before it is annotated.

One pass over the file, in blocks. It is the same for a job and for ``python -m annotator check``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from annotator.bundle import Bundle
from annotator.engine.fixed import FixedColumns
from annotator.engine.header import Header, Reader, shown
from annotator.engine.notes import Kind, Notes
from annotator.engine.reading import Block, Input, Place, looks_like
from annotator.engine.records import REF, UNKNOWN, WHY, Contigs, Examiner, Rows, Status
from annotator.engine.reference import Reference
from annotator.engine.rejection import invalid, not_vcf, too_large, wrong_build
from annotator.engine.table import Flags, Table, UnevenColumns
from annotator.engine.values import Values

MOST_AT_ONE_POSITION = 10_000
MOST_MISMATCHES = 0.05
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ADDED = b"Not defined in the upload; added by GAS"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_FAR = 1 << 40  # farther than any contig is long
_LIMITED = {Status.SYMBOLIC, Status.TELOMERE}

Tick = Callable[[float, int], None]


@dataclass(frozen=True, slots=True)
class Cut:
    """A place where the file may be cut in two: before record ``record``, which is in ``line``."""

    record: int
    line: int
    place: Place
    contig: int


@dataclass
class Survey:
    """What is known of a file; ``cuts`` begin with that of the first record."""

    header: Header
    notes: Notes
    contigs: Contigs
    records: int = 0
    statuses: Counter[Status] = field(default_factory=Counter)
    is_sorted: bool = True
    is_normal: bool = True
    has_lone: bool = False
    is_seekable: bool = True
    cuts: list[Cut] = field(default_factory=list)
    first_line: dict[Status, int] = field(default_factory=dict)

    @property
    def judged(self) -> int:
        """How many records the engine will be given."""
        return self.statuses[Status.JUDGED]

    def must_fit(self, bundle: Bundle) -> None:
        """Raises Rejected where the file seems to be of another genome build."""
        unknown = self.statuses[Status.UNKNOWN_CONTIG]
        if self.records and unknown == self.records:
            names = ", ".join(contig.name for contig in bundle.manifest.contigs[:5])
            raise wrong_build(
                f"No record lies on a contig of {bundle.manifest.title}, which has {names};"
                f" the first is on {shown(self.contigs.names[0])}. Choose the bundle of the genome"
                " build that the file was made with.",
                self.first_line[Status.UNKNOWN_CONTIG],
            )


def survey(source: Input, bundle: Bundle, tick: Tick) -> Survey:
    """Read the whole file. Raises Rejected with the 1-based line of the fault."""
    return _Surveyor(source, bundle, tick).run()


def read_header(blocks: Iterator[Block], notes: Notes) -> tuple[Header, Block]:
    """The header, and what follows it in the block in which it ends. Raises Rejected."""
    reader = Reader(notes)
    number = 0
    for block in blocks:
        at = 0
        while at < len(block.text):
            end = block.text.index(b"\n", at)
            line = block.text[at:end]
            number += 1
            if number == 1:
                line = _first_line(line, notes)
            at = end + 1
            if reader.take(line, number):
                return reader.header, _rest(block, at, number + 1)
    if not number:
        raise not_vcf("The file has no lines. Upload a VCF file.")
    raise not_vcf("The file ends before the line #CHROM. Upload the whole file.", number)


def _rest(block: Block, at: int, line: int) -> Block:
    pieces = [Place(offset, start - at) for offset, start in block.pieces]
    return Block(block.text[at:], line, pieces)


def _first_line(line: bytes, notes: Notes) -> bytes:
    if line.startswith(_BYTE_ORDER_MARK):
        line = line[3:]
        notes.add(Kind.REPAIR, 1, "a byte order mark was removed")
    if not line.startswith(b"##fileformat=VCF") or line.startswith(_UTF16):
        raise not_vcf(
            f"This is not a VCF file: it looks like {looks_like(line)}."
            " A VCF begins with the line ##fileformat=VCFv4.2 (or another version).",
            1,
        )
    return line


class _Surveyor:
    def __init__(self, source: Input, bundle: Bundle, tick: Tick) -> None:
        self._source = source
        self._bundle = bundle
        self._tick = tick
        self._notes = Notes()
        self._contigs = Contigs(bundle)
        self._reference = Reference(bundle)
        self._mismatch = ""
        self._last = (-1, 0)
        self._at_last = 0
        self._reached = 0

    def run(self) -> Survey:
        blocks = self._source.blocks()
        header, rest = read_header(blocks, self._notes)
        self._fits(header)
        found = Survey(header, self._notes, self._contigs)
        self._fixed = FixedColumns(header, self._notes)
        self._values = Values(header, self._notes)
        self._examiner = Examiner(self._bundle, self._reference, self._contigs)
        if rest.text:
            self._block(rest, found)
        for block in blocks:
            self._block(block, found)
        found.is_seekable = self._source.is_seekable
        if self._source.has_carriage_returns:
            self._notes.add(Kind.REPAIR, None, "Windows line ends were made Unix ones")
        self._mismatches(found)
        self._finish(found)
        return found

    def _fits(self, header: Header) -> None:
        for name, length in header.contigs.items():
            known = self._contigs.known(name)
            if known == UNKNOWN or length is None:
                continue
            contig = self._bundle.manifest.contigs[known]
            if contig.length != length:
                raise wrong_build(
                    f"The header says that {name.decode()} has {length:,} bases, but in"
                    f" {self._bundle.manifest.title} it has {contig.length:,}. Choose the bundle of"
                    " the genome build that the file was made with."
                )

    def _block(self, block: Block, found: Survey) -> None:
        if b"\x00" in block.text:
            line = block.line + block.text.count(b"\n", 0, block.text.index(b"\x00"))
            raise invalid("There is a NUL byte in this line: the file is damaged.", line)
        table = self._table(block, found.header.columns)
        if not table.rows:
            return

        def line_of(row: int) -> int:
            return block.line + int(table.lines[row])

        if table.blank_lines:
            self._notes.add(Kind.REPAIR, block.line, "empty lines were removed from here on")
        self._fixed.check(table, line_of)
        rows = self._examiner.examine(table, line_of)
        self._values.check(rows, line_of)
        repeats = [line_of(row) for row, _ in rows.repeats()]
        self._notes.add_all(Kind.FAULT, repeats, "the record repeats an earlier one")
        self._order(rows, line_of, found)
        self._cuts(block, rows, found)
        self._count(block, rows, found)
        found.records += table.rows
        self._tick(self._source.consumed, found.records)

    def _table(self, block: Block, columns: int) -> Table:
        try:
            return Table(block.text, columns)
        except UnevenColumns as uneven:
            line = block.text.split(b"\n", uneven.line + 1)[uneven.line]
            number = block.line + uneven.line
            if line.startswith(b"#"):
                raise invalid("A header line stands among the records.", number) from None
            if uneven.columns == 1 and len(line.split()) >= 8:
                raise invalid(
                    "The columns are separated by spaces; VCF needs tabs.", number
                ) from None
            raise invalid(
                f"{uneven.columns} columns, but the header names {columns}.", number
            ) from None

    def _order(self, rows: Rows, line_of: Callable[[int], int], found: Survey) -> None:
        contigs = np.append(self._last[0], rows.contigs)
        positions = np.append(self._last[1], rows.positions)
        same = contigs[1:] == contigs[:-1]
        later = contigs[1:] > contigs[:-1]
        found.is_sorted &= bool((later | (same & (positions[1:] >= positions[:-1]))).all())
        changes = np.flatnonzero(~(same & (positions[1:] == positions[:-1])))
        runs = np.diff(np.append(changes, len(same)))
        before = self._at_last + (int(changes[0]) if len(changes) else len(same))
        most = max(before, int(runs.max(initial=0)))
        if most > MOST_AT_ONE_POSITION:
            raise too_large(
                f"More than {MOST_AT_ONE_POSITION:,} records lie at one position.", line_of(0)
            )
        self._at_last = int(runs[-1]) if len(runs) else before
        self._last = (int(rows.contigs[-1]), int(rows.positions[-1]))

    def _cuts(self, block: Block, rows: Rows, found: Survey) -> None:
        before = found.cuts[-1].contig if found.cuts else -1
        at = np.flatnonzero(np.diff(np.append(before, rows.contigs)))
        inside = self._between_genes(rows)
        for row in sorted({*at.tolist(), *inside}):
            place = block.place(int(rows.table.starts[row]))
            line = block.line + int(rows.table.lines[row])
            found.cuts.append(Cut(found.records + row, line, place, int(rows.contigs[row])))

    def _between_genes(self, rows: Rows) -> list[int]:
        contig = int(rows.contigs[-1])
        known = self._contigs.in_bundle[contig]
        if known == UNKNOWN or rows.table.rows < 2:
            return []
        free = self._bundle.is_between_genes(known, rows.positions)
        free &= rows.contigs == contig
        free[1:] &= rows.positions[1:] > rows.positions[:-1]
        free[0] = False
        return [int(row) for row in np.flatnonzero(free)[:1]]

    def _count(self, block: Block, rows: Rows, found: Survey) -> None:
        lines = rows.table.lines + block.line
        counts = np.bincount(rows.status, minlength=len(Status)).tolist()
        for status, times in zip(Status, counts, strict=True):
            if not times:
                continue
            found.statuses[status] += times
            if status not in WHY:
                continue
            at = np.flatnonzero(rows.status == status)
            found.first_line.setdefault(status, int(lines[at[0]]))
            kind = Kind.LIMITED if status in _LIMITED else Kind.KEPT
            self._notes.add_all(kind, lines[at].tolist(), WHY[status])
            if status is Status.OTHER_REFERENCE and not self._mismatch:
                self._mismatch = self._describe(rows, int(at[0]))
        judged = rows.status == Status.JUDGED
        found.is_normal &= bool(rows.is_normal[judged].all())
        found.has_lone |= self._values.has_uncarried or self._overlap(rows, judged)

    def _overlap(self, rows: Rows, judged: Flags) -> bool:
        """True if a record reaches into the next one."""
        places = rows.contigs[judged] * _FAR + rows.positions[judged]
        ends = places + rows.table.column(REF).lengths[judged]
        reached = np.maximum.accumulate(np.append(self._reached, ends))
        self._reached = int(reached[-1])
        return bool((places < reached[:-1]).any())

    def _describe(self, rows: Rows, row: int) -> str:
        name = self._contigs.names[rows.contigs[row]]
        contig = self._contigs.in_bundle[rows.contigs[row]]
        position = int(rows.positions[row])
        column = rows.table.column(REF)
        ref = rows.table.text[column.starts[row] : column.ends[row]]
        there = self._reference.text(contig, position, len(ref))
        return f"REF {shown(ref)} at {name.decode()}:{position:,}, where the reference has {there}"

    def _mismatches(self, found: Survey) -> None:
        wrong = found.statuses[Status.OTHER_REFERENCE]
        if wrong > MOST_MISMATCHES * (wrong + found.judged):
            raise wrong_build(
                f"In {wrong:,} of {wrong + found.judged:,} records REF is not what"
                f" {self._bundle.manifest.title} has there; the first is {self._mismatch}."
                " The file may have been made with another genome build.",
                found.first_line[Status.OTHER_REFERENCE],
            )

    def _finish(self, found: Survey) -> None:
        for number, name in enumerate(self._contigs.names):
            known = self._contigs.in_bundle[number]
            if known == UNKNOWN:
                continue
            contig = self._bundle.manifest.contigs[known]
            if contig.name.encode() != name:
                self._notes.add(
                    Kind.REPAIR, None, f"contig {shown(name)} was read as {contig.name}"
                )
        if not found.is_sorted:
            self._notes.add(Kind.REPAIR, None, "the records were not in order and were sorted")
        self._define(found.header)

    def _define(self, header: Header) -> None:
        for name in sorted(self._fixed.undefined):
            header.add_line(b'##FILTER=<ID=%b,Description="%b">' % (name, _ADDED))
        for column, key in sorted(self._values.undefined):
            header.add_line(
                b'##%b=<ID=%b,Number=.,Type=String,Description="%b">'
                % (column.encode(), key, _ADDED)
            )
        for number, name in enumerate(self._contigs.names):
            if name in header.contigs:
                continue
            known = self._contigs.in_bundle[number]
            length = b""
            if known != UNKNOWN:
                length = b",length=%d" % self._bundle.manifest.contigs[known].length
            header.add_line(b"##contig=<ID=%b%b>" % (name, length))
            self._notes.add(Kind.REPAIR, None, f"contig {shown(name)} was added to the header")
