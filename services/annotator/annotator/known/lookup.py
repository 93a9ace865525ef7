"""Looks up known variants: what the sources of a bundle say of each allele of a block.

A variant is looked up by its minimal form, trimmed of what REF and ALT share; so are the sources'
rows, when a bundle is built. Sources that match by gene are in ``gene_tables``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from annotator.bundle import Bundle, KnownField, KnownSource
from annotator.known.combining import combined
from annotator.known.regions import Regions
from annotator.known.source import Found, Source
from annotator.normalize.left_alignment import LeftAligner
from annotator.validate.contigs import Contigs
from annotator.validate.records import SEQUENCE
from annotator.validate.rows import Rows
from annotator.validate.status import Status
from annotator.vcf.columns import ALT, REF, UPPER, Bytes, Flags, Offsets, Spans, distinct


class Allele(NamedTuple):
    """An allele to be looked up, in its minimal form; ``number`` is its place in ALT, from 0."""

    row: int
    number: int
    position: int
    ref: bytes
    alt: bytes


class KnownVariants:
    """What the sources of a bundle contain of the variants of a file, which come block by block."""

    def __init__(self, bundle: Bundle, contigs: Contigs) -> None:
        self._names = [contig.name for contig in bundle.manifest.contigs]
        self._contigs = contigs
        self._aligner = LeftAligner(bundle.reference)
        self._sources = [
            (_opened(bundle, source), source.fields)
            for source in bundle.manifest.known
            if source.match != "gene"
        ]

    @staticmethod
    def nothing(bundle: Bundle) -> pl.DataFrame:
        """What ``find`` returns where nothing is known."""
        fields = [field.id for source in bundle.manifest.known for field in source.fields]
        return pl.DataFrame(
            schema={"row": pl.Int64, "allele": pl.Int64} | dict.fromkeys(fields, pl.String)
        )

    def find(self, rows: Rows) -> pl.DataFrame:
        """The known alleles of a block, sorted by record and allele.

        ``row`` is the record's place in the block, from 0; ``allele`` its number in ALT, from 1.
        The other columns are the fields of all sources, null where a source has no value.
        """
        queries = self._queries(rows)
        in_bundle = np.array(self._contigs.in_bundle, dtype=np.int64)[rows.contigs[queries.rows]]
        found = pl.DataFrame(schema={"row": pl.Int64, "allele": pl.Int64})
        for source, fields in self._sources:
            found = found.join(
                self._of_source(source, fields, queries, in_bundle),
                on=["row", "allele"],
                how="full",
                coalesce=True,
            )
        return found.sort("row", "allele")

    def _of_source(
        self,
        source: Source | Regions,
        fields: Sequence[KnownField],
        queries: _Queries,
        in_bundle: Offsets,
    ) -> pl.DataFrame:
        hits: list[Offsets] = []
        texts: list[bytes] = []
        for number in distinct(in_bundle):
            here = np.flatnonzero(in_bundle == number)
            name = self._names[number].encode()
            for indexes, values in _found(source, name, queries.at(here)):
                hits.append(here[indexes])
                texts += values
        at = np.concatenate(hits) if hits else np.zeros(0, dtype=np.int64)
        names = [field.id for field in fields]
        lines = pl.Series(texts, dtype=pl.Binary).cast(pl.String)
        columns = lines.str.split_exact("\t", len(names) - 1).struct.rename_fields(names)
        keys = pl.DataFrame({"row": queries.rows[at], "allele": queries.alleles[at] + 1})
        frame = keys.hstack(columns.struct.unnest()).with_columns(
            pl.when(pl.col(name) != ".").then(pl.col(name)) for name in names
        )
        if isinstance(source, Source):  # its first line counts
            return frame.unique(["row", "allele"], keep="first", maintain_order=True)
        if not keys.is_duplicated().any():
            return frame
        return frame.group_by("row", "allele", maintain_order=True).agg(map(combined, fields))

    def _queries(self, rows: Rows) -> _Queries:
        judged = rows.status == Status.JUDGED
        table = rows.table
        refs, alts = table.column(REF), table.column(ALT)
        found = []
        for row in {*np.flatnonzero(~rows.is_normal & judged).tolist(), *rows.odd}:
            if not judged[row]:
                continue
            contig = self._names[self._contigs.in_bundle[int(rows.contigs[row])]]
            ref = table.text[refs.starts[row] : refs.ends[row]]
            alleles = table.text[alts.starts[row] : alts.ends[row]].split(b",")
            for number, alt in enumerate(alleles):
                if SEQUENCE.fullmatch(alt):
                    position = int(rows.positions[row])
                    normal = self._aligner.normal(contig, position, ref, alt)
                    found.append(Allele(row, number, *normal))
        return _Queries.of(rows, found, judged)


def _opened(bundle: Bundle, source: KnownSource) -> Source | Regions:
    kind = Source if source.match == "allele" else Regions
    return kind(bundle.folder / source.file, len(source.fields))


def _found(source: Source | Regions, contig: bytes, queries: _Queries) -> Iterator[Found]:
    """The numbers of queries of one contig that the source knows, and what it says of each."""
    if isinstance(source, Source):
        yield from source.find(contig, queries.positions, queries.text, queries.spans)
        return
    firsts, lasts = queries.changed()
    order = np.argsort(firsts, kind="stable")
    for indexes, values in source.find(contig, firsts[order], lasts[order]):
        yield order[indexes], values


@dataclass(frozen=True, slots=True)
class _Queries:
    """Alleles to be looked up, by position; ``spans`` are their REF, a tab and ALT in ``text``."""

    rows: Offsets
    alleles: Offsets
    positions: Offsets
    ref_lengths: Offsets
    text: Bytes
    spans: Spans

    def changed(self) -> tuple[Offsets, Offsets]:
        """First and last of the bases that each changes, 1-based; of an insertion, both beside it.

        A first base that REF and ALT share does not change.
        """
        refs = self.text.take(self.spans.starts)
        alts = self.text.take(self.spans.starts + self.ref_lengths + 1)
        is_shared = UPPER.take(refs) == UPPER.take(alts)
        lasts = self.positions + self.ref_lengths - 1
        is_insertion = is_shared & (self.ref_lengths == 1)
        return self.positions + (is_shared & ~is_insertion), lasts + is_insertion

    def at(self, chosen: Offsets) -> _Queries:
        """Some of them."""
        return _Queries(
            self.rows[chosen],
            self.alleles[chosen],
            self.positions[chosen],
            self.ref_lengths[chosen],
            self.text,
            self.spans[chosen],
        )

    @classmethod
    def of(cls, rows: Rows, by_hand: Sequence[Allele], judged: Flags) -> _Queries:
        """Those of the records that can be judged; ``by_hand`` are not as they stand there."""
        table = rows.table
        plain = judged & rows.is_normal
        plain[list(rows.odd)] = False
        chosen = np.flatnonzero(plain)
        texts = [allele.ref + b"\t" + allele.alt for allele in by_hand]
        ref_lengths = np.array([len(allele.ref) for allele in by_hand], dtype=np.int64)
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
            positions[order],
            np.concatenate([refs.lengths[chosen], ref_lengths])[order],
            np.concatenate([table.bytes, np.frombuffer(b"".join(texts), dtype=np.uint8)]),
            Spans(
                np.concatenate([refs.starts[chosen], ends[:-1]])[order],
                np.concatenate([alts.ends[chosen], ends[1:]])[order],
            ),
        )
