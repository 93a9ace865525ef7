"""An engine that cuts a file into its lines: what annotating and joining make of them is as it was.

Around it the steps of production run: splitting, parts and the join, with all their AWS calls.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from annotator.runner.protocol import RESULT_TSV, RESULT_VARIANTS, RESULT_VCF, RESULTS, Wishes
from annotator.scatter.merging import HEAD, TAIL
from annotator.scatter.outputs import STORED, VCF
from annotator.scatter.plan import HEADER, PARTS, PartPlan
from annotator.scatter.tasks import SCANNED, JoinTask, PartTask, Scanned, SplitTask

OnTick = Callable[[float, int], None]

_JOINED = (RESULT_VCF, RESULT_TSV, RESULT_VARIANTS)
_SHORT = b"{}"


def engine_in_parts(task: Wishes, on_tick: OnTick, **_: Any) -> dict[str, int]:
    """Do one of the tasks of a file in parts; the joined VCF equals the upload."""
    match task:
        case SplitTask():
            return _split(task)
        case PartTask():
            on_tick(0.5, 1)
            return _annotate(task)
        case JoinTask():
            return _join(task)
    raise TypeError(task)


def _split(task: SplitTask) -> dict[str, int]:
    folder, parts, at = Path(task.folder), [], 0
    for number, line in enumerate(Path(task.input).read_bytes().splitlines(keepends=True)):
        end = at + len(line)
        part = PartPlan(
            number=number,
            first_byte=at,
            last_byte=end - 1,
            skip=0,
            end_byte=end,
            end_skip=0,
            line=number + 1,
            first_record=number + 1,
            records=1,
            contig=0,
            position=number,
        )
        parts.append(part)
        at = end
    found = Scanned(
        source=None,
        is_bgzf=False,
        is_surveyed=False,
        is_counted=True,
        contigs=[],
        line_ends=[],
        records=len(parts),
        first_line=1,
        parts=len(parts),
        commands=[],
        remarks=[],
    )
    (folder / HEADER).write_bytes(_SHORT)
    (folder / PARTS).write_text("\n".join(part.model_dump_json() for part in parts), "utf-8")
    (folder / SCANNED).write_text(found.model_dump_json(), "utf-8")
    return {}


def _annotate(task: PartTask) -> dict[str, int]:
    for name in STORED:
        content = Path(task.input).read_bytes() if name == VCF else _SHORT
        (Path(task.folder) / name).write_bytes(content)
    return {"records": 1}


def _join(task: JoinTask) -> dict[str, int]:
    folder = Path(task.folder)
    for name in RESULTS:
        if name in _JOINED:
            for end in (HEAD, TAIL):
                (folder / f"{name}.{end}").write_bytes(b"")
        else:
            (folder / name).write_bytes(_SHORT)
    return {"records": task.plan.parts}
