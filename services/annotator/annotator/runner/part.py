"""Annotates a part of a file: each block passes each stage once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import polars as pl

from annotator.bundle import Bundle
from annotator.consequences.csq_format import fields_of
from annotator.consequences.engine import Engine
from annotator.consequences.entries import Entries
from annotator.consequences.genome import Genome
from annotator.haplotypes.finder import Block, HaplotypeFinder
from annotator.known.csq_columns import csq_columns
from annotator.known.gene_tables import GeneTables
from annotator.known.lookup import KnownVariants
from annotator.known.pathogenicity import Pathogenicity
from annotator.normalize.allele_frame import SCHEMA, allele_frame
from annotator.normalize.info_keys import Renamer
from annotator.output import info, table
from annotator.output.ids import with_ids
from annotator.output.parquet.block_table import BlockFacts, BlockTables
from annotator.output.parquet.writer import RowGroups
from annotator.output.tags import HAPLO, known_fields
from annotator.report.summary import Summary
from annotator.report.unanswered import Unanswered
from annotator.runner.chunks import Chunks
from annotator.runner.structural import StructuralVariants
from annotator.runner.work import Tally, Work
from annotator.validate.contigs import Contigs
from annotator.validate.records import Examiner
from annotator.validate.reference import Reference
from annotator.validate.rows import Rows
from annotator.vcf import bgzf
from annotator.vcf.columns import Offsets
from annotator.vcf.part_reader import Part, tables
from annotator.vcf.reading import Input
from annotator.vcf.record_lines import lines_of

Tick = Callable[[float, int], None]

_KEYS = 2  # row and allele
_BYTES_TOGETHER = 32 << 20
_MOST_TEXTS = 1_000
"""Different numbers whose texts are written once; to write a text for each row takes longer."""


def csq_fields(engine: Engine, bundle: Bundle) -> tuple[str, ...]:
    """VEP's fields, without those that neither the engine nor the bundle can fill."""
    known = csq_columns(KnownVariants.nothing(bundle), bundle).columns
    nothing = pl.DataFrame(schema=SCHEMA).select("contig", "pos", "ref", "alt", record="row")
    columns = engine.annotate(nothing).rows.columns
    return fields_of([*columns, "ALLELE_NUM", *known])


@dataclass(frozen=True)
class Outputs:
    """The writers of a part."""

    vcf: bgzf.Writer
    tsv: bgzf.Writer
    parquet: RowGroups


