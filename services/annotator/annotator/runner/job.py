"""Annotates a whole file: survey, order, parts side by side, and the results put together."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from annotator.bundle import Bundle
from annotator.consequences.engine import Engine
from annotator.diagnostics import Kind
from annotator.normalize.sorting import sort
from annotator.normalize.splitting import COMMAND, split
from annotator.output import index, table
from annotator.output.tags import Tags, describe, known_fields
from annotator.processes.forking import must_be_forkable
from annotator.processes.parallel import side_by_side
from annotator.report import documents
from annotator.report.summary import Summary
from annotator.runner import protocol
from annotator.runner.part import LEVEL, DonePart, PartAnnotator, Work, csq_fields
from annotator.runner.parts import plan
from annotator.validate.findings import Survey
from annotator.validate.survey import survey
from annotator.vcf import bgzf
from annotator.vcf.part_reader import Part
from annotator.vcf.reading import Input

Tick = Callable[[float, int], None]

NOT_ANSWERED = "the consequence engine failed on the record: kept, not annotated"
_SURVEYED = 0.2
"""The share of the work that the survey is, for progress."""


def annotate(task: protocol.Task, engine: Engine, bundle: Bundle, tick: Tick) -> dict[str, int]:
    """Write the results into the task's folder; returns the counts. Raises Rejected."""
    folder = Path(task.folder)
    began = datetime.now(UTC)
    found = survey(
        Input(Path(task.input), task.max_inflated_bytes),
        bundle,
        lambda share, _: tick(share * _SURVEYED, 0),
        task.workers,
        task.smallest_slice,
    )
    found.must_fit(bundle)
    path, found, splits = _prepared(task, found, bundle)
    work = Work(
        engine=engine,
        bundle=bundle,
        folder=folder,
        source=path,
        max_bytes=task.max_inflated_bytes,
        found=found,
        tags=Tags.of(found.header, bundle),
        transcripts=task.transcripts,
    )
    done = _all_parts(work, plan(found, task.workers, task.smallest_part), task.workers, tick)
    summary, unanswered = Summary.empty(found.contigs, bundle), Counter[str]()
    for part in done:
        summary.add(part.summary)
        unanswered += part.unanswered
        for text in part.failed:
            found.diagnostics.add(Kind.KEPT, None, f"kept, not annotated: {text}", NOT_ANSWERED)
    summary.remarks += splits
    # Only now: whatever uses polars before the parts are forked makes them wait for ever.
    fields = done[0].csq_fields if done else csq_fields(engine, bundle)
    describe(found.header, work.tags, fields, documents.tool(engine), bundle)
    _join(work, done)
    about = documents.About(task, engine, bundle)
    documents.write_log(folder / protocol.RESULT_LOG, about, found, summary)
    documents.write_summary(folder / protocol.RESULT_SUMMARY, about, summary)
    commands = [shlex.join(["bcftools", *COMMAND])] if task.split_multiallelics else []
    documents.write_provenance(folder / protocol.RESULT_PROVENANCE, about, commands, began)
    return summary.counts() | {
        "samples": len(found.header.samples),
        "repairs": found.diagnostics.count(Kind.REPAIR),
    }


def _prepared(task: protocol.Task, found: Survey, bundle: Bundle) -> tuple[Path, Survey, list[str]]:
    """The file in order, split where that is wished; what is known of it; and remarks."""
    path, remarks = Path(task.input), []
    if not found.is_sorted:
        path = Path(task.folder) / "sorted.vcf.gz"
        source = Input(Path(task.input), task.max_inflated_bytes)
        sort(source, found.header, found.contigs, path)
    if task.split_multiallelics:
        source, path = Input(path, task.max_inflated_bytes), Path(task.folder) / "split.vcf.gz"
        times = split(source, found, path)
        remarks = [f"{times} records with several alternate alleles were split, as asked"]
    if path == Path(task.input):
        return path, found, remarks
    again = survey(Input(path, task.max_inflated_bytes), bundle, lambda *_: None, task.workers)
    again.diagnostics = found.diagnostics  # with the lines of the upload
    return path, again, remarks


def _all_parts(work: Work, parts: list[Part], workers: int, tick: Tick) -> list[DonePart]:
    def share(fraction: float, variants: int) -> None:
        tick(_SURVEYED + (1 - _SURVEYED) * fraction, variants)

    def annotate_part(part: Part, progress: Tick) -> DonePart:
        summary = Summary.empty(work.found.contigs, work.bundle)
        return PartAnnotator(work, summary).run(part, progress)

    if len(parts) > 1 and workers > 1:
        must_be_forkable()
    return side_by_side(parts, workers, annotate_part, share)


def _join(work: Work, parts: list[DonePart]) -> None:
    """Put the parts behind the headers, and index the VCF; blocks need no packing anew."""
    fields = [field.id for field in known_fields(work.bundle)]
    for name, suffix, header in (
        (protocol.RESULT_VCF, "vcf", work.found.header.text()),
        (protocol.RESULT_TSV, "tsv", table.header(fields).encode()),
    ):
        with bgzf.Writer(work.folder / name, LEVEL) as out:
            out.write(header)
            out.flush()
            for part in parts:
                path = work.folder / f"part{part.number}.{suffix}"
                out.append(path)
                path.unlink()
            out.end()
    index.write(work.folder / protocol.RESULT_VCF)
