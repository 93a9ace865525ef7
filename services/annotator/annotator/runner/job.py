"""Annotates a whole file: survey, order, parts side by side, and the results put together."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from annotator.bundle import Bundle
from annotator.consequences.engine import Engine
from annotator.diagnostics import Kind
from annotator.normalize import binary
from annotator.normalize.binary import as_text
from annotator.normalize.info_keys import rename_in_header
from annotator.normalize.sorting import order_file, sort
from annotator.normalize.splitting import COMMAND, split
from annotator.output import index, table
from annotator.output.parquet import joining
from annotator.output.parquet.block_table import BlockTables
from annotator.output.parquet.writer import About, RowGroups
from annotator.output.tags import Tags, describe, known_fields
from annotator.processes.forking import must_be_forkable
from annotator.processes.parallel import side_by_side
from annotator.report import documents
from annotator.report.summary import Summary
from annotator.report.unanswered import Unanswered
from annotator.runner import protocol
from annotator.runner.part import DonePart, PartAnnotator, Work, csq_fields
from annotator.runner.parts import plan
from annotator.validate.findings import Survey
from annotator.validate.survey import survey
from annotator.variant_names.as_vcf import as_vcf
from annotator.vcf import bgzf
from annotator.vcf.columns import Offsets
from annotator.vcf.part_reader import Part
from annotator.vcf.reading import Input

Tick = Callable[[float, int], None]

_SURVEYED = 0.2
"""The share of the work that the survey is, for progress."""
_RESOLVED = 0.1
"""The share that it is to resolve names, where the upload is a list of them."""


def annotate(task: protocol.Task, engine: Engine, bundle: Bundle, tick: Tick) -> dict[str, int]:
    """Write the results into the task's folder; returns the counts. Raises Rejected."""
    folder = Path(task.folder)
    began = datetime.now(UTC)
    upload = Path(task.input)
    text = as_text(upload, folder, task.max_inflated_bytes)
    named = as_vcf(
        text, folder, bundle, task.max_inflated_bytes, lambda share: tick(share * _RESOLVED, 0)
    )
    if named:
        # To resolve names uses polars, behind which no part may be forked; and lists are short.
        task = task.model_copy(update={"workers": 1})
    source = named.path if named else text
    task = task.model_copy(update={"input": str(source)})
    found = survey(
        Input(source, task.max_inflated_bytes),
        bundle,
        lambda share, _: tick(share * _SURVEYED, 0),
        task.workers,
        task.smallest_slice,
    )
    found.must_fit(bundle)
    if text != upload:
        found.diagnostics.add(Kind.REPAIR, None, "the upload is BCF and was made VCF")
    prepared = _prepared(task, found, bundle)
    found, tags = prepared.found, Tags.of(prepared.found.header, bundle)
    rename_in_header(found.header, tags.renamed, found.diagnostics)
    work = Work(
        engine=engine,
        bundle=bundle,
        folder=folder,
        source=prepared.path,
        max_bytes=task.max_inflated_bytes,
        found=found,
        tags=tags,
        transcripts=task.transcripts,
        about=About(
            bundle=bundle,
            tool=documents.tool(engine),
            samples=[name.decode("utf-8", "replace") for name in found.header.samples],
            contigs=[name.decode("utf-8", "replace") for name in found.contigs.names],
        ),
    )
    done = _all_parts(work, plan(found, task.workers, task.smallest_part), task.workers, tick)
    summary, unanswered = Summary.empty(found, bundle), Unanswered()
    for part in done:
        summary.add(part.summary)
        unanswered.add(part.unanswered)
    summary.remarks += prepared.remarks
    summary.unanswered.update(unanswered.counts)
    unanswered.tell(
        found.diagnostics,
        Input(source, task.max_inflated_bytes),
        prepared.upload_numbers(unanswered),
    )
    if named:
        found.diagnostics = named.with_lines_of_list(found.diagnostics)
    # Only now: whatever uses polars before the parts are forked makes them wait for ever.
    fields = done[0].csq_fields if done else csq_fields(engine, bundle)
    describe(found.header, work.tags, fields, documents.tool(engine), bundle)
    _join(work, done, task.workers)
    about = documents.About(task.filename, upload, engine, bundle)
    documents.write_log(folder / protocol.RESULT_LOG, about, found, summary)
    documents.write_summary(folder / protocol.RESULT_SUMMARY, about, found, summary)
    used = [binary.COMMAND] if text != upload else []
    used += [COMMAND] if task.split_multiallelics else []
    commands = [shlex.join(["bcftools", *words]) for words in used]
    documents.write_provenance(folder / protocol.RESULT_PROVENANCE, about, commands, began)
    return summary.counts() | {
        "samples": len(found.header.samples),
        "repairs": found.diagnostics.count(Kind.REPAIR),
    }


