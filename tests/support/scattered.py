"""Annotates a file in parts within this process, on a bucket in memory."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from annotator.bundle import Bundle
from annotator.runner import protocol
from annotator.runner.job import annotate
from annotator.runner.local_engine import LocalEngine
from annotator.runner.parent import Disproved
from annotator.scatter.annotating import annotate_part
from annotator.scatter.cutting import cut
from annotator.scatter.joining import Joined, join
from annotator.scatter.merging import Unlike, merge
from annotator.scatter.part_work import annotate_part as work_part
from annotator.scatter.plan import SplitPlan
from annotator.scatter.splitting import Asked, split
from annotator.scatter.tasks import JoinTask, PartTask, SplitTask
from annotator.scatter.workplace import Workplace
from gas.files.bucket import Files, Pin
from gas.memory.files import MemoryFiles
from tests.support.annotation import Annotated

MOST_BYTES = 64 << 20
ROOT = "u/j/attempt"
UPLOAD = "u/upload"


class HereEngine:
    """Does the tasks of a child in this process, with one engine for all of them."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle, self._engine = bundle, LocalEngine(bundle)

    def __call__(
        self,
        task: protocol.Wishes,
        on_tick: Callable[[float, int], None],
        should_stop: Callable[[], bool],
    ) -> dict[str, int]:
        try:
            match task:
                case SplitTask():
                    return cut(task, self.bundle, on_tick)
                case PartTask():
                    return annotate_part(task, self._engine, self.bundle, on_tick)
                case JoinTask():
                    return merge(task, self.bundle, on_tick)
                case protocol.Task():
                    return annotate(task, self._engine, self.bundle, on_tick)
        except Unlike as error:
            raise Disproved(str(error)) from None
        raise TypeError(task)


def workplace(
    bundle: Bundle, folder: Path, run: Any = None, files: Files | None = None
) -> Workplace:
    """A place on one bucket, in memory if no other is given."""
    bucket = files or MemoryFiles("bucket", lambda: datetime.now(UTC))
    numbers = itertools.count(1)
    return Workplace(
        inputs=bucket,
        parts=bucket,
        results=bucket,
        bundle=bundle,
        run=run or HereEngine(bundle),
        on_tick=lambda *_: None,
        should_stop=lambda: False,
        now=lambda: datetime.now(UTC),
        new_id=lambda: f"{next(numbers):06d}",
        work_folder=folder,
    )


def stored(content: bytes, place: Workplace, folder: Path, **wishes: Any) -> Asked:
    """Put an upload in the bucket; what is asked of it, in parts of any size unless told."""
    path = folder / "upload"
    path.write_bytes(content)
    place.inputs.put(UPLOAD, path, "application/gzip")
    info = place.inputs.info(UPLOAD)
    asked = Asked(
        key=UPLOAD,
        pin=Pin(info.etag.strip('"'), info.version_id),
        size_bytes=len(content),
        filename="input",
        part_bytes=1,
        max_inflated_bytes=MOST_BYTES,
    )
    return replace(asked, **wishes)


def joined(asked: Asked, place: Workplace, root: str = ROOT) -> tuple[SplitPlan, Joined]:
    """The upload split, all its parts annotated, and joined."""
    plan = split(asked, root, place)
    for number in range(plan.parts):
        work_part(root, number, place)
    return plan, join(root, place, lambda name: f"{root}/result/{name}", {})


def fetched(done: Joined, place: Workplace, folder: Path) -> Annotated:
    """The result's files in a folder; each is what was told of it."""
    folder.mkdir()
    for file in done.files:
        content = b"".join(place.results.stream(file.key))
        assert len(content) == file.size_bytes == sum(file.pieces)
        assert file.sha256 in {None, hashlib.sha256(content).hexdigest()}
        tree, at = hashlib.sha256(), 0
        for size in file.pieces:
            piece = hashlib.sha256(content[at : at + size]).digest()
            tree.update(size.to_bytes(8, "big") + piece)
            at += size
        assert tree.hexdigest() == file.tree_sha256
        (folder / file.name).write_bytes(content)
    return Annotated(folder, done.counts)


def whole(asked: Asked, place: Workplace, folder: Path) -> Annotated:
    """The upload annotated by one task."""
    folder.mkdir()
    path = folder / "input"
    path.write_bytes(b"".join(place.inputs.stream(asked.key)))
    task = protocol.Task(
        input=str(path),
        filename=asked.filename,
        transcripts=asked.transcripts,
        split_multiallelics=asked.split_multiallelics,
        **place.wishes(folder, asked.max_inflated_bytes),
    )
    return Annotated(folder, place.run(task, on_tick=lambda *_: None, should_stop=lambda: False))
