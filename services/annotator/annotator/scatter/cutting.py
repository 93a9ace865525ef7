"""In the child: finds where a file can be cut, and makes one that can be where it cannot."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from annotator.bundle import Bundle
from annotator.rejection import Rejected
from annotator.runner.preparing import Prepared, prepare
from annotator.scatter import facts, tasks
from annotator.scatter.cuts import NotInOrder, PartSize
from annotator.scatter.merging import Unlike
from annotator.scatter.plan import HEADER, LINES, PARTS, PREPARED, SURVEY
from annotator.scatter.skimming import NotInPlace, Skim, Stream, skim
from annotator.variant_names.listing import is_list
from annotator.vcf import bcf, bgzf
from annotator.vcf.reading import Input
from gas.events import FailureCode

Tick = Callable[[float, int], None]

_AS_IT_COMES = "the file cannot be cut as it comes"


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a file can be cut; it lies at ``made`` if it is not the upload itself."""

    cuts: Skim
    line_ends: set[str]
    made: Path | None = None


def cut(task: tasks.SplitTask, bundle: Bundle, tick: Tick) -> dict[str, int]:
    """Write header, parts and ``tasks.SCANNED`` into the task's folder.

    Most files are read once, as they come through a pipe. Of a file on disk, one that is packed in
    other ways than BGZF is packed anew; one that is not in order, BCF, a list of names, or to have
    one allele a record is surveyed whole, as a task that annotates it alone would do, and the file
    that it makes is cut. Raises Rejected, and Unlike for a stream that is to be a file on disk.
    """
    upload = Path(task.input)
    if task.stream:
        return _write(task, _of_stream(task, task.stream, bundle, tick))
    is_whole = task.is_careful or task.split_multiallelics or bcf.is_bcf(upload) or is_list(upload)
    if not is_whole:
        try:
            return _write(task, _of_file(task, upload, bundle, tick))
        except NotInOrder:
            pass
    prepared = prepare(task, bundle, tick)
    facts.write_survey(Path(task.folder) / SURVEY, prepared.found)
    if prepared.lines:
        prepared.lines.rename(Path(task.folder) / LINES)
    return _write(task, _of_surveyed(task, prepared, bundle, tick), prepared)


def _of_stream(task: tasks.SplitTask, told: tasks.StreamTold, bundle: Bundle, tick: Tick) -> _Found:
    with Path(task.input).open("rb") as pipe:
        stream = Stream(pipe, told.size_bytes, bytes.fromhex(told.tail))
        try:
            cuts = skim(stream, bundle, _size(task), task.max_inflated_bytes, tick)
        except (NotInPlace, NotInOrder) as error:
            raise Unlike(f"{_AS_IT_COMES}: {error}") from None
        except Rejected as rejected:
            if rejected.code is not FailureCode.NOT_VCF:
                raise
            # It may be BCF, packed in another way, or a list of names.
            raise Unlike(f"{_AS_IT_COMES}: it does not begin as VCF does") from None
    return _Found(cuts, set())


def _of_file(task: tasks.SplitTask, path: Path, bundle: Bundle, tick: Tick) -> _Found:
    source, made = Input(path, task.max_inflated_bytes), Path(task.folder) / PREPARED
    if source.is_seekable:
        with suppress(NotInPlace):
            return _Found(_skimmed(task, path, bundle, tick), set())
    line_ends = _pack(source, made)
    return _Found(_skimmed(task, made, bundle, tick), line_ends, made)


def _of_surveyed(task: tasks.SplitTask, prepared: Prepared, bundle: Bundle, tick: Tick) -> _Found:
    source, made = Input(prepared.path, task.max_inflated_bytes), Path(task.folder) / PREPARED
    line_ends = set(prepared.found.line_ends)
    if line_ends or not source.is_seekable:
        _pack(source, made)
    elif prepared.path != Path(task.input):
        prepared.path.rename(made)
    else:
        return _Found(_skimmed(task, prepared.path, bundle, tick, is_counted=True), line_ends)
    return _Found(_skimmed(task, made, bundle, tick, is_counted=True), line_ends, made)


def _skimmed(
    task: tasks.SplitTask, path: Path, bundle: Bundle, tick: Tick, *, is_counted: bool = False
) -> Skim:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - len(bgzf.END), 0))
        tail = file.read()
        file.seek(0)
        stream, limit = Stream(file, size, tail), task.max_inflated_bytes
        return skim(stream, bundle, _size(task), limit, tick, is_counted=is_counted)


def _size(task: tasks.SplitTask) -> PartSize:
    return PartSize(task.part_bytes, task.part_records)


def _write(
    task: tasks.SplitTask, found: _Found, surveyed: Prepared | None = None
) -> dict[str, int]:
    folder, cuts = Path(task.folder), found.cuts
    header = surveyed.found.header.text() if surveyed else cuts.header
    (folder / HEADER).write_bytes(header)
    with (folder / PARTS).open("w", encoding="utf-8") as file:
        for part in cuts.parts:
            file.write(part.model_dump_json() + "\n")
    scanned = tasks.Scanned(
        source=found.made.name if found.made else None,
        is_bgzf=cuts.is_bgzf,
        is_surveyed=surveyed is not None,
        is_counted=cuts.records is not None,
        contigs=facts.names_of(surveyed.found.contigs) if surveyed else [],
        line_ends=sorted(found.line_ends),
        records=cuts.records,
        first_line=1 if cuts.records is not None else cuts.first_line,
        parts=len(cuts.parts),
        commands=surveyed.commands if surveyed else [],
        remarks=surveyed.remarks if surveyed else [],
    )
    (folder / tasks.SCANNED).write_text(scanned.model_dump_json(), "utf-8")
    return {"records": cuts.records or 0, "parts": len(cuts.parts)}


def _pack(source: Input, to: Path) -> set[str]:
    """Write the text in blocks, with Unix line ends; gives what line ends it had.

    A last line without an end stays without.
    """
    with bgzf.Writer(to) as out:
        text = b""
        for block in source.blocks():
            out.write(text)
            text = block.text
        out.write(text.removesuffix(b"\n") if source.lacks_last_end else text)
        out.end()
    return source.line_ends
