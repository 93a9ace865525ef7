"""Annotates a whole file: survey, order, parts side by side, and the results put together."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from annotator.bundle import REFERENCE, Bundle
from annotator.diagnostics import Kind
from annotator.engines.port import Demand, Engine
from annotator.normalize.sorting import sort
from annotator.normalize.splitting import COMMAND, split
from annotator.output.indexing import Index, Places
from annotator.output.results import TSV_COLUMNS, Results, Tags, describe
from annotator.processes.parallel import side_by_side
from annotator.processes.pipes import EngineFailed
from annotator.processes.stages import shown
from annotator.report import documents as reports
from annotator.report.summary import DENSITY_BINS, Summary
from annotator.runner import protocol
from annotator.runner.blocks import Part
from annotator.runner.part import PartAnnotator
from annotator.runner.parts import plan
from annotator.validate.findings import Survey
from annotator.validate.survey import survey
from annotator.vcf import bgzf
from annotator.vcf.reading import Input

Tick = Callable[[float, int], None]

_LEVEL = 4
_SURVEYED = 0.2
"""The share of the work that the survey is, for progress."""


@dataclass(frozen=True, slots=True)
class Work:
    """What every part needs to know."""

    engine: Engine
    bundle: Bundle
    folder: Path
    source: Path
    max_bytes: int
    found: Survey
    tags: Tags


@dataclass(frozen=True, slots=True)
class Done:
    """A part that is annotated: what was counted, and where its records lie in which blocks."""

    number: int
    summary: Summary
    places: Places
    blocks: list[int]


def annotate(task: protocol.Task, engine: Engine, bundle: Bundle, tick: Tick) -> dict[str, int]:
    """Leave the results in the task's folder; gives the counts.

    Raises Rejected, EngineFailed.
    """
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
    tags = Tags.of(found.header, engine, bundle)
    work = Work(engine, bundle, folder, path, task.max_inflated_bytes, found, tags)
    _link(engine, bundle, folder)
    parts = plan(found, bundle, task.workers, task.smallest_part)
    done = _all_parts(work, parts, task.workers, tick)
    summary = _empty(work)
    for part in done:
        summary.add(part.summary)
    summary.remarks += splits
    describe(found.header, tags, engine, bundle)
    _join(work, done)
    _report(task, work, parts, summary, began)
    return summary.counts() | {
        "samples": len(found.header.samples),
        "repairs": found.notes.count(Kind.REPAIR),
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
    again.notes = found.notes  # with the lines of the upload
    return path, again, remarks


def _report(
    task: protocol.Task, work: Work, parts: list[Part], summary: Summary, began: datetime
) -> None:
    folder, engine, bundle = work.folder, work.engine, work.bundle
    log, document = folder / protocol.RESULT_LOG, folder / protocol.RESULT_SUMMARY
    about = reports.About(task, engine, bundle)
    reports.write_log(log, about, work.found, summary)
    reports.write_summary(document, about, summary)
    commands = {
        " | ".join(shlex.join(shown(command)) for command in engine.commands(_demand(work, part)))
        for part in parts
    }
    if task.split_multiallelics:
        commands.add(shlex.join(["bcftools", *COMMAND]))
    reports.write_provenance(folder / protocol.RESULT_PROVENANCE, about, sorted(commands), began)


def _link(engine: Engine, bundle: Bundle, folder: Path) -> None:
    """Links keep this machine's paths out of what the engine says."""
    for name in (REFERENCE, f"{REFERENCE}.fai", *engine.files):
        if (bundle.folder / name).exists():
            (folder / name).symlink_to(bundle.folder / name)


def _all_parts(work: Work, parts: list[Part], workers: int, tick: Tick) -> list[Done]:
    def share(fraction: float, variants: int) -> None:
        tick(_SURVEYED + (1 - _SURVEYED) * fraction, variants)

    def annotate_part(part: Part, told: Tick) -> Done:
        return _one_part(work, part, told)

    return side_by_side(parts, workers, annotate_part, share)


def _empty(work: Work) -> Summary:
    summary = Summary(work.found.contigs)
    longest = max(contig.length for contig in work.bundle.manifest.contigs)
    summary.bin_bases = -(-longest // DENSITY_BINS)
    return summary


def _one_part(work: Work, part: Part, tick: Tick) -> Done:
    """Annotate a part; where variants cannot be judged by haplotype, judge each by itself."""
    demand = _demand(work, part)
    try:
        return _attempt(work, part, demand, tick)
    except EngineFailed as failure:
        if not demand.samples:
            raise
        done = _attempt(work, part, replace(demand, samples=0), tick)
        done.summary.remarks.append(
            f"part {part.number + 1}: judging by haplotype failed, so each variant was judged by"
            f" itself ({str(failure)[:200]})"
        )
        return done


def _demand(work: Work, part: Part) -> Demand:
    found = work.found
    samples = len(found.header.samples)
    genes = work.bundle.gene_models_of(part.contigs)
    return Demand(work.bundle, part.genetic_code, found.is_normal, samples, found.has_lone, genes)


def _attempt(work: Work, part: Part, demand: Demand, tick: Tick) -> Done:
    summary = _empty(work)
    annotator = PartAnnotator(
        work.engine,
        demand,
        Input(work.source, work.max_bytes),
        columns=work.found.header.columns,
        contigs=work.found.contigs,
        tick=tick,
    )
    with (
        bgzf.Writer(work.folder / f"part{part.number}.vcf", _LEVEL) as vcf,
        bgzf.Writer(work.folder / f"part{part.number}.tsv", _LEVEL) as tsv,
    ):
        results = Results(vcf, tsv, work.engine, work.bundle, tags=work.tags, found=work.found)
        annotator.run(part, work.folder, results, summary)
        vcf.flush()
        tsv.flush()
    return Done(part.number, summary, results.places, vcf.blocks)


def _join(work: Work, parts: list[Done]) -> None:
    """Put the parts behind the headers, and index the VCF; blocks need no packing anew."""
    index = Index()
    fields = [field.id for source in work.bundle.manifest.known for field in source.fields]
    tsv_header = "\t".join([*TSV_COLUMNS, *fields]) + "\n"
    for name, suffix, header in (
        (protocol.RESULT_VCF, "vcf", work.found.header.text()),
        (protocol.RESULT_TSV, "tsv", tsv_header.encode()),
    ):
        with bgzf.Writer(work.folder / name, _LEVEL) as out:
            out.write(header)
            out.flush()
            for part in parts:
                path = work.folder / f"part{part.number}.{suffix}"
                base = out.append(path)
                path.unlink()
                if name == protocol.RESULT_VCF:
                    index.add(part.places, part.blocks, base)
            out.end()
    index.write(work.folder / protocol.RESULT_INDEX)
