"""Cuts a file into parts, annotates them side by side, and gathers what they made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from annotator.processes.forking import must_be_forkable
from annotator.processes.parallel import side_by_side
from annotator.runner.part import PartAnnotator
from annotator.runner.work import Tally, Work
from annotator.validate.findings import Survey
from annotator.vcf import bgzf
from annotator.vcf.blocks import START
from annotator.vcf.part_reader import Part

Tick = Callable[[float, int], None]


def plan(found: Survey, workers: int, smallest: int) -> list[Part]:
    """Parts in the order of the file, one for each worker, of at least ``smallest`` records.

    A file without records has a part too, with none.
    """
    if not found.cuts:
        return [Part(0, START, 1, 0, 0, 1)]
    share = max(smallest, -(-found.records // workers))
    begins: list[int] = []
    records = [*(cut.record for cut in found.cuts), found.records]
    for n, (record, following) in enumerate(pairwise(records)):
        begin = records[begins[-1]] if begins else 0
        is_nearest = record - begin + following - begin >= 2 * share
        is_long = record - begin >= smallest and len(begins) < workers
        if not begins or (found.is_seekable and is_long and is_nearest):
            begins.append(n)
    parts = []
    for number, (n, last) in enumerate(pairwise([*begins, len(found.cuts)])):
        cut = found.cuts[n]
        end = found.cuts[last].record if last < len(found.cuts) else found.records
        place, line, skip = cut.place, cut.line, 0
        if not found.is_seekable:
            place, line, skip = START, 1, cut.line - 1
        parts.append(Part(number, place, line, skip, end - cut.record, cut.record + 1))
    return parts


def annotate_parts(work: Work, parts: Sequence[Part], workers: int, tick: Tick) -> Tally:
    """Annotate the parts, at least one, into files of the work's folder. Raises Rejected.

    Nothing may have used polars in this process before: its threads are not in a forked one, which
    would wait for them for ever.
    """

    def annotate_part(part: Part, progress: Tick) -> Tally:
        return PartAnnotator(work).run(part, progress)

    if len(parts) > 1 and workers > 1:
        must_be_forkable()
    tally, *others = side_by_side(parts, workers, annotate_part, tick)
    for other in others:
        tally.add(other)
    return tally


def append(work: Work, parts: Sequence[Part], suffix: str, out: bgzf.Writer) -> None:
    """Put the blocks of the parts' files of that kind behind what was written, and remove them."""
    for path in files_of(work, parts, suffix):
        out.append(path)
        path.unlink()


def files_of(work: Work, parts: Sequence[Part], suffix: str) -> list[Path]:
    """The parts' files of that kind, in order."""
    return [work.file_of(part, suffix) for part in parts]
