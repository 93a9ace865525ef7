"""Makes one result of the parts of a plan, copying what they made within the bucket."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

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
            made = place.results.assemble(key, pieces, protocol.CONTENT_TYPES[result], metadata)
            sizes = tuple(piece.size_bytes for piece in pieces)
            files.append(
                JoinedFile(result, key, made.size_bytes, made.sha256, made.tree_sha256, sizes)
            )
            place.on_tick(1.0, 0)
    return Joined(files, counts)


def _parts(plan: SplitPlan, root: str, folder: Path, place: Workplace) -> list[_Part]:
    """The parts in order; what they told is fetched. Raises Rejected, Disproved, PartsMissing."""
    keys = store.done_keys(place.parts, root)
    if lacking := [number for number in range(plan.parts) if number not in keys]:
        raise PartsMissing(lacking)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        done = list(threads.map(partial(_done, place), (keys[n] for n in range(plan.parts))))
        for part in done:
            if part.disproved:
                raise Disproved(part.disproved)
        lines = plan.first_line - 1
        for part in done:
            if refused := part.refused:
                raise Rejected(refused.code, refused.message, refused.line).further_down(lines)
            lines += part.lines
        parts = [
            _Part(keys[part.number].removesuffix(DONE), {one.name: one for one in part.outputs})
            for part in done
        ]
        list(threads.map(partial(_fetch, folder, place), range(len(parts)), parts))
    return parts


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
