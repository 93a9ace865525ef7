"""Puts contigs together from windows: the bases that are known at their places, N elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from annotator.bundle import Window
from annotator.bundling.recipe import BadRecipe

_REGION = re.compile(r"(.+):([0-9]+)-([0-9]+)")


class Sequence(NamedTuple):
    """A contig with its bases; ``windows`` (1-based, both inclusive) are empty if all is known."""

    name: str
    bases: str
    windows: tuple[Window, ...] = ()


def assembled(records: Iterable[tuple[str, str]], lengths: Mapping[str, int]) -> Iterator[Sequence]:
    """The contigs of a FASTA; those that ``lengths`` names come last, made of their windows.

    ``records`` are names and bases. Raises BadRecipe.
    """
    pieces: dict[str, dict[Window, str]] = {contig: {} for contig in lengths}
    for name, bases in records:
        region = _REGION.fullmatch(name)
        if not region or region[1] not in pieces:
            yield Sequence(name, bases)
            continue
        window = int(region[2]), int(region[3])
        if len(bases) != window[1] - window[0] + 1:
            raise BadRecipe(f"The window {name} has {len(bases):,} bases, not what its name says.")
        pieces[region[1]][window] = bases
    for contig, windows in pieces.items():
        if windows:
            yield _filled(contig, lengths[contig], windows)


def _filled(contig: str, length: int, pieces: dict[Window, str]) -> Sequence:
    windows = tuple(sorted(pieces))
    for (_, end), (start, _) in pairwise(((0, 0), *windows, (length + 1, length + 1))):
        if start <= end:
            raise BadRecipe(
                f"The windows of {contig} overlap, or lie outside its {length:,} bases."
            )
    bases = bytearray(b"N") * length
    for first, last in windows:
        bases[first - 1 : last] = pieces[first, last].encode()
    return Sequence(contig, bases.decode(), windows)
