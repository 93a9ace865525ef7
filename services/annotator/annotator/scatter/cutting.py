"""In the child: finds where a file can be cut, and makes one that can be where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from annotator.bundle import Bundle
from annotator.diagnostics import Diagnostics
from annotator.runner.preparing import Prepared, prepare
from annotator.scatter import facts, tasks
from annotator.scatter.plan import HEADER, LINES, PARTS, PREPARED, SURVEY
from annotator.scatter.scanning import NotInOrder, NotInPlace, PartSize, Scan, scan
from annotator.validate.contigs import Contigs
from annotator.validate.findings import Survey
from annotator.validate.survey import read_header
from annotator.variant_names.listing import is_list
from annotator.vcf import bcf, bgzf
from annotator.vcf.reading import Input

Tick = Callable[[float, int], None]


def cut(task: tasks.SplitTask, bundle: Bundle, tick: Tick) -> dict[str, int]:
    """Write header, parts and ``tasks.SCANNED`` into the task's folder. Raises Rejected.

    Most files are read once. One that is packed in other ways than BGZF is packed anew; one that is
    not in order, BCF, a list of names, or to have one allele a record is surveyed whole, as a task
    that annotates it alone would do, and the file that it makes is cut.
    """
    upload = Path(task.input)
    is_whole = task.is_careful or task.split_multiallelics or bcf.is_bcf(upload) or is_list(upload)
    if not is_whole:
        try:
            as_it_is = Prepared(upload, _unknown(upload, task, bundle), task.workers)
            return _cut(task, as_it_is, bundle, tick)
        except NotInOrder:
            pass
    prepared = prepare(task, bundle, tick)
    folder = Path(task.folder)
    facts.write_survey(folder / SURVEY, prepared.found)
    if prepared.lines:
        prepared.lines.rename(folder / LINES)
    return _cut(task, prepared, bundle, tick, is_surveyed=True)


def _unknown(upload: Path, task: tasks.SplitTask, bundle: Bundle) -> Survey:
    """A survey of a file that none was made of."""
    header, _ = read_header(Input(upload, task.max_inflated_bytes).blocks(), Diagnostics())
    return Survey(header, Diagnostics(), Contigs(bundle, header.contigs))


def _cut(
    task: tasks.SplitTask,
    prepared: Prepared,
    bundle: Bundle,
    tick: Tick,
    *,
    is_surveyed: bool = False,
) -> dict[str, int]:
    folder, limit = Path(task.folder), task.max_inflated_bytes
    size = PartSize(task.part_bytes, task.part_records)
    source = Input(prepared.path, limit)
    line_ends = set(prepared.found.line_ends)
    try:
        found = scan(source, bundle, size, tick)
    except NotInPlace:
        line_ends |= _pack(Input(prepared.path, limit), folder / PREPARED)
        source = Input(folder / PREPARED, limit)
        found = scan(source, bundle, size, tick)
    else:
        if prepared.path != Path(task.input):
            prepared.path.rename(folder / PREPARED)
    header = prepared.found.header.text() if is_surveyed else found.header
    (folder / HEADER).write_bytes(header)
    _write_parts(folder, found)
    made = folder / PREPARED
    scanned = tasks.Scanned(
        source=made.name if made.exists() else None,
        is_bgzf=source.is_bgzf,
        is_surveyed=is_surveyed,
        contigs=facts.names_of(found.contigs),
        line_ends=sorted(line_ends),
        records=found.records,
        parts=len(found.parts),
        commands=prepared.commands,
        remarks=prepared.remarks,
    )
    (folder / tasks.SCANNED).write_text(scanned.model_dump_json(), "utf-8")
    return {"records": found.records, "parts": len(found.parts)}


def _write_parts(folder: Path, found: Scan) -> None:
    with (folder / PARTS).open("w", encoding="utf-8") as file:
        for part in found.parts:
            file.write(part.model_dump_json() + "\n")


def _pack(source: Input, to: Path) -> set[str]:
    """Write the text in blocks, with Unix line ends; gives what line ends it had."""
    with bgzf.Writer(to) as out:
        for block in source.blocks():
            out.write(block.text)
        out.end()
    return source.line_ends
