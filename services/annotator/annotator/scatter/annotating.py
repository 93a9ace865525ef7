"""In the child: examines and annotates the records of a part, as those of a whole file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from annotator.bundle import Bundle
from annotator.consequences.engine import Engine
from annotator.diagnostics import Diagnostics
from annotator.output import index
from annotator.output.parquet import joining, renumbering
from annotator.output.tags import Tags
from annotator.processes.pipes import EngineFailed
from annotator.runner.parts import annotate_parts, append, files_of, plan
from annotator.runner.work import Work
from annotator.scatter import facts, tasks
from annotator.scatter.merging import Unlike
from annotator.scatter.outputs import (
    FINDINGS,
    FOOTER,
    INDEX,
    NUMBERS,
    PAGES,
    TALLY,
    TSV,
    VCF,
    pack,
)
from annotator.scatter.plan import PartPlan
from annotator.validate.contigs import Contigs
from annotator.validate.findings import Survey
from annotator.validate.slice_survey import SliceSurveyor
from annotator.validate.survey import read_header
from annotator.vcf import bgzf
from annotator.vcf.header import Header
from annotator.vcf.part_reader import Part
from annotator.vcf.reading import Input
from annotator.vcf.reserved import Field

Tick = Callable[[float, int], None]

_SURVEYED = 0.2
_ANY = Field(b".", b"String")


def annotate_part(
    task: tasks.PartTask, engine: Engine, bundle: Bundle, tick: Tick
) -> dict[str, int]:
    """Write ``outputs.STORED`` into the task's folder; gives counts. Raises Rejected, Unlike.

    VCF and TSV are blocks without header and end; the index is that of the blocks behind an empty
    header, so that places are those in ``VCF`` itself.
    """
    folder, limit = Path(task.folder), task.max_inflated_bytes
    header, _ = read_header(Input(Path(task.header), limit).blocks(), Diagnostics())
    tags = Tags.of(header, bundle)
    source = Input(Path(task.input), limit, is_from_within=True)
    found = Survey(header, Diagnostics(), Contigs(bundle, header.contigs))
    parts = [task.part.part_of(task.part.records or 0)]
    if not task.is_surveyed and task.part.records != 0:
        found = _survey(source, task.part, header, bundle, lambda n, _: tick(n * _SURVEYED, 0))
        _must_be_as_planned(found, tags, task, bundle)
        parts = _places(found, task)
    records = sum(part.records for part in parts)
    facts.write_survey(folder / FINDINGS, found)
    work = Work(
        engine=engine,
        bundle=bundle,
        folder=folder,
        source=Path(task.input),
        lines=Path(task.lines) if task.lines else None,
        lines_from=task.part.first_record or 1,
        is_from_within=True,
        max_bytes=limit,
        header=header,
        contigs=facts.contigs_of(task.contigs, header, bundle)
        if task.is_counted
        else found.contigs,
        tags=tags,
        transcripts=task.transcripts,
    )
    tally = annotate_parts(
        work, parts, task.workers, lambda share, n: tick(_SURVEYED + (1 - _SURVEYED) * share, n)
    )
    if tally.summary.records != records:
        raise EngineFailed(f"{tally.summary.records} records, not the {records} planned")
    facts.write_tally(folder / TALLY, tally)
    _gather(work, parts, header, is_counted=task.is_counted)
    pack(folder)
    return tally.summary.counts() | {tasks.LINES: 0 if task.is_counted else found.lines}


def _survey(source: Input, part: PartPlan, header: Header, bundle: Bundle, tick: Tick) -> Survey:
    blocks = source.blocks(part.place, part.line or 1, part.end)
    return SliceSurveyor(source, bundle, header, Diagnostics(), tick).run(blocks)


def _must_be_as_planned(found: Survey, tags: Tags, task: tasks.PartTask, bundle: Bundle) -> None:
    if task.is_counted and found.records != task.part.records:
        raise EngineFailed(f"{found.records} records, not the {task.part.records} planned")
    if not found.is_sorted:
        raise Unlike("the records are not in order")
    keys = {key: _ANY for column, key in found.undefined_keys if column == "INFO"}
    wider = replace(found.header, info=found.header.info | keys)
    if Tags.of(wider, bundle) != tags:
        raise Unlike("keys that the header does not define are like those of the result")


def _places(found: Survey, task: tasks.PartTask) -> list[Part]:
    """The pieces of the part that are annotated side by side; numbers are those of the file."""
    if not found.is_seekable or not found.records:
        return [task.part.part_of(found.records)]
    before = (task.part.first_record or 1) - 1
    return [
        replace(piece, first_record=piece.first_record + before, end=task.part.end)
        for piece in plan(found, task.workers, task.smallest_part)
    ]


def _gather(work: Work, parts: list[Part], header: Header, *, is_counted: bool) -> None:
    """Put the pieces' files together, and index the VCF."""
    folder = work.folder
    for name, suffix in ((VCF, "vcf"), (TSV, "tsv")):
        with bgzf.Writer(folder / name) as out:
            append(work, parts, suffix, out)
    paths = files_of(work, parts, "parquet")
    joining.join_pages(paths, folder / PAGES, folder / FOOTER)
    if not is_counted:
        renumbering.take_apart(paths, folder / NUMBERS)
    for path in paths:
        path.unlink()
    index.write_of_blocks(folder / VCF, header.text(), folder / INDEX)
