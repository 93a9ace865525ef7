"""Makes one result of the parts of a plan, copying what they made within the bucket."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from annotator.rejection import Rejected
from annotator.runner import protocol
from annotator.runner.parent import Disproved
from annotator.scatter import store, tasks
from annotator.scatter.merging import HEAD, SIZES, TAIL, Sizes, path_of
from annotator.scatter.outputs import PAGES, TOLD, TSV, VCF
from annotator.scatter.plan import DONE, HEADER, IDENTIFIERS, SURVEY, Output, PartDone, SplitPlan
from annotator.scatter.workplace import Workplace
from gas.files.assembly import LocalPiece, Piece, StoredPiece

_AT_ONCE = 8

Item = TypeVar("Item")
Found = TypeVar("Found")


class PartsMissing(Exception):
    """Not all parts are done; ``numbers`` has those that are not."""

    def __init__(self, numbers: list[int]) -> None:
        super().__init__(f"{len(numbers)} parts are not done, such as {numbers[:5]}")
        self.numbers = numbers


@dataclass(frozen=True, slots=True)
class JoinedFile:
    """A file of the result. ``name`` is one of ``protocol.RESULTS``.

    ``sha256`` is of the whole, None where only S3 had all bytes; ``tree_sha256`` is the hash over
    its pieces (see ``gas.files.assembly``), whose sizes ``pieces`` has.
    """

    name: str
    key: str
    size_bytes: int
    sha256: str | None
    tree_sha256: str
    pieces: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """A whole result: its files, and the counts that a job shows."""

    files: list[JoinedFile]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part that is done: below which key its outputs are, and these by name."""

    prefix: str
    outputs: dict[str, Output]

    def piece(self, name: str, place: Workplace) -> StoredPiece:
        output = self.outputs[name]
        return StoredPiece(place.parts, f"{self.prefix}{name}", output.size_bytes, output.sha256)


def missing(root: str, place: Workplace) -> list[int]:
    """The numbers of the parts of the plan below ``root`` that have no ``done.json`` yet."""
    done = store.done_keys(place.parts, root)
    plan = store.read_plan(place.parts, root)
    return [number for number in range(plan.parts) if number not in done]


def join(
    root: str,
    place: Workplace,
    key_of: Callable[[str], str],
    metadata: Mapping[str, str],
) -> Joined:
    """Make the result's files; ``key_of`` gives the key in ``results`` of each of RESULTS.

    Of several tries at a part the first by key counts. Raises Rejected with the first refusal in
    the order of the file, Disproved, PartsMissing, NoSuchFile, DamagedPiece, EngineFailed, Stopped.
    """
    plan = store.read_plan(place.parts, root)
    with tempfile.TemporaryDirectory(prefix="gas-", dir=place.work_folder) as name:
        folder = Path(name)
        parts = _parts(plan, root, folder, place)
        task = tasks.JoinTask(
            input=str(folder / HEADER),
            filename=plan.filename,
            plan=plan,
            **place.wishes(folder, plan.max_inflated_bytes),
        )
        store.fetch(place.parts, f"{root}/{HEADER}", folder / HEADER)
        if plan.is_surveyed:
            for file in (SURVEY, IDENTIFIERS):
                store.fetch(place.parts, f"{root}/{file}", folder / file)
        counts = place.run(task, on_tick=place.on_tick, should_stop=place.should_stop)
        files = []
        for result in protocol.RESULTS:
            pieces = _pieces(result, folder, parts, place)
            key = key_of(result)
            made = place.results.assemble(
                key, pieces, protocol.CONTENT_TYPES[result], metadata, place.still_there
            )
            sizes = tuple(piece.size_bytes for piece in pieces)
            files.append(
                JoinedFile(result, key, made.size_bytes, made.sha256, made.tree_sha256, sizes)
            )
            place.still_there()
    return Joined(files, counts)


def _parts(plan: SplitPlan, root: str, folder: Path, place: Workplace) -> list[_Part]:
    """The parts in order; what they told is fetched. Raises Rejected, Disproved, PartsMissing."""
    keys = store.done_keys(place.parts, root)
    lacking = [number for number in range(plan.parts) if number not in keys]
    done = _all(partial(_done, place), [keys[number] for number in sorted(keys)], place)
    _must_be_annotated(done, lacking, plan.first_line - 1)
    parts = [
        _Part(keys[part.number].removesuffix(DONE), {one.name: one for one in part.outputs})
        for part in done
    ]
    _all(lambda numbered: _fetch(folder, place, *numbered), list(enumerate(parts)), place)
    return parts


def _all(act: Callable[[Item], Found], items: list[Item], place: Workplace) -> list[Found]:
    """What several at once find out about each item, in order."""
    found = []
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for one in threads.map(act, items):
            found.append(one)
            place.still_there()
    return found


def _must_be_annotated(done: list[PartDone], lacking: list[int], lines: int) -> None:
    """Raises what the first part in the order of the file that was not annotated is told by.

    Parts behind that one may be missing, and what they found does not count: it depends on which
    machine was faster. So many ``lines`` are before the first part.
    """
    bad = next((part for part in done if part.disproved or part.refused), None)
    if needed := [number for number in lacking if bad is None or number < bad.number]:
        raise PartsMissing(needed)
    if bad and bad.disproved:
        raise Disproved(bad.disproved)
    if bad and bad.refused:
        refused = Rejected(bad.refused.code, bad.refused.message, bad.refused.line)
        raise refused.further_down(lines + sum(part.lines for part in done[: bad.number]))


def _done(place: Workplace, key: str) -> PartDone:
    return PartDone.read(store.read(place.parts, key))


def _fetch(folder: Path, place: Workplace, number: int, part: _Part) -> None:
    store.fetch(place.parts, f"{part.prefix}{TOLD}", path_of(folder, number, TOLD))
    sizes = Sizes(vcf=part.outputs[VCF].size_bytes, pages=part.outputs[PAGES].size_bytes)
    path_of(folder, number, SIZES).write_text(sizes.model_dump_json(), "utf-8")


def _pieces(result: str, folder: Path, parts: list[_Part], place: Workplace) -> list[Piece]:
    """What a file of the result is made of."""
    of_parts = {
        protocol.RESULT_VCF: VCF,
        protocol.RESULT_TSV: TSV,
        protocol.RESULT_VARIANTS: PAGES,
    }.get(result)
    if of_parts is None:
        return [LocalPiece.of(folder / result)]
    head, tail = (LocalPiece.of(folder / f"{result}.{end}") for end in (HEAD, TAIL))
    return [head, *(part.piece(of_parts, place) for part in parts), tail]
