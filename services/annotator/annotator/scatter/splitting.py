"""Cuts an upload into parts, and writes down where they are."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from annotator.consequences.bundled import version_of
from annotator.rejection import changed
from annotator.runner.parent import Disproved
from annotator.scatter import store, tasks
from annotator.scatter.feeding import fed
from annotator.scatter.plan import (
    HEADER,
    IDENTIFIERS,
    ITEMS,
    LINES,
    PARTS,
    PLAN,
    SURVEY,
    Source,
    SplitPlan,
)
from annotator.scatter.workplace import Workplace
from annotator.vcf import bgzf
from gas.files.bucket import Pin, Span
from gas.files.read_ahead import read_ahead
from gas.messaging.executions import items_of

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asked:
    """An upload, what its user wishes, and how large parts are to be.

    A part has about so many bytes of the source (or records, where they are given), more where the
    file cannot be cut. A file that is looked at ``carefully`` is examined whole before it is cut.
    """

    key: str
    pin: Pin
    size_bytes: int
    filename: str
    part_bytes: int
    max_inflated_bytes: int
    part_records: int | None = None
    transcripts: Literal["all", "mane", "picked"] = "all"
    split_multiallelics: bool = False
    carefully: bool = False


def split(asked: Asked, root: str, place: Workplace) -> SplitPlan:
    """Cut an upload, and write plan and parts below ``root``; a plan that is there is given back.

    Raises Rejected with what a task that has the whole file would say, NoSuchFile, FileChanged,
    EngineFailed, Stopped.
    """
    if made := store.find_plan(place.parts, root):
        return made
    began = place.now()
    with tempfile.TemporaryDirectory(prefix="gas-", dir=place.work_folder) as name:
        folder = Path(name)
        sha256 = _streamed(asked, folder, place) or _on_disk(asked, folder, place)
        found = tasks.Scanned.model_validate_json((folder / tasks.SCANNED).read_bytes())
        plan = SplitPlan(
            bundle=place.bundle.version,
            engine=version_of(place.bundle),
            filename=asked.filename,
            transcripts=asked.transcripts,
            split_multiallelics=asked.split_multiallelics,
            max_inflated_bytes=asked.max_inflated_bytes,
            source=_source(asked, found, folder, root, place),
            upload_sha256=sha256,
            upload_bytes=asked.size_bytes,
            contigs=found.contigs,
            line_ends=found.line_ends,
            records=found.records,
            parts=found.parts,
            first_line=found.first_line,
            is_counted=found.is_counted,
            is_surveyed=found.is_surveyed,
            has_lines=(folder / LINES).exists(),
            commands=found.commands,
            remarks=found.remarks,
            began_at=began,
        )
        (folder / ITEMS).write_text(items_of(found.parts), "utf-8")
        for file in (HEADER, SURVEY, IDENTIFIERS, LINES, PARTS, ITEMS):
            if (folder / file).exists():
                store.put(place.parts, f"{root}/", folder / file)
        (folder / PLAN).write_text(plan.model_dump_json(), "utf-8")
        store.put(place.parts, f"{root}/", folder / PLAN)
    return plan


def _streamed(asked: Asked, folder: Path, place: Workplace) -> str | None:
    """Have a child read the upload as it comes; gives its SHA-256.

    None if the file is one that has to be on a disk.
    """
    size, end = asked.size_bytes, len(bgzf.END)
    if asked.carefully or asked.split_multiallelics or size <= end:
        return None
    span = Span(size - end, size - 1)
    tail = b"".join(place.inputs.stream(asked.key, asked.pin, span))
    chunks = read_ahead(place.inputs, asked.key, asked.pin, size)
    told = tasks.StreamTold(size_bytes=size, tail=tail.hex())
    try:
        with fed(folder / "input", chunks, size) as feed:
            _run(_task(asked, folder, place, told), place)
    except Disproved as reason:
        logger.info("the upload is fetched", reason=str(reason))
        return None
    return feed.sha256


def _on_disk(asked: Asked, folder: Path, place: Workplace) -> str:
    """Have a child look at the upload on disk; gives its SHA-256."""
    digest, size = hashlib.sha256(), 0
    (folder / "input").unlink(missing_ok=True)
    with (folder / "input").open("wb") as file:
        for chunk in place.inputs.stream(asked.key, asked.pin):
            digest.update(chunk)
            size += file.write(chunk)
            place.on_tick(0.0, 0)
    if size != asked.size_bytes:
        raise changed()
    _run(_task(asked, folder, place), place)
    return digest.hexdigest()


def _run(task: tasks.SplitTask, place: Workplace) -> None:
    place.run(task, on_tick=place.on_tick, should_stop=place.should_stop)


def _task(
    asked: Asked, folder: Path, place: Workplace, stream: tasks.StreamTold | None = None
) -> tasks.SplitTask:
    return tasks.SplitTask(
        input=str(folder / "input"),
        filename=asked.filename,
        is_careful=asked.carefully,
        part_bytes=asked.part_bytes,
        part_records=asked.part_records,
        stream=stream,
        **place.wishes(folder, asked.max_inflated_bytes),
        split_multiallelics=asked.split_multiallelics,
        transcripts=asked.transcripts,
    )


def _source(
    asked: Asked, found: tasks.Scanned, folder: Path, root: str, place: Workplace
) -> Source:
    """Where parts read from: the upload, or what was made of it, which is stored."""
    if found.source is None:
        return Source(
            is_upload=True,
            key=asked.key,
            size_bytes=asked.size_bytes,
            etag=asked.pin.etag,
            version_id=asked.pin.version_id,
            is_bgzf=found.is_bgzf,
        )
    stored = store.put(place.parts, f"{root}/", folder / found.source)
    key = f"{root}/{stored.name}"
    info = place.parts.info(key)
    return Source(
        is_upload=False,
        key=key,
        size_bytes=stored.size_bytes,
        etag=info.etag.strip('"'),
        version_id=info.version_id,
        is_bgzf=found.is_bgzf,
    )
