"""Finds the bundle that a file was made for, from the contigs that its header names."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from annotator.bundle import Bundle
from annotator.engine.header import Reader
from annotator.engine.notes import Notes
from annotator.engine.reading import Input
from annotator.engine.rejection import Rejected, wrong_build

AUTO = "auto"
"""The bundle of a job whose user left the choice to us."""

HEAD_BYTES = 8 << 20
"""How much of an upload is read to find the header: far more than any real header has."""

# A few megabytes of crafted gzip can inflate to gigabytes.
_MAX_INFLATED_BYTES = 256 << 20


def contigs_of(head: Path) -> dict[bytes, int | None]:
    """The contigs that a file's header names, each with its length in bases or None.

    ``head`` holds the first bytes of the file. An invalid header raises nothing here: the survey of
    the whole file reports it, with the line.
    """
    reader = Reader(Notes())
    with contextlib.suppress(Rejected):
        _read(Input(head, _MAX_INFLATED_BYTES, is_whole=False), reader)
    return reader.header.contigs


def _read(source: Input, reader: Reader) -> None:
    number = 0
    for block in source.blocks():
        for line in block.text.splitlines():
            number += 1
            if reader.take(line, number):
                return


def recognise(contigs: Mapping[bytes, int | None], installed: Sequence[Bundle]) -> Bundle:
    """The bundle that has most of these contigs with the same lengths.

    Raises Rejected (``wrong_build``) if none has any.
    """
    scores = [(_score(contigs, bundle), bundle) for bundle in installed]
    best = max(scores, key=lambda scored: scored[0], default=None)
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
