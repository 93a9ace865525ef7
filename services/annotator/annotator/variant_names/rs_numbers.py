"""Which alleles of a bundle's known variants have an rs number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from annotator.bundle import Bundle, KnownSource
from annotator.vcf import bgzf
from annotator.vcf.columns import Offsets, Spans, Table

Allele = tuple[str, int, str, str]
"""Contig, 1-based position, REF, ALT; trimmed and left-aligned."""

_ALLELE_COLUMNS = 4
_CHUNK_BYTES = 1 << 22
_MOST_DIGITS = 12
_MOST_ALLELES = 1_000


def sources_of(bundle: Bundle) -> list[tuple[KnownSource, int]]:
    """The sources whose rows have rs numbers, and the column of those, from 0."""
    return [
        (source, _ALLELE_COLUMNS + number)
        for source in bundle.manifest.known
        if source.match == "allele"
        for number, field in enumerate(source.fields)
        if field.csq == "Existing_variation"
    ]


def find(
    bundle: Bundle, wanted: set[int], tick: Callable[[float], None]
) -> dict[int, list[Allele]]:
    """The alleles of each wanted number that the bundle knows; ``tick`` gets the share read.

    The sources are read from end to end, some four million rows a second.
    """
    found: dict[int, list[Allele]] = defaultdict(list)
    numbers = np.array(sorted(wanted), dtype=np.int64)
    sources = sources_of(bundle) if wanted else []
    for done, (source, column) in enumerate(sources):
        width = _ALLELE_COLUMNS + len(source.fields)
        for share, text in _chunks(bundle.folder / source.file):
            _look(Table(text, width), column, numbers, found)
            tick((done + share) / len(sources))
    return found


def _look(table: Table, column: int, wanted: Offsets, found: dict[int, list[Allele]]) -> None:
    names = table.column(column)
    has_prefix = (table.begins(names, b"rs") | table.begins(names, b"RS")).astype(np.int64)
    digits = Spans(names.starts + 2 * has_prefix, names.ends)
    values, is_other = table.numbers(digits, _MOST_DIGITS)
    at = np.minimum(np.searchsorted(wanted, values), len(wanted) - 1)
    rows = np.flatnonzero(~is_other & (wanted[at] == values))
    pairs = list(zip(rows.tolist(), values[rows].tolist(), strict=True))
    known = set(wanted.tolist())
    for row in np.flatnonzero(is_other & (names.lengths > 1)).tolist():  # several names in one row
        told = table.text[names.starts[row] : names.ends[row]]
        pairs += [(row, number) for number in _numbers(told) if number in known]
    for row, number in sorted(pairs):
        line = table.text[table.starts[row] : table.ends[row]].decode()
        contig, position, ref, alt = line.split("\t", _ALLELE_COLUMNS)[:_ALLELE_COLUMNS]
        allele = contig, int(position), ref, alt
        if allele not in found[number] and len(found[number]) < _MOST_ALLELES:
            found[number].append(allele)


def _numbers(told: bytes) -> Iterator[int]:
    for part in told.replace(b"|", b",").replace(b"&", b",").replace(b";", b",").split(b","):
        digits = part.removeprefix(b"rs")
        if digits.isdigit():
            yield int(digits)


def _chunks(path: Path) -> Iterator[tuple[float, bytes]]:
    """The share of the file that was read, and whole lines of it."""
    size = path.stat().st_size
    parts: list[bytes] = []
    length = 0
    with path.open("rb") as file:
        for _, text in bgzf.blocks(file):
            parts.append(text)
            length += len(text)
            if length >= _CHUNK_BYTES:
                joined = b"".join(parts)
                end = joined.rfind(b"\n") + 1
                yield file.tell() / size, joined[:end]
                parts, length = [joined[end:]], len(joined) - end
    yield 1.0, b"".join(parts)
