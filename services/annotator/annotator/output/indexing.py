"""The tabix index of a result, made from what is known of its records as they are written.

htslib would read the whole file again, after its end, on one core. Format: "The Tabix index file
format" (tabix.pdf of the SAM specifications); bins and windows: section 5 of SAMv1.pdf.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from annotator.known.tabix import MAGIC, WINDOW_BITS
from annotator.validate.findings import Survey
from annotator.validate.records import FORMAT, REF, Rows
from annotator.vcf import bgzf
from annotator.vcf.columns import TAB, Offsets, Spans, Table

_LEVELS = ((14, 4681), (17, 585), (20, 73), (23, 9), (26, 1))
"""For each size of bin, as bits of a position: the number of the first one."""
_FARTHEST = 1 << 29
_COUNTS_BIN = 37450
_SETTINGS = (2, 1, 2, 0, ord("#"), 0)
"""VCF; the columns of contig and position; no column of an end; what comments begin with."""
_POSITION_DIGITS = 10
_VALUES = re.compile(rb"[0-9,.+-]*")
_BLOCK_LENGTH = re.compile(rb"^(?:[^\t\n]*\t){8}(?:[^\t\n]*:)?LEN[:\t][^\n]*", re.MULTILINE)
_NUMBER = re.compile(rb"[0-9]{1,10}")


class Reaching(NamedTuple):
    """Whether records of a file may reach farther than their REF: by END or SVLEN, or by LEN."""

    by_info: bool
    by_format: bool

    @classmethod
    def of(cls, found: Survey) -> Reaching:
        """Whether the header or the records of that file have these keys."""
        undefined = found.undefined_keys
        info = {*found.header.info, *(key for column, key in undefined if column == "INFO")}
        return cls(
            bool({b"END", b"SVLEN"} & info),
            b"LEN" in found.header.format or ("FORMAT", b"LEN") in undefined,
        )


@dataclass
class Places:
    """Where the records of a part lie in its text, by bin and by window, contigs by their name.

    ``bins`` holds, in order of the text, runs of records in one bin: contig, bin, begin, end;
    ``windows`` contig, window and the first record that reaches into it; ``counts`` records.
    """

    reaching: Reaching
    bins: list[tuple[bytes, int, int, int]] = field(default_factory=list)
    windows: list[tuple[bytes, int, int]] = field(default_factory=list)
    counts: dict[bytes, int] = field(default_factory=dict)
    reached: tuple[bytes, int] = (b"", -1)

    def add(self, rows: Rows, names: list[bytes], starts: Offsets, end: int) -> None:
        """Add a block of records: where each starts in the text, and where the last ends."""
        begins = np.clip(rows.positions - 1, 0, _FARTHEST - 1)
        ends = np.clip(_ends(rows, self.reaching), begins + 1, _FARTHEST)
        bins = _bins(begins, ends)
        contigs = rows.contigs
        behind = np.append(starts[1:], end)
        changes = np.flatnonzero((np.diff(bins) != 0) | (np.diff(contigs) != 0)) + 1
        firsts, lasts = np.append(0, changes), np.append(changes, len(bins)) - 1
        for contig, bin, begin, over in zip(
            contigs[firsts].tolist(),
            bins[firsts].tolist(),
            starts[firsts].tolist(),
            behind[lasts].tolist(),
            strict=True,
        ):
            self.bins.append((names[contig], bin, begin, over))
        edges = np.flatnonzero(np.diff(contigs)) + 1
        for some in np.split(np.arange(len(contigs)), edges):
            name = names[int(contigs[some[0]])]
            self.counts[name] = self.counts.get(name, 0) + len(some)
            self._windows(name, begins[some], ends[some], starts[some])

    def _windows(self, name: bytes, begins: Offsets, ends: Offsets, starts: Offsets) -> None:
        first, last = begins >> WINDOW_BITS, (ends - 1) >> WINDOW_BITS
        reached = self.reached[1] if self.reached[0] == name else -1
        before = np.maximum.accumulate(np.append(reached, last))
        new = np.maximum(first, before[:-1] + 1)
        for record in np.flatnonzero(new <= last).tolist():
            for window in range(int(new[record]), int(last[record]) + 1):
                self.windows.append((name, window, int(starts[record])))
        self.reached = (name, int(before[-1]))


def _ends(rows: Rows, reaching: Reaching) -> Offsets:
    """Behind the last base of each record, from 0; at least what a reader may make of it."""
    ends = rows.positions - 1 + rows.table.column(REF).lengths
    if reaching.by_info:
        table = rows.table
        equals = np.flatnonzero(table.bytes[: len(table.text)] == ord("="))
        _by_end(table, equals, ends)
        _by_length(rows, equals, ends)
    if reaching.by_format:
        _by_blocks(rows, ends)
    return ends


def _values_of(table: Table, key: bytes, equals: Offsets) -> Offsets:
    """Where values of that key of INFO begin, of all places of an equals sign."""
    found = equals[table.bytes.take(equals - 1) == key[-1]]
    begins = Spans(found - len(key), found)
    before = table.bytes.take(begins.starts - 1)
    is_key = table.begins(begins, key) & ((before == ord(";")) | (before == TAB))
    values: Offsets = found[is_key] + 1
    return values


def _by_end(table: Table, equals: Offsets, ends: Offsets) -> None:
    begins = _values_of(table, b"END", equals)
    numbers, _ = table.leading_numbers(Spans(begins, begins + _POSITION_DIGITS))
    np.maximum.at(ends, np.searchsorted(table.ends, begins), numbers)


def _by_length(rows: Rows, equals: Offsets, ends: Offsets) -> None:
    table = rows.table
    begins = _values_of(table, b"SVLEN", equals)
    for begin, row in zip(
        begins.tolist(), np.searchsorted(table.ends, begins).tolist(), strict=True
    ):
        values = _VALUES.match(table.text, begin)
        most = max(map(int, _NUMBER.findall(values[0])), default=0) if values else 0
        ends[row] = max(int(ends[row]), int(rows.positions[row]) + most)


def _by_blocks(rows: Rows, ends: Offsets) -> None:
    """By LEN of the samples: the blocks of a gVCF, from VCF 4.5 on."""
    for found in _BLOCK_LENGTH.finditer(rows.table.text):
        row = int(np.searchsorted(rows.table.ends, found.start()))
        columns = found[0].split(b"\t")
        place = columns[FORMAT].split(b":").index(b"LEN")
        values = b" ".join(
            value
            for sample in columns[FORMAT + 1 :]
            for value in sample.split(b":")[place : place + 1]
        )
        most = max(map(int, _NUMBER.findall(values)), default=0)
        ends[row] = max(int(ends[row]), int(rows.positions[row]) - 1 + most)


def _bins(begins: Offsets, ends: Offsets) -> Offsets:
    """The smallest bin that holds each stretch."""
    bins = np.zeros(len(begins), dtype=np.int64)
    open_ = np.ones(len(begins), dtype=np.bool_)
    for bits, first in _LEVELS:
        same = open_ & (begins >> bits == (ends - 1) >> bits)
        bins[same] = first + (begins[same] >> bits)
        open_ &= ~same
    return bins


class Index:
    """The index of a file that is put together from parts."""

    def __init__(self) -> None:
        self._bins: dict[bytes, dict[int, list[list[int]]]] = {}
        self._windows: dict[bytes, dict[int, int]] = {}
        self._counts: dict[bytes, int] = {}

    def add(self, places: Places, blocks: list[int], base: int) -> None:
        """Add a part, whose blocks begin at ``blocks`` (and end at the last) behind ``base``."""

        def virtual(at: int) -> int:
            block, inside = divmod(at, bgzf.BLOCK_BYTES)
            return (base + blocks[block]) << 16 | inside

        for name, bin, begin, end in places.bins:
            chunks = self._bins.setdefault(name, {}).setdefault(bin, [])
            if chunks and chunks[-1][1] >> 16 >= virtual(begin) >> 16:
                chunks[-1][1] = virtual(end)
            else:
                chunks.append([virtual(begin), virtual(end)])
        for name, window, begin in places.windows:
            self._windows.setdefault(name, {}).setdefault(window, virtual(begin))
        for name, count in places.counts.items():
            self._counts[name] = self._counts.get(name, 0) + count

    def write(self, path: Path) -> None:
        """Write the ``.tbi``."""
        names = b"".join(name + b"\x00" for name in self._bins)
        pieces = [MAGIC, struct.pack("<8i", len(self._bins), *_SETTINGS, len(names)), names]
        for name, bins in self._bins.items():
            pieces.append(struct.pack("<i", len(bins) + 1))
            for bin, chunks in sorted(bins.items()):
                pieces.append(struct.pack("<Ii", bin, len(chunks)))
                pieces += [struct.pack("<QQ", *chunk) for chunk in chunks]
            begin = min(chunk[0] for chunks in bins.values() for chunk in chunks)
            end = max(chunk[1] for chunks in bins.values() for chunk in chunks)
            pieces.append(struct.pack("<IiQQQQ", _COUNTS_BIN, 2, begin, end, self._counts[name], 0))
            windows = _filled(self._windows[name])
            pieces.append(struct.pack(f"<i{len(windows)}Q", len(windows), *windows))
        pieces.append(struct.pack("<Q", 0))
        with bgzf.Writer(path) as out:
            out.write(b"".join(pieces))
            out.end()


def _filled(windows: dict[int, int]) -> list[int]:
    """All windows up to the last: those without a record begin where the next one does."""
    filled: list[int] = []
    for window, begin in sorted(windows.items()):
        filled += [begin] * (window + 1 - len(filled))
    return filled