@dataclass(frozen=True)
class _Prepared:
    """A file in order, split where that is wished; what is known of it; remarks for the log.

    ``orders`` are files of what its records were numbered before, the last step last.
    """

    path: Path
    found: Survey
    remarks: list[str] = field(default_factory=list)
    orders: list[Path] = field(default_factory=list)

    def upload_numbers(self, unanswered: Unanswered) -> Offsets:
        """The number in the upload, from 1, of each record that is listed there."""
        numbers = np.array([number for number, _ in unanswered.listed], dtype=np.int64)
        for order in reversed(self.orders) if len(numbers) else ():
            numbers = np.memmap(order, dtype=np.int64, mode="r")[numbers - 1]
        return numbers


def _prepared(task: protocol.Task, found: Survey, bundle: Bundle) -> _Prepared:
    path, folder, limit = Path(task.input), Path(task.folder), task.max_inflated_bytes
    remarks, orders = [], []
    if not found.is_sorted:
        source, path = Input(path, limit), folder / "sorted.vcf.gz"
        sort(source, found.header, found.contigs, path)
        orders.append(order_file(path))
    if task.split_multiallelics:
        source, path = Input(path, limit), folder / "split.vcf.gz"
        times = split(source, found, path)
        remarks.append(f"{times} records with several alternate alleles were split, as asked")
        orders.append(order_file(path))
    if not orders:
        return _Prepared(path, found)
    again = survey(Input(path, limit), bundle, lambda *_: None, task.workers)
    again.diagnostics = found.diagnostics  # with the lines of the upload
    return _Prepared(path, again, remarks, orders)


def _all_parts(work: Work, parts: list[Part], workers: int, tick: Tick) -> list[DonePart]:
    def share(fraction: float, variants: int) -> None:
        tick(_SURVEYED + (1 - _SURVEYED) * fraction, variants)

    def annotate_part(part: Part, progress: Tick) -> DonePart:
        summary = Summary.empty(work.found, work.bundle)
        return PartAnnotator(work, summary).run(part, progress)

    if len(parts) > 1 and workers > 1:
        must_be_forkable()
    return side_by_side(parts, workers, annotate_part, share)


def _join(work: Work, parts: list[DonePart], threads: int) -> None:
    """Put the parts behind the headers, and index the VCF; blocks need no packing anew."""
    fields = [field.id for field in known_fields(work.bundle)]
    for name, suffix, header in (
        (protocol.RESULT_VCF, "vcf", work.found.header.text()),
        (protocol.RESULT_TSV, "tsv", table.header(fields).encode()),
    ):
        with bgzf.Writer(work.folder / name) as out:
            out.write(header)
            out.flush()
            for part in parts:
                path = work.folder / f"part{part.number}.{suffix}"
                out.append(path)
                path.unlink()
            out.end()
    index.write(work.folder / protocol.RESULT_VCF, threads)
    _join_variants(work, parts)


def _join_variants(work: Work, parts: list[DonePart]) -> None:
    """Put the row groups of all parts into one file; a file without records has a part too."""
    paths = [work.folder / f"part{part.number}.parquet" for part in parts]
    if not paths:
        paths = [work.folder / "part.parquet"]
        samples = len(work.found.header.samples)
        with RowGroups(paths[0], BlockTables(work.bundle, samples).schema, work.about):
            pass
    joining.join(paths, work.folder / protocol.RESULT_VARIANTS)
    for path in paths:
        path.unlink()
