"""Annotates a part of a file: each block is checked, judged, looked up and written once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from annotator.bundle import Bundle
from annotator.consequences.csq_format import fields_of
from annotator.consequences.engine import Engine
from annotator.consequences.pick import Selection
from annotator.known.csq_columns import csq_columns
from annotator.known.lookup import KnownVariants
from annotator.known.pathogenicity import Pathogenicity
from annotator.normalize.allele_frame import SCHEMA, allele_frame
from annotator.normalize.info_keys import Renamer
from annotator.output import info, table
from annotator.output.tags import Tags, known_fields
from annotator.report.summary import Summary
from annotator.report.unanswered import Unanswered
from annotator.runner import chunks
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
    """What every part needs to know."""

    engine: Engine
    bundle: Bundle
    folder: Path
    source: Path
    max_bytes: int
    found: Survey
    tags: Tags
    transcripts: Selection


@dataclass
class DonePart:
    """A part that is annotated: its number, what was counted, what the engine had no answer to.

    ``csq_fields`` are those of CSQ in this result.
    """

    number: int
    summary: Summary
    csq_fields: tuple[str, ...]
    unanswered: Unanswered = field(default_factory=Unanswered)


def csq_fields(engine: Engine, bundle: Bundle) -> tuple[str, ...]:
    """VEP's fields, without those that neither the engine nor the bundle can fill."""
    known = csq_columns(KnownVariants.nothing(bundle), bundle).columns
    nothing = pl.DataFrame(schema=SCHEMA).select("contig", "pos", "ref", "alt", record="row")
    columns = engine.annotate(nothing).rows.columns
    return fields_of([*columns, "ALLELE_NUM", *known])


class PartAnnotator:
    """Annotates one part into ``partN.vcf`` and ``partN.tsv``, which have no headers."""

    def __init__(self, work: Work, summary: Summary) -> None:
        self._work = work
        self._summary = summary
        self._csq_fields = csq_fields(work.engine, work.bundle)
        self._unanswered = Unanswered()
        contigs = work.found.contigs
        self._contigs: Contigs = contigs
        self._renamer = Renamer(work.tags.renamed, work.found.header.columns)
        self._examiner = Examiner(work.bundle, Reference(work.bundle), contigs)
        self._known = KnownVariants(work.bundle, contigs)
        self._known_fields = known_fields(work.bundle)
        self._pathogenicity = Pathogenicity(work.bundle)

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
                self._annotate(group, vcf, tsv, part.first_record + done)
                done += sum(rows.table.rows for rows in group)
                tick(source.consumed, done)
            vcf.flush()
            tsv.flush()
        return DonePart(part.number, self._summary, self._csq_fields, self._unanswered)

    def _groups(self, source: Input, part: Part) -> Iterator[list[Rows]]:
        """Blocks that are annotated together: enough of them to be worth an engine's while."""
        group: list[Rows] = []
        for block in tables(source, part, self._work.found.header.columns):
            group.append(self._examiner.examine(self._renamer.renamed(block), int))
            if sum(rows.table.rows for rows in group) >= _ROWS_TOGETHER:
                yield group
                group = []
        if group:
            yield group

    def _annotate(
        self, group: list[Rows], vcf: bgzf.Writer, tsv: bgzf.Writer, first_record: int
    ) -> None:
        for rows, entries in zip(group, self._entries(group, first_record), strict=True):
            known = self._known.find(rows)
            self._write(rows, _with_known(entries, known, self._work.bundle), known, vcf, tsv)

    def _entries(self, group: list[Rows], first_record: int) -> list[pl.DataFrame]:
        """The entries of CSQ of each block, with ``row`` and ``allele`` of the record in it."""
        work = self._work
        frames = [allele_frame(rows, self._contigs, work.bundle) for rows in group]
        starts = np.cumsum([0, *(rows.table.rows for rows in group)])
        together = pl.concat(
            frame.with_columns(record=pl.col("row") + int(start))
            for frame, start in zip(frames, starts[:-1], strict=True)
        )
        given = together.select("contig", "pos", "ref", "alt", "record")
        answer = chunks.ask(work.engine, given, work.transcripts)
        records = first_record + given["record"].to_numpy()[answer.unanswered["row"].to_numpy()]
        self._unanswered.note(records, answer.unanswered["reason"])
        at = answer.rows["row"].to_numpy()
        places = together.select("row", "allele")[at]
        entries = answer.rows.drop("row").hstack(places)
        entries = entries.with_columns(ALLELE_NUM=pl.col("allele").cast(pl.String))
        edges = np.searchsorted(at, np.cumsum([0, *(frame.height for frame in frames)]))
        return [entries[int(a) : int(b)] for a, b in pairwise(edges)]

    def _write(
        self,
        rows: Rows,
        entries: pl.DataFrame,
        known: pl.DataFrame,
        vcf: bgzf.Writer,
        tsv: bgzf.Writer,
    ) -> None:
        self._summary.count(rows)
        self._summary.count_entries(entries)
        self._summary.count_pathogenic(self._pathogenicity.records(known))
        added = info.additions(
            entries,
            known,
            self._csq_fields,
            known_fields=self._known_fields,
            names=self._work.tags.names,
            alternates=rows.alternates,
        )
        text, _ = info.with_info(rows, added)
        vcf.write(text)
        tsv.write(table.lines(rows, entries, known, [field.id for field in self._known_fields]))


def _with_known(entries: pl.DataFrame, known: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    """The entries with what the bundle's sources say of their alleles."""
    columns = csq_columns(known, bundle)
    if columns.width == _KEYS:
        return entries
    return entries.join(columns, on=["row", "allele"], how="left", maintain_order="left")
