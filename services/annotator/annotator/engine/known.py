"""Looks up known variants: what the sources of a bundle say of each allele of a block.

A variant is looked up by its minimal form, trimmed of what REF and ALT share; so are the sources'
rows, when a bundle is built.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from annotator.alleles import trimmed
from annotator.bundle import Bundle, KnownField
from annotator.engine.known_source import Source
from annotator.engine.records import ALT, REF, SEQUENCE, Contigs, Rows, Status
from annotator.engine.table import Bytes, Flags, Offsets, Spans, distinct

Moved = dict[int, tuple[int, bytes, list[bytes]]]
"""Rows that were left-aligned or trimmed: their position, REF and alternate alleles then."""


class Allele(NamedTuple):
    """An allele to be looked up, in its minimal form; ``number`` is its place in ALT, from 0."""

    row: int
    number: int
    position: int
    ref: bytes
    alt: bytes


class KnownVariants:
    """What the sources of a bundle say of the variants of a file, which come block by block."""

    def __init__(self, bundle: Bundle, contigs: Contigs) -> None:
        self._names = [contig.name.encode() for contig in bundle.manifest.contigs]
        self._contigs = contigs
        self._sources = [
            Source(bundle.folder / source.file, len(source.fields))
            for source in bundle.manifest.known
        ]
        self._fields = [source.fields for source in bundle.manifest.known]

    def said_of(self, rows: Rows, moved: Moved) -> dict[int, list[bytes]]:
        """The values of all fields, empty where missing, of each row of which one is known."""
        queries = _Queries.of(rows, moved)
        in_bundle = np.array(self._contigs.in_bundle, dtype=np.int64)[rows.contigs[queries.rows]]
        said: dict[int, list[bytes]] = {}
        before = 0
        for source, fields in zip(self._sources, self._fields, strict=True):
            for row, values in self._said_by(source, fields, queries, in_bundle).items():
                mine = said.setdefault(row, [])
                mine += [b""] * (before - len(mine))
                mine += values
            before += len(fields)
        for mine in said.values():
            mine.extend([b""] * (before - len(mine)))
        return said

    def _said_by(
        self, source: Source, fields: Sequence[KnownField], queries: _Queries, in_bundle: Offsets
    ) -> dict[int, list[bytes]]:
        """The values of one source, by row."""
        said: dict[int, list[bytes]] = {}
        several: dict[int, dict[int, bytes]] = {}
        alternates_of: dict[int, int] = {}
        for number in distinct(in_bundle):
            some = queries.of_contig(in_bundle == number)
            found = source.find(self._names[number], some.positions, some.text, some.spans)
            for indexes, texts in found:
                for row, allele, alternates, text in zip(
                    some.rows[indexes].tolist(),
                    some.alleles[indexes].tolist(),
                    some.alternates[indexes].tolist(),
                    texts,
                    strict=True,
                ):
                    # The first line of a source counts.
                    if alternates > 1:
                        several.setdefault(row, {}).setdefault(allele, text)
                        alternates_of[row] = alternates
                    elif row not in said:
                        values = text.split(b"\t")
                        said[row] = [_of(v) for v in values] if b"." in values else values
        for row, alleles in several.items():
            said[row] = _values(fields, alleles, alternates_of[row])
        return said


def _of(value: bytes) -> bytes:
    return b"" if value == b"." else value


def _values(fields: Sequence[KnownField], said: dict[int, bytes], alternates: int) -> list[bytes]:
    """The values of a row of several alleles; one for each where a field's Number is A."""
    values = []
    for n, field in enumerate(fields):
        of = {allele: _of(text.split(b"\t")[n]) for allele, text in sorted(said.items())}
        if field.number == "A" and any(of.values()):
            values.append(b",".join(of.get(allele) or b"." for allele in range(alternates)))
        else:
            values.append(next(filter(None, of.values()), b""))
    return values


@dataclass(frozen=True, slots=True)
class _Queries:
    """Alleles to be looked up, by position; ``spans`` are their REF, a tab and ALT in ``text``."""

    rows: Offsets
    alleles: Offsets
    alternates: Offsets
    positions: Offsets
    text: Bytes
    spans: Spans

    def of_contig(self, chosen: Flags) -> _Queries:
        """Those that are chosen; nearly always all."""
        if chosen.all():
            return self
        return _Queries(
            self.rows[chosen],
            self.alleles[chosen],
            self.alternates[chosen],
            self.positions[chosen],
            self.text,
            self.spans[chosen],
        )

    @classmethod
    def of(cls, rows: Rows, moved: Moved) -> _Queries:
        """Those of the records that can be judged."""
        table = rows.table
        judged = rows.status == Status.JUDGED
        by_hand = list(_by_hand(rows, moved, judged))
        plain = judged & rows.is_normal
        plain[list(rows.odd)] = False
        chosen = np.flatnonzero(plain)
        texts = [allele.ref + b"\t" + allele.alt for allele in by_hand]
        ends = len(table.bytes) + np.cumsum([0, *map(len, texts)], dtype=np.int64)
        numbers = np.array(
            [(allele.row, allele.number, allele.position) for allele in by_hand], dtype=np.int64
        ).reshape(-1, 3)
        positions = np.concatenate([rows.positions[chosen], numbers[:, 2]])
        order = np.argsort(positions, kind="stable")
        refs, alts = table.column(REF), table.column(ALT)
        of = np.concatenate([chosen, numbers[:, 0]])[order]
        return cls(
            of,
            np.concatenate([np.zeros(len(chosen), dtype=np.int64), numbers[:, 1]])[order],
            rows.alternates[of],
            positions[order],
            np.concatenate([table.bytes, np.frombuffer(b"".join(texts), dtype=np.uint8)]),
            Spans(
                np.concatenate([refs.starts[chosen], ends[:-1]])[order],
                np.concatenate([alts.ends[chosen], ends[1:]])[order],
            ),
        )


def _by_hand(rows: Rows, moved: Moved, judged: Flags) -> Iterator[Allele]:
    """The alleles of rows that are not one change in its minimal form as it stands."""
    table = rows.table
    refs, alts = table.column(REF), table.column(ALT)
    for row in {*np.flatnonzero(~rows.is_normal).tolist(), *rows.odd}:
        if not judged[row]:
            continue
        position = int(rows.positions[row])
        ref = table.text[refs.starts[row] : refs.ends[row]]
        alleles = table.text[alts.starts[row] : alts.ends[row]].split(b",")
        position, ref, alleles = moved.get(row, (position, ref, alleles))
        for number, alt in enumerate(alleles):
            if SEQUENCE.fullmatch(alt):
                yield Allele(row, number, *trimmed(position, ref, alt))
