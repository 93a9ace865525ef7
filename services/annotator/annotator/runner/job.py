"""Annotates a whole file: survey, order, parts side by side, and the results put together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from annotator.bundle import Bundle
from annotator.consequences.engine import Engine
from annotator.normalize.info_keys import rename_in_header
from annotator.output import index, table
from annotator.output.parquet import joining
from annotator.output.tags import Tags, known_fields
from annotator.report import documents
from annotator.runner import protocol
from annotator.runner.finishing import counts, finish
from annotator.runner.parts import annotate_parts, append, files_of, plan
from annotator.runner.preparing import prepare
from annotator.runner.work import Work
from annotator.vcf import bgzf
from annotator.vcf.part_reader import Part

Tick = Callable[[float, int], None]

_SURVEYED = 0.2
"""The share of the work that the survey is, for progress."""


def annotate(task: protocol.Task, engine: Engine, bundle: Bundle, tick: Tick) -> dict[str, int]:
    """Write the results into the task's folder; returns the counts. Raises Rejected."""
    folder, began = Path(task.folder), datetime.now(UTC)
    prepared = prepare(task, bundle, lambda share, _: tick(share * _SURVEYED, 0))
    found, tags = prepared.found, Tags.of(prepared.found.header, bundle)
    rename_in_header(found.header, tags.renamed, found.diagnostics)
    work = Work(
        engine=engine,
        bundle=bundle,
        folder=folder,
        source=prepared.path,
        lines=prepared.lines,
        max_bytes=task.max_inflated_bytes,
        header=found.header,
        contigs=found.contigs,
        tags=tags,
        transcripts=task.transcripts,
    )
    parts = plan(found, prepared.workers, task.smallest_part)
    tally = annotate_parts(
        work, parts, prepared.workers, lambda share, n: tick(_SURVEYED + (1 - _SURVEYED) * share, n)
    )
    tally.summary.remarks += prepared.remarks
    upload = Path(task.input)
    with upload.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    about = documents.About(
        filename=task.filename,
        sha256=sha256,
        size_bytes=upload.stat().st_size,
        engine=engine.version,
        bundle=bundle,
        commands=prepared.commands,
        began=began,
    )
    finish(found, tags, tally, about, folder)
    _join(work, parts, task.workers)
    return counts(found, tally)


def _join(work: Work, parts: list[Part], threads: int) -> None:
    """Put the parts behind the headers, and index the VCF; blocks need no packing anew."""
    fields = [field.id for field in known_fields(work.bundle)]
    for name, suffix, header in (
        (protocol.RESULT_VCF, "vcf", work.header.text()),
        (protocol.RESULT_TSV, "tsv", table.header(fields).encode()),
    ):
        with bgzf.Writer(work.folder / name) as out:
            out.write(header)
            append(work, parts, suffix, out)
            out.end()
    index.write(work.folder / protocol.RESULT_VCF, threads)
    paths = files_of(work, parts, "parquet")
    joining.join(paths, work.folder / protocol.RESULT_VARIANTS)
    for path in paths:
        path.unlink()
