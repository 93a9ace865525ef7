"""The survey of a slice of a file: each block of records is looked at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from annotator.bundle import Bundle
from annotator.diagnostics import Diagnostics, Kind
from annotator.rejection import invalid, too_large
from annotator.rules import records as rules
from annotator.validate.contigs import UNKNOWN, Contigs
from annotator.validate.entries import LARGEST_INTEGER
from annotator.validate.findings import Cut, Survey
from annotator.validate.fixed_columns import FixedColumns
from annotator.validate.records import Examiner
from annotator.validate.reference import Reference
from annotator.validate.respelled import respelled
from annotator.validate.rows import Rows
from annotator.validate.status import RULE_OF, WHY, Status
from annotator.validate.values import Values
from annotator.vcf.blocks import Block
from annotator.vcf.columns import REF, Table, UnevenColumns, count_lines
from annotator.vcf.header import Header
from annotator.vcf.identifiers import is_chromosome, is_symbol
from annotator.vcf.reading import Input
from annotator.vcf.words import shown

MOST_AT_ONE_POSITION = 10_000
_SAID = {Status.AMBIGUOUS, Status.SAME_AS_REFERENCE}
_LIMITED = {Status.SYMBOLIC, Status.NO_INTERVAL, Status.TELOMERE}

Tick = Callable[[float, int], None]


class SliceSurveyor:
    """Looks at the records of ``source`` that it is given, block by block."""

    def __init__(
        self, source: Input, bundle: Bundle, header: Header, diagnostics: Diagnostics, tick: Tick
    ) -> None:
        self._source = source
        self._bundle = bundle
        self._tick = tick
        self._diagnostics = diagnostics
        self._contigs = Contigs(bundle, header.contigs)
        self._reference = Reference(bundle)
        self._examiner = Examiner(bundle, self._reference, self._contigs)
        self._fixed = FixedColumns(header, diagnostics)
        self._values = Values(header, diagnostics)
        self._at_last = 0
        self._blank = 0
        self._minor_version = header.minor_version
        self._known_symbols = {b"<%b>" % name for name in header.alts}
        self._found = Survey(header, diagnostics, self._contigs)

    def run(self, blocks: Iterable[Block]) -> Survey:
        """What there is to know of these blocks. Raises Rejected with the line of the fault."""
        found = self._found
        last = 1
        for block in blocks:
            last = block.line - 1
            if block.text:
                self._block(block, found)
                found.lines += count_lines(block.text)
                last = block.line + count_lines(block.text) - 1
        self._end(last)
        found.is_seekable = self._source.is_seekable
        found.line_ends = self._source.line_ends
        found.identifiers = self._fixed.identifiers.seen
        found.undefined_filters = self._fixed.undefined
        found.undefined_keys = self._values.undefined
        return found

    def _block(self, block: Block, found: Survey) -> None:
        if b"\x00" in block.text:
            line = block.line + block.text.count(b"\n", 0, block.text.index(b"\x00"))
            raise invalid("There is a NUL byte in this line: the file is damaged.", line, rules.NUL)
        table = self._table(block, found.header.columns)
        if not table.rows:
            return

        def line_of(row: int) -> int:
            return block.line + int(table.lines[row])

        self._blank_lines(table, block.line)
        self._fixed.check(table, line_of)
        named = len(self._contigs.names)
        rows = self._examiner.examine(table, line_of)
        self._name(rows, named, line_of)
        self._positions(rows, line_of)
        self._alleles(rows, line_of)
        self._symbols(rows, line_of)
        self._values.check(rows, line_of)
        repeats = [line_of(row) for row, _ in rows.repeats()]
        text = "the record repeats an earlier one"
        self._diagnostics.breaches(rules.RECORD_TWICE, repeats, text)
        again = [line_of(row) for row in respelled(rows)]
        text = "an allele is also that of an earlier record"
        self._diagnostics.breaches(rules.ALLELE_AGAIN, again, text)
        if found.first is None:
            found.first = (int(rows.contigs[0]), int(rows.positions[0]))
        self._order(rows, line_of, found)
        if found.is_sorted:  # what is not is cut once it was sorted
            self._cuts(block, rows, found)
        self._count(block, rows, found)
        found.records += table.rows
        found.agreeing += rows.agreeing
        self._tick(self._source.consumed, found.records)

    def _blank_lines(self, table: Table, line: int) -> None:
        """Note empty lines above a record; those behind the last are no fault."""
        if table.blank_lines and table.first_blank_line < table.rows:
            self._blank = self._blank or line + table.first_blank_line
        if self._blank:
            text = "empty lines were removed from here on"
            self._diagnostics.add_once(Kind.REPAIR, rules.EMPTY_LINE, self._blank, text)
        elif table.blank_lines:
            self._blank = line + table.first_blank_line

    def _end(self, line: int) -> None:
        if self._source.lacks_last_end and rules.END_OF_LINE.holds(self._minor_version):
            self._diagnostics.breach(rules.END_OF_LINE, line, "the last line has no end")

    def _table(self, block: Block, columns: int) -> Table:
        try:
            return Table(block.text, columns)
        except UnevenColumns as uneven:
            line = block.text.split(b"\n", uneven.line + 1)[uneven.line]
            number = block.line + uneven.line
            if line.startswith(b"#"):
                text = "A header line stands among the records."
                raise invalid(text, number, rules.HEADER_LINE_BELOW) from None
            if uneven.columns == 1 and len(line.split()) >= 8:
                text = "The columns are separated by spaces; VCF needs tabs."
                raise invalid(text, number, rules.COLUMNS) from None
            raise invalid(
                f"{uneven.columns} columns, but the header names {columns}.", number, rules.COLUMNS
            ) from None

    def _name(self, rows: Rows, named: int, line_of: Callable[[int], int]) -> None:
        """Check the contigs that were not named before; ``named`` were."""
        names = self._contigs.names[named:]
        if not names:
            return
        numbers, firsts = np.unique(rows.contigs, return_index=True)
        for number, row in zip(numbers.tolist(), firsts.tolist(), strict=True):
            if number >= named and not is_chromosome(names[number - named], self._minor_version):
                text = f"CHROM: {shown(names[number - named])} cannot be the name of a contig"
                self._diagnostics.breach_once(rules.CHROM_NAME, line_of(row), text)

    def _alleles(self, rows: Rows, line_of: Callable[[int], int]) -> None:
        for row, rule, text in rows.faults:
            # The words for these statuses say the same; of an unknown contig they say only that.
            if Status(int(rows.status[row])) not in _SAID:
                self._diagnostics.breach(rule, line_of(row), text)
        unknown = rows.status == Status.UNKNOWN_CONTIG
        unknown[list(rows.odd)] = False
        same = np.flatnonzero(unknown)
        lines = [line_of(row) for row in same[rows.same_alleles(same)].tolist()]
        self._diagnostics.breaches(rules.ALT_TWICE, lines, "ALT is the same as REF")

    def _positions(self, rows: Rows, line_of: Callable[[int], int]) -> None:
        """Check POS where no status tells of it: it is too large, or the contig is unknown."""
        large = np.flatnonzero(rows.positions > LARGEST_INTEGER).tolist()
        text = "POS is more than 32 bits hold"
        self._diagnostics.breaches(rules.POS_SIZE, [line_of(row) for row in large], text)
        behind = rows.positions > rows.contig_lengths + 1
        behind &= rows.status == Status.UNKNOWN_CONTIG
        text = "POS is beyond the length of the contig in the header"
        lines = [line_of(row) for row in np.flatnonzero(behind).tolist()]
        self._diagnostics.breaches(rules.POS_ON_CONTIG, lines, text)

    def _symbols(self, rows: Rows, line_of: Callable[[int], int]) -> None:
        """Check the symbolic alleles that were not met before."""
        for row, alts in rows.odd.items():
            for alt in alts:
                if alt in self._known_symbols or not (alt[:1] == b"<" and alt[-1:] == b">"):
                    continue
                self._known_symbols.add(alt)
                if not is_symbol(alt[1:-1], self._minor_version):
                    text = f"ALT: {shown(alt)} is no symbolic allele of VCF, nor of the header"
                    self._diagnostics.breach_once(rules.ALT_SYMBOL, line_of(row), text)

    def _order(self, rows: Rows, line_of: Callable[[int], int], found: Survey) -> None:
        contigs = np.append(found.last[0], rows.contigs)
        positions = np.append(found.last[1], rows.positions)
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
        found.last = (int(rows.contigs[-1]), int(rows.positions[-1]))

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
        free = self._bundle.is_between_genes(known, rows.positions, rows.positions)
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
            rule = RULE_OF.get(status)
            self._diagnostics.add_all(kind, lines[at].tolist(), WHY[status], rule)
            if status is Status.OTHER_REFERENCE and not found.mismatch:
                found.mismatch = self._describe(rows, int(at[0]))

    def _describe(self, rows: Rows, row: int) -> str:
        name = self._contigs.names[rows.contigs[row]]
        contig = self._contigs.in_bundle[rows.contigs[row]]
        position = int(rows.positions[row])
        column = rows.table.column(REF)
        ref = rows.table.text[column.starts[row] : column.ends[row]]
        there = self._reference.text(contig, position, len(ref))
        return f"REF {shown(ref)} at {name.decode()}:{position:,}, where the reference has {there}"
