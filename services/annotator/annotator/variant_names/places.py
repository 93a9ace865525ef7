"""From positions along a transcript to those of the genome."""

from __future__ import annotations

import numpy as np

from annotator.consequences.transcript_table import TranscriptTable
from annotator.variant_names.hgvs import Hgvs, Point
from annotator.variant_names.unresolved import Unresolved


def genomic_span(table: TranscriptTable, number: int, name: Hgvs) -> tuple[int, int]:
    """First and last base (1-based, in the direction of the genome) of what a name speaks of.

    Raises Unresolved.
    """
    ends = [_genomic(table, number, point, name) for point in (name.first, name.last)]
    if int(table.strand[number]) < 0:
        ends.reverse()
    if ends[0] > ends[1]:
        raise Unresolved("its last position lies before its first")
    return ends[0], ends[1]


def _genomic(table: TranscriptTable, number: int, point: Point, name: Hgvs) -> int:
    cdna = point.base if name.system == "n" else _cdna(table, number, point, name)
    if name.system == "n" and point.region:
        raise Unresolved(f"n.{point}: only c. names count before and behind a coding sequence")
    of = np.array([number])
    position = int(table.genomic_at(of, np.array([cdna]))[0])
    if not position:
        raise Unresolved(
            f"{name.system}.{point} lies outside of the transcript, which has"
            f" {int(table.lengths[number]):,} bases"
        )
    return _in_intron(table, number, position, point) if point.offset else position


def _cdna(table: TranscriptTable, number: int, point: Point, name: Hgvs) -> int:
    first, last = int(table.coding_first[number]), int(table.coding_last[number])
    if not first:
        raise Unresolved("the transcript has no coding sequence: write n. for c.")
    if point.region == "-":
        return first - point.base
    if point.region == "*":
        return last + point.base
    # As our own names do: only substitutions of a coding base count what is missing before it.
    is_single = len(name.change.ref) == len(name.change.alt) == 1
    missing = int(table.missing[number]) if is_single and not point.offset else 0
    known = last - first + 1 + missing
    if point.base > known:
        raise Unresolved(f"c.{point} lies behind the coding sequence, which has {known:,} bases")
    return first + point.base - 1 - missing


def _in_intron(table: TranscriptTable, number: int, position: int, point: Point) -> int:
    """The base ``point.offset`` bases from the end of an exon at ``position``."""
    begin, end = table.exons.first[number : number + 2].tolist()
    starts, ends = table.exons.starts[begin:end].tolist(), table.exons.ends[begin:end].tolist()
    step = point.offset * int(table.strand[number])
    edges, next_edges = (ends[:-1], starts[1:]) if step > 0 else (starts[1:], ends[:-1])
    if position not in edges:
        raise Unresolved(f"{point.region}{point.base} is not next to an intron on that side")
    room = abs(next_edges[edges.index(position)] - position) - 1
    if abs(step) > room:
        raise Unresolved(f"the intron at {point.region}{point.base} has only {room:,} bases")
    return position + step
