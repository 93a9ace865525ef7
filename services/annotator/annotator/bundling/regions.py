"""Makes stretches that overlap into such as do not, so that a lookup finds them by halving."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

Values = tuple[str, ...]
Merge = Callable[[list[list[str]]], list[str]]


class Region(NamedTuple):
    """A stretch of a contig: first and last base, 1-based, inclusive; the value of each field."""

    contig: str
    first: int
    last: int
    values: Values


def disjoint(regions: Iterable[Region], merge: Merge) -> Iterator[Region]:
    """Stretches, sorted by contig and first base, cut where one begins or ends.

    ``merge`` makes one row of values of those of all that lie over a piece. Memory holds only
    those that lie over one base.
    """
    active: list[tuple[int, int, Values]] = []  # last base, number, values; the next to end first
    contig, at = "", 0
    for number, region in enumerate(regions):
        limit = region.first if region.contig == contig else None
        yield from _pieces(active, contig, at, limit, merge)
        contig, at = region.contig, region.first
        heapq.heappush(active, (region.last, number, region.values))
    yield from _pieces(active, contig, at, None, merge)


def _pieces(
    active: list[tuple[int, int, Values]], contig: str, at: int, limit: int | None, merge: Merge
) -> Iterator[Region]:
    """The pieces from base ``at`` on, up to the one before ``limit``; what ends is taken out."""
    while active and (limit is None or at < limit):
        last = active[0][0] if limit is None else min(active[0][0], limit - 1)
        over = sorted(active, key=lambda one: one[1])
        yield Region(contig, at, last, tuple(merge([list(values) for _, _, values in over])))
        at = last + 1
        while active and active[0][0] < at:
            heapq.heappop(active)
