"""Annotates a part, wherever: its bytes in, its outputs and then ``done.json`` out."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from annotator.processes.pipes import EngineFailed
from annotator.rejection import Rejected
from annotator.runner.parent import Disproved
from annotator.scatter import store, tasks
from annotator.scatter.outputs import STORED
from annotator.scatter.plan import (
    DONE,
    HEADER,
    LINES,
    Output,
    PartDone,
    PartPlan,
    Refused,
    SplitPlan,
    try_prefix,
)
from annotator.scatter.workplace import Workplace
from annotator.vcf import bgzf
from gas.files.bucket import Pin, Span

_LINE_BYTES = 8


def annotate_part(
    root: str, number: int, place: Workplace, part: PartPlan | None = None
) -> PartDone | None:
    """Annotate part ``number``, from 0, of the plan below ``root``; what is done is not done again.

    ``part`` saves reading it from ``parts.jsonl``. A part whose records are refused is done too:
    ``refused`` says why; so is one that shows that the plan is wrong. None for a part that nobody
    needs, as an earlier one was refused. Raises NoSuchFile, FileChanged, EngineFailed,
    DatabaseUnusable, Stopped, and what ``on_tick`` raises; then nothing of the try counts.
    """
    if done := store.find_done(place.parts, root, number):
        return done
    if store.is_behind_refused(place.parts, root, number):
        return None
    began = time.monotonic()
    plan = store.read_plan(place.parts, root)
    mine = part or next(one for one in store.part_plans(place.parts, root) if one.number == number)
    try_id = place.new_id()
    prefix = try_prefix(root, number, try_id)
    outputs: list[Output] = []
    counts: dict[str, int] = {}
    refused = disproved = None
    with tempfile.TemporaryDirectory(prefix="gas-", dir=place.work_folder) as name:
        folder = Path(name)
        try:
            _fetch(plan, mine, root, folder, place)
            task = _task(plan, mine, folder, place)
            counts = place.run(task, on_tick=place.on_tick, should_stop=place.should_stop)
            outputs = [store.put(place.parts, prefix, folder / file) for file in STORED]
        except Rejected as rejected:
            refused = Refused(code=rejected.code, message=rejected.message, line=rejected.line)
        except Disproved as reason:
            disproved = str(reason)
        done = PartDone(
            number=number,
            try_id=try_id,
            records=counts.get(tasks.RECORDS, 0),
            lines=counts.get(tasks.LINES, 0),
            outputs=outputs,
            refused=refused,
            disproved=disproved,
            seconds=time.monotonic() - began,
        )
        (folder / DONE).write_text(done.model_dump_json(), "utf-8")
        store.put(place.parts, prefix, folder / DONE)
        if refused:
            store.say_refused(place.parts, root, number, folder / DONE)
    return done


def _fetch(plan: SplitPlan, part: PartPlan, root: str, folder: Path, place: Workplace) -> None:
    """Write the part's bytes into ``input``, and what else it needs beside it."""
    source = plan.source
    files = place.inputs if source.is_upload else place.parts
    size = 0
    with (folder / "input").open("wb") as file:
        span = Span(part.first_byte, part.last_byte)
        for chunk in files.stream(source.key, Pin(source.etag, source.version_id), span):
            size += file.write(chunk)
            place.on_tick(0.0, 0)
        if size != part.size_bytes:
            raise EngineFailed(f"{size} bytes of part {part.number} came, not {part.size_bytes}")
        if source.is_bgzf:
            file.write(bgzf.END)
    store.fetch(place.parts, f"{root}/{HEADER}", folder / HEADER)
    if plan.has_lines and part.first_record and part.records is not None:
        first = (part.first_record - 1) * _LINE_BYTES
        span = Span(first, first + part.records * _LINE_BYTES - 1)
        store.fetch(place.parts, f"{root}/{LINES}", folder / LINES, span)


def _task(plan: SplitPlan, part: PartPlan, folder: Path, place: Workplace) -> tasks.PartTask:
    return tasks.PartTask(
        input=str(folder / "input"),
        filename=plan.filename,
        header=str(folder / HEADER),
        lines=str(folder / LINES) if plan.has_lines else None,
        is_counted=plan.is_counted,
        contigs=plan.contigs,
        is_surveyed=plan.is_surveyed,
        part=part,
        transcripts=plan.transcripts,
        split_multiallelics=plan.split_multiallelics,
        **place.wishes(folder, plan.max_inflated_bytes),
    )
