"""Reads and writes what lies below the root of a plan: what is there is the truth."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from annotator.scatter.plan import DONE, PARTS, PLAN, REFUSED, Output, PartDone, PartPlan, SplitPlan
from gas.files.bucket import Files, NoSuchFile, Span

_JSON = "application/json"
_BYTES = "application/octet-stream"
_DONE_KEY = re.compile(rf"/parts/([0-9]{{6}})/[^/]+/{re.escape(DONE)}$")


def find_plan(files: Files, root: str) -> SplitPlan | None:
    """The plan below that root, None if it is not written yet. Raises BadPlan."""
    try:
        return SplitPlan.read(read(files, f"{root}/{PLAN}"))
    except NoSuchFile:
        return None


def read_plan(files: Files, root: str) -> SplitPlan:
    """The plan below that root. Raises NoSuchFile, BadPlan."""
    return SplitPlan.read(read(files, f"{root}/{PLAN}"))


def part_plans(files: Files, root: str) -> Iterator[PartPlan]:
    """The parts of the plan, in order. Raises NoSuchFile, BadPlan."""
    return map(PartPlan.read, read(files, f"{root}/{PARTS}").splitlines())


def done_keys(files: Files, root: str) -> dict[int, str]:
    """The key of ``done.json`` of each part that is done: of several tries that of the first."""
    found: dict[int, str] = {}
    for key in files.keys(f"{root}/parts/"):
        if match := _DONE_KEY.search(key):
            found.setdefault(int(match[1]), key)
    return found


def find_done(files: Files, root: str, number: int) -> PartDone | None:
    """How a part ended, None if it did not yet."""
    for key in files.keys(f"{root}/parts/{number:06d}/"):
        if _DONE_KEY.search(key):
            return PartDone.read(read(files, key))
    return None


def say_refused(files: Files, root: str, number: int, done: Path) -> None:
    """Note that the records of a part were refused, of which ``done`` is the document."""
    files.put(f"{root}/{REFUSED}/{number:06d}", done, _JSON)


def is_behind_refused(files: Files, root: str, number: int) -> bool:
    """True if records of an earlier part were refused: no more of the file need be looked at.

    The note only says where to look: what counts is how that part ended.
    """
    for key in files.keys(f"{root}/{REFUSED}/"):
        earlier = int(key.rpartition("/")[2])
        if earlier >= number:
            return False
        if (done := find_done(files, root, earlier)) and done.refused:
            return True
    return False


def read(files: Files, key: str) -> bytes:
    """A small object. Raises NoSuchFile."""
    return b"".join(files.stream(key))


def fetch(files: Files, key: str, to: Path, span: Span | None = None) -> None:
    """Write an object, or a span of it, to a file. Raises NoSuchFile."""
    with to.open("wb") as file:
        for chunk in files.stream(key, span=span):
            file.write(chunk)


def put(files: Files, prefix: str, path: Path, name: str = "") -> Output:
    """Store a file below a prefix, by its own name if no other is given."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    named = name or path.name
    files.put(f"{prefix}{named}", path, _JSON if named.endswith(".json") else _BYTES)
    return Output(name=named, size_bytes=path.stat().st_size, sha256=digest)
