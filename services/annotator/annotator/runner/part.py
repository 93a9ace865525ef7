"""Annotates a part of a file: each block passes validation, consequences, look-ups and writers once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from annotator.bundle import Bundle
from annotator.consequences.engine import Engine
from annotator.consequences.genome import Genome
from annotator.consequences.pick import Selection
from annotator.haplotypes.finder import Block, HaplotypeFinder
from annotator.known.csq_columns import csq_columns
from annotator.known.lookup import KnownVariants
from annotator.known.pathogenicity import Pathogenicity
from annotator.normalize.allele_frame import allele_frame
from annotator.output import info, table
from annotator.output.tags import HAPLO, Tags, known_fields
from annotator.report.summary import Summary
from annotator.runner.structural import StructuralVariants
from annotator.validate.findings import Survey
from annotator.validate.records import Contigs, Examiner, Rows
from annotator.validate.reference import Reference
from annotator.vcf import bgzf
from annotator.vcf.part_reader import Part, tables
from annotator.vcf.reading import Input

Tick = Callable[[float, int], None]

_KEYS = 2  # row and allele
_ROWS_TOGETHER = 20_000
LEVEL = 4
"""Of compression: more saves little and takes much longer."""


@dataclass(frozen=True)
class Work:
    """What every part needs to know. ``csq_fields`` are those of CSQ in this result."""

    engine: Engine
    bundle: Bundle
    folder: Path
    source: Path
    max_bytes: int
    found: Survey
    tags: Tags
    csq_fields: tuple[str, ...]
    transcripts: Selection


@dataclass
class DonePart:
    """A part that is annotated: its number, what was counted, alleles without an answer by reason."""

    number: int
    summary: Summary
    unanswered: Counter[str] = field(default_factory=Counter)


class PartAnnotator:
    """Annotates one part into ``partN.vcf`` and ``partN.tsv``, which have no headers."""

    def __init__(self, work: Work, summary: Summary) -> None:
        self._work = work
        self._summary = summary
        self._unanswered: Counter[str] = Counter()
        contigs = work.found.contigs
        self._contigs: Contigs = contigs
        self._examiner = Examiner(work.bundle, Reference(work.bundle), contigs)
        self._known = KnownVariants(work.bundle, contigs)
        self._known_fields = known_fields(work.bundle)
        self._pathogenicity = Pathogenicity(work.bundle)
        self._structural = StructuralVariants(work.engine, contigs, work.bundle, work.transcripts)
        self._haplotypes = HaplotypeFinder(
            work.engine, Genome(work.bundle.reference).named_sequence, work.found.header
        )

    def run(self, part: Part, tick: Tick) -> DonePart:
        """Annotate all records of the part. Raises Rejected."""
        work = self._work
        source = Input(work.source, work.max_bytes)
        done = 0
        with (
            bgzf.Writer(work.folder / f"part{part.number}.vcf", LEVEL) as vcf,
            bgzf.Writer(work.folder / f"part{part.number}.tsv", LEVEL) as tsv,
        ):
            for group in self._groups(source, part):
                self._annotate(group, vcf, tsv)
                done += sum(rows.table.rows for rows in group)
                tick(source.consumed, done)
            self._write_blocks(self._haplotypes.rest(), vcf, tsv)
            vcf.flush()
            tsv.flush()
        self._summary.haplotypes.update(self._haplotypes.counts)
        self._summary.structural.update(self._structural.counts)
        return DonePart(part.number, self._summary, self._unanswered)

    def _groups(self, source: Input, part: Part) -> Iterator[list[Rows]]:
        """Blocks that are annotated together: enough of them to be worth an engine's while."""
        group: list[Rows] = []
        for block in tables(source, part, self._work.found.header.columns):
            group.append(self._examiner.examine(block, int))
            if sum(rows.table.rows for rows in group) >= _ROWS_TOGETHER:
                yield group
                group = []
        if group:
            yield group

    def _annotate(self, group: list[Rows], vcf: bgzf.Writer, tsv: bgzf.Writer) -> None:
        self._write_blocks(self._haplotypes.add(self._blocks(group)), vcf, tsv)

    def _write_blocks(self, blocks: list[Block], vcf: bgzf.Writer, tsv: bgzf.Writer) -> None:
        for block in blocks:
            known = self._known.find(block.rows)
            self._write(
                block, _with_known(block.entries, known, self._work.bundle), known, vcf, tsv
            )

    def _blocks(self, group: list[Rows]) -> list[Block]:
        """The entries of CSQ of each block, with ``row`` and ``allele`` of the record in it."""
        work = self._work
        frames = [allele_frame(rows, self._contigs, work.bundle) for rows in group]
        starts = np.cumsum([0, *(rows.table.rows for rows in group)])
        together = pl.concat(
            frame.with_columns(record=pl.col("row") + int(start))
            for frame, start in zip(frames, starts[:-1], strict=True)
        )
        given = together.select("contig", "pos", "ref", "alt", "record")
        answer = work.engine.annotate(given, work.transcripts)
        self._unanswered.update(answer.unanswered["reason"].to_list())
        at = answer.rows["row"].to_numpy()
        places = together.select("row", "allele")[at]
        entries = answer.rows.drop("row").hstack(places)
        entries = entries.with_columns(ALLELE_NUM=pl.col("allele").cast(pl.String))
        edges = np.searchsorted(at, np.cumsum([0, *(frame.height for frame in frames)]))
        cut = [entries[int(a) : int(b)] for a, b in pairwise(edges)]
        cut = [self._structural.added(*one) for one in zip(group, cut, strict=True)]
        return [Block(*of_block) for of_block in zip(group, frames, cut, strict=True)]

    def _write(
        self,
        block: Block,
        entries: pl.DataFrame,
        known: pl.DataFrame,
        vcf: bgzf.Writer,
        tsv: bgzf.Writer,
    ) -> None:
        rows = block.rows
        self._summary.count(rows)
        self._summary.count_entries(entries)
        self._summary.count_pathogenic(self._pathogenicity.records(known))
        added = info.additions(
            entries,
            known,
            self._work.csq_fields,
            self._known_fields,
            self._work.tags.names,
            rows.alternates,
        )
        added = info.with_haplo(added, block.haplo, self._work.tags.names[HAPLO])
        text, _ = info.with_info(rows, added)
        vcf.write(text)
        tsv.write(table.lines(rows, entries, known, [field.id for field in self._known_fields]))


def _with_known(entries: pl.DataFrame, known: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    """The entries with what the bundle's sources say of their alleles."""
    columns = csq_columns(known, bundle)
    if columns.width == _KEYS:
        return entries
    return entries.join(columns, on=["row", "allele"], how="left", maintain_order="left")
