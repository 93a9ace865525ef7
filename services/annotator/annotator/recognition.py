"""Finds the bundle that a file was made for, from the contigs that its header names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from annotator.bundle import Bundle
from annotator.diagnostics import Diagnostics
from annotator.rejection import Rejected, wrong_build
from annotator.vcf.header import Reader
from annotator.vcf.reading import Input

AUTO = "auto"
"""The bundle of a job whose user left the choice to us."""

HEAD_BYTES = 8 << 20
"""How much of an upload is read to find the header: far more than any real header has."""

# A few megabytes of crafted gzip can inflate to gigabytes.
_MAX_INFLATED_BYTES = 256 << 20
_MOST_RECORDS = 1_000


def contigs_of(head: Path) -> dict[bytes, int | None]:
    """The contigs that a file's header names, each with its length in bases or None.

    If it names none, those of the first records. ``head`` holds the first bytes of the file. An
    invalid header raises nothing here: the survey of the whole file reports it, with the line.
    """
    reader = Reader(Diagnostics())
    used: dict[bytes, int | None] = {}
    with contextlib.suppress(Rejected):
        lines = _lines(Input(head, _MAX_INFLATED_BYTES, is_whole=False))
        for number, line in enumerate(lines, start=1):
            if reader.take(line, number):
                break
        if not reader.header.contigs:
            used = {line.partition(b"\t")[0]: None for line in islice(lines, _MOST_RECORDS)}
    return reader.header.contigs or used


def _lines(source: Input) -> Iterator[bytes]:
    for block in source.blocks():
        yield from block.text.splitlines()


def recognise(contigs: Mapping[bytes, int | None], installed: Sequence[Bundle]) -> Bundle:
    """The bundle that has most of these contigs with the same lengths.

    Of two that fit equally well, a whole one comes before one that has only windows of its contigs.
    Raises Rejected (``wrong_build``) if none has any.
    """
    scores = [(_score(contigs, bundle), bundle) for bundle in installed]
    best = max(scores, key=lambda scored: (scored[0], not scored[1].is_partial), default=None)
    if best and best[0] > 0:
        return best[1]
    if best and len(installed) == 1 and not contigs:
        return best[1]  # there is nothing to choose
    names = ", ".join(bundle.manifest.title for bundle in installed)
    if not contigs:
        raise wrong_build(
            "The header names no contigs, so the reference cannot be recognised."
            f" Choose one of these: {names}."
        )
    raise wrong_build(
        f"No reference has the contigs that the header names. These are available: {names}."
        " The file may have been made with another genome build."
    )


def _score(contigs: Mapping[bytes, int | None], bundle: Bundle) -> int:
    """+2 for a contig of the same length, -2 for another length, +1 where no length is given."""
    score = 0
    for name, length in contigs.items():
        known = bundle.contig_of.get(name.decode("utf-8", "replace"))
        if known is None:
            continue
        if length is None:
            score += 1
        else:
            score += 2 if length == known.length else -2
    return score
