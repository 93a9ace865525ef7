"""Annotates a part of a file: each block passes validation, consequences, look-ups and writers once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from annotator.bundle import Bundle
from annotator.consequences.engine import Engine
from annotator.consequences.pick import Selection
from annotator.known.csq_columns import csq_columns
from annotator.known.lookup import KnownVariants
from annotator.known.pathogenicity import Pathogenicity
from annotator.normalize.allele_frame import allele_frame
from annotator.output import info, table
from annotator.output.tags import Tags, known_fields
from annotator.report.summary import Summary
from annotator.validate.findings import Survey
from annotator.validate.records import Contigs, Examiner, Rows
from annotator.validate.reference import Reference
from annotator.vcf import bgzf
from annotator.vcf.part_reader import Part, tables
from annotator.vcf.reading import Input

Tick = Callable[[float, int], None]

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

    def run(self, part: Part, tick: Tick) -> DonePart:
        """Annotate all records of the part. Raises Rejected."""
        work = self._work
        source = Input(work.source, work.max_bytes)
        done = 0
        with (
            bgzf.Writer(work.folder / f"part{part.number}.vcf", LEVEL) as vcf,
            bgzf.Writer(work.folder / f"part{part.number}.tsv", LEVEL) as tsv,
        ):
            for block in tables(source, part, work.found.header.columns):
                rows = self._examiner.examine(block, int)
                self._block(rows, vcf, tsv)
                done += block.rows
                tick(source.consumed, done)
            vcf.flush()
            tsv.flush()
        return DonePart(part.number, self._summary, self._unanswered)

    def _block(self, rows: Rows, vcf: bgzf.Writer, tsv: bgzf.Writer) -> None:
        known = self._known.find(rows)
        entries = self._entries(rows, known)
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
        text, _ = info.with_info(rows, added)
        vcf.write(text)
        tsv.write(table.lines(rows, entries, known, [field.id for field in self._known_fields]))

    def _entries(self, rows: Rows, known: pl.DataFrame) -> pl.DataFrame:
        """The entries of CSQ, with ``row`` and ``allele`` of the record in the block."""
        work = self._work
        alleles = allele_frame(rows, self._contigs, work.bundle)
        given = alleles.select("contig", "pos", "ref", "alt", record="row")
        answer = work.engine.annotate(given, work.transcripts)
        self._unanswered.update(answer.unanswered["reason"].to_list())
        places = alleles.select("row", "allele")[answer.rows["row"].to_numpy()]
        entries = answer.rows.drop("row").hstack(places)
        entries = entries.with_columns(ALLELE_NUM=pl.col("allele").cast(pl.String))
        columns = csq_columns(known, work.bundle)
        if columns.width == 2:  # the bundle's sources fill no field of CSQ
            return entries
        return entries.join(columns, on=["row", "allele"], how="left", maintain_order="left")