class PartAnnotator:
    """Annotates one part into ``partN.vcf`` and ``partN.tsv``, which have no headers, and
    ``partN.parquet``.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        header, contigs = work.header, work.contigs
        self._summary = Summary.empty(contigs, header.samples, work.bundle)
        self._csq_fields = csq_fields(work.engine, work.bundle)
        self._chunks = Chunks(work.engine, work.transcripts)
        self._unanswered = Unanswered()
        self._contigs: Contigs = contigs
        self._renamer = Renamer(work.tags.renamed, header.columns)
        self._examiner = Examiner(work.bundle, Reference(work.bundle), contigs)
        self._known = KnownVariants(work.bundle, contigs)
        self._genes = GeneTables(work.bundle)
        self._known_fields = known_fields(work.bundle)
        self._pathogenicity = Pathogenicity(work.bundle)
        self._tables = BlockTables(work.bundle, len(header.samples))
        load_models = work.load_models()
        self._structural = StructuralVariants(load_models, contigs, work.bundle, work.transcripts)
        self._haplotypes = HaplotypeFinder(
            work.engine,
            Genome(work.bundle.reference).named_sequence,
            header,
            load_models,
        )

    def run(self, part: Part, tick: Tick) -> Tally:
        """Annotate all records of the part. Raises Rejected."""
        work = self._work
        source = Input(work.source, work.max_bytes, is_from_within=work.is_from_within)
        done = 0
        with (
            bgzf.Writer(work.file_of(part, "vcf")) as vcf,
            bgzf.Writer(work.file_of(part, "tsv")) as tsv,
            RowGroups(work.file_of(part, "parquet"), self._tables.schema, work.about) as parquet,
        ):
            outputs = Outputs(vcf, tsv, parquet)
            for group in self._groups(source, part):
                self._annotate(group, outputs, part, part.first_record + done)
                done += sum(rows.table.rows for rows in group)
                tick(source.consumed, done)
            self._write_blocks(self._haplotypes.rest(), outputs, part)
            vcf.flush()
            tsv.flush()
        self._summary.haplotypes.update(self._haplotypes.counts)
        self._summary.structural.update(self._structural.counts)
        self._unanswered.number_lines(partial(self._lines, source, part))
        return Tally(self._summary, self._csq_fields, self._unanswered)

    def _lines(self, source: Input, part: Part, records: Offsets) -> Offsets:
        """The lines in the upload of records of the part, by their numbers in the whole file."""
        if self._work.lines:
            lines = np.memmap(self._work.lines, dtype=np.int64, mode="r")
            return lines[records - self._work.lines_from]
        return lines_of(
            source.blocks(part.place, part.line, part.end), records - part.first_record + 1
        )

    def _groups(self, source: Input, part: Part) -> Iterator[list[Rows]]:
        """Blocks that are annotated together: enough of them to be worth an engine's while."""
        group: list[Rows] = []
        source.shorten_blocks(self._chunks.block_share)
        for block in tables(source, part, self._work.header.columns):
            group.append(self._examiner.examine(self._renamer.renamed(block), int))
            count = sum(rows.table.rows for rows in group)
            # Records with many samples are long, and all of the group is held in memory.
            size = sum(len(rows.table.text) for rows in group)
            # As many as fit into one question, if the next block is as long as this one.
            is_full = count + block.rows > self._chunks.size
            if is_full or size >= _BYTES_TOGETHER:
                yield group
                group = []
                source.shorten_blocks(self._chunks.block_share)
        if group:
            yield group

    def _annotate(self, group: list[Rows], outputs: Outputs, part: Part, first_record: int) -> None:
        self._write_blocks(self._haplotypes.add(self._blocks(group, first_record)), outputs, part)

    def _write_blocks(self, blocks: list[Block], outputs: Outputs, part: Part) -> None:
        for block in blocks:
            known = self._genes.added(self._known.find(block.rows), block.entries)
            rows = with_ids(block.rows, known, self._known_fields)
            entries = _with_known(block.entries, known, self._work.bundle)
            first_record = part.first_record + block.first
            facts = BlockFacts(rows, Entries(entries), known, block.unanswered, first_record)
            self._write(facts, block.haplo, outputs)

    def _blocks(self, group: list[Rows], first_record: int) -> list[Block]:
        """The blocks with the entries of CSQ, and the alleles that the engine has no answer for.

        Both have ``row`` and ``allele``: the record's place in the block, from 0, and the number.
        """
        work = self._work
        frames = [allele_frame(rows, self._contigs, work.bundle) for rows in group]
        starts = np.cumsum([0, *(rows.table.rows for rows in group)])
        together = pl.concat(
            frame.with_columns(record=pl.col("row") + int(start))
            for frame, start in zip(frames, starts[:-1], strict=True)
        )
        given = together.select("contig", "pos", "ref", "alt", "record")
        answer = self._chunks.ask(given)
        records = first_record + given["record"].to_numpy()[answer.unanswered["row"].to_numpy()]
        self._unanswered.note(records, answer.unanswered["reason"])
        edges = np.cumsum([0, *(frame.height for frame in frames)])
        entries = _by_block(answer.rows, together, edges)
        unanswered = _by_block(answer.unanswered.sort("row"), together, edges)
        blocks = []
        for rows, frame, mine, others in zip(group, frames, entries, unanswered, strict=True):
            numbered = mine.with_columns(_numbers_as_text(mine["allele"]).alias("ALLELE_NUM"))
            with_structural = self._structural.added(rows, numbered)
            blocks.append(Block(rows, frame, with_structural, others))
        return blocks

    def _write(self, facts: BlockFacts, haplo: dict[int, list[str]], outputs: Outputs) -> None:
        rows, entries, known = facts.rows, facts.entries, facts.known
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
        added = info.with_haplo(added, haplo, self._work.tags.names[HAPLO])
        outputs.vcf.write(info.with_info(rows, added))
        known_ids = [field.id for field in self._known_fields]
        outputs.tsv.write(table.lines(rows, entries, known, known_ids))
        for variants in self._tables.tables(facts):
            self._summary.checks.count(variants)
            outputs.parquet.add(variants)


def _numbers_as_text(numbers: pl.Series) -> pl.Series:
    """The same as ``numbers.cast(pl.String)``, where few different ones repeat, from 0."""
    most = numbers.max()
    if not isinstance(most, int) or most >= _MOST_TEXTS:
        return numbers.cast(pl.String)
    return pl.Series([str(number) for number in range(most + 1)], dtype=pl.String).gather(numbers)


def _by_block(
    answer: pl.DataFrame, alleles: pl.DataFrame, edges: Offsets
) -> Iterator[pl.DataFrame]:
    """Rows of an answer block by block, ``row`` and ``allele`` instead of the place in the chunk.

    ``answer`` is in the order of the alleles; ``edges`` are the blocks' ends among them.
    """
    at = answer["row"].to_numpy()
    placed = answer.drop("row").hstack(alleles.select("row", "allele")[at])
    for start, end in pairwise(np.searchsorted(at, edges).tolist()):
        yield placed[start:end]


def _with_known(entries: pl.DataFrame, known: pl.DataFrame, bundle: Bundle) -> pl.DataFrame:
    """The entries with what the bundle's sources say of their alleles."""
    columns = csq_columns(known, bundle)
    if columns.width == _KEYS:
        return entries
    return entries.join(columns, on=["row", "allele"], how="left", maintain_order="left")
