"""Steps of a file in parts that are simple: a part is a line of the upload, its result a line.

They keep the agreements of the real ones: a plan that is there is given back, what is done is not
done again, ``done.json`` is last, a refused part is done and spares those behind it, the first try
by key counts. What is there is read by ``scatter.store``, as by the real ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from annotator.rejection import Rejected
from annotator.runner.parent import Disproved
from annotator.runner.protocol import RESULTS
from annotator.scatter import joining, store
from annotator.scatter.joining import Joined, JoinedFile, PartsMissing
from annotator.scatter.plan import (
    DONE,
    ITEMS,
    PLAN,
    REFUSED,
    PartDone,
    Refused,
    Source,
    SplitPlan,
    try_prefix,
)
from annotator.scatter.splitting import Asked
from annotator.scatter.steps import Steps
from annotator.scatter.workplace import Workplace
from gas.events import FailureCode
from gas.files.bucket import Files, Pin
from gas.messaging.executions import items_of

BAD, UNPROVED = b"bad", b"unproved"
"""Lines of that text are refused, or disprove a plan that was not made carefully."""

_OUTPUTS = ("first-half", "second-half")


def result_of(content: bytes) -> bytes:
    """What the lines of an upload become."""
    return b"".join(b"annotated " + line + b"\n" for line in content.splitlines())


@dataclass
class LinesInParts:
    """Counts how often each part was annotated; ``before_done`` is called before one is stored.

    ``cut`` gives the parts of an upload, and ``annotated`` what a part becomes, after ``head``.
    """

    done: list[int] = field(default_factory=list)
    before_done: Callable[[int], object] = lambda _: None
    cut: Callable[[bytes], list[bytes]] = bytes.splitlines
    annotated: Callable[[bytes], bytes] = result_of
    head: bytes = b""

    @property
    def steps(self) -> Steps:
        return Steps(self.split, self.annotate_part, self.join)

    def split(self, asked: Asked, root: str, place: Workplace) -> SplitPlan:
        if made := store.find_plan(place.parts, root):
            return made
        content = b"".join(place.inputs.stream(asked.key, asked.pin))
        place.on_tick(0.5, 0)
        lines = self.cut(content)
        plan = SplitPlan(
            bundle=place.bundle.version,
            engine="lines",
            filename=asked.filename,
            max_inflated_bytes=asked.max_inflated_bytes,
            source=Source(
                is_upload=True,
                key=asked.key,
                size_bytes=asked.size_bytes,
                etag=asked.pin.etag,
                version_id=asked.pin.version_id,
                is_bgzf=False,
            ),
            upload_sha256=hashlib.sha256(content).hexdigest(),
            upload_bytes=len(content),
            contigs=[],
            records=len(lines),
            parts=len(lines),
            is_surveyed=asked.carefully,
            has_lines=False,
            began_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        write(place.parts, f"{root}/{ITEMS}", items_of(len(lines)).encode())
        write(place.parts, f"{root}/{PLAN}", plan.model_dump_json().encode())
        return plan

    def annotate_part(self, root: str, number: int, place: Workplace) -> PartDone | None:
        if done := store.find_done(place.parts, root, number):
            return done
        if store.is_behind_refused(place.parts, root, number):
            return None
        return self.annotate(root, number, place)

    def annotate(self, root: str, number: int, place: Workplace) -> PartDone:
        """Annotate a part that is not done, in two outputs and ``done.json``."""
        plan = store.read_plan(place.parts, root)
        pin = Pin(plan.source.etag, plan.source.version_id)
        line = self.cut(b"".join(place.inputs.stream(plan.source.key, pin)))[number]
        place.on_tick(0.5, 1)
        self.before_done(number)
        self.done.append(number)
        try_id = place.new_id()
        refused = None
        if line.startswith(BAD):
            refused = Refused(code=FailureCode.NOT_VCF, message="bad line", line=number + 1)
        done = PartDone(number=number, try_id=try_id, records=1, refused=refused, seconds=0.0)
        prefix = try_prefix(root, number, try_id)
        text = self.annotated(line)
        for name, half in zip(
            _OUTPUTS, (text[: len(text) // 2], text[len(text) // 2 :]), strict=True
        ):
            write(place.parts, f"{prefix}{name}", half)
        document = done.model_dump_json().encode()
        write(place.parts, f"{prefix}{DONE}", document)
        if refused:
            write(place.parts, f"{root}/{REFUSED}/{number:06d}", document)
        return done

    def join(
        self,
        root: str,
        place: Workplace,
        key_of: Callable[[str], str],
        metadata: Mapping[str, str],
    ) -> Joined:
        plan = store.read_plan(place.parts, root)
        text, keys = self.head, store.done_keys(place.parts, root)
        lacking = joining.missing(root, place)
        for number, key in sorted(keys.items()):
            if lacking and lacking[0] < number:
                break
            if refused := PartDone.read(store.read(place.parts, key)).refused:
                raise Rejected(refused.code, refused.message, refused.line)
            for name in _OUTPUTS:
                text += store.read(place.parts, f"{key.removesuffix(DONE)}{name}")
        if lacking:
            raise PartsMissing(lacking)
        if result_of(UNPROVED) in text and not plan.is_surveyed:
            raise Disproved("a line is not what the plan supposed")
        place.on_tick(0.9, plan.parts)
        files = []
        for name in RESULTS:
            write(place.results, key_of(name), text, metadata)
            sha256 = hashlib.sha256(text)
            tree = hashlib.sha256(len(text).to_bytes(8, "big") + sha256.digest()).hexdigest()
            # None, as of large files: who joins has to read them.
            files.append(JoinedFile(name, key_of(name), len(text), None, tree, (len(text),)))
        return Joined(files, {"records": plan.parts})


def write(
    files: Files, key: str, content: bytes, metadata: Mapping[str, str] | None = None
) -> None:
    """Store an object."""
    with NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        files.put(key, Path(file.name), "text/plain", metadata or {})
