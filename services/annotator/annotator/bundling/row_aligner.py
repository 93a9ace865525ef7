"""Rows of sources of known variants at their places in a bundle, in the form of the lookup."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path

import pysam

from annotator.bundle import Contig
from annotator.bundling import tally
from annotator.closing import Closing
from annotator.normalize.left_alignment import LeftAligner

Key = tuple[int, tuple[str, str, str, str]]
"""The number of the contig, and CHROM, POS (1-based), REF and ALT."""


class RowAligner(Closing):
    """Places rows, and counts those that have no place, by reason."""

    def __init__(self, contigs: tuple[Contig, ...], reference: Path, counts: tally.Tally) -> None:
        self.names: Mapping[str, tuple[int, Contig]] = {
            name: (number, contig)
            for number, contig in enumerate(contigs)
            for name in (contig.name, *contig.aliases)
        }
        self._aligner = LeftAligner(reference)
        self._fasta = pysam.FastaFile(str(reference))
        self._counts = counts

    def close(self) -> None:
        """Close the reference."""
        self._aligner.close()
        self._fasta.close()

    def key(self, chrom: str, pos: str, ref: str, alt: str) -> Key | None:
        """The row's place; None for one that does not belong into the bundle."""
        numbered = self.names.get(chrom)
        reason = self._reason(numbered[1], pos, ref, alt) if numbered else tally.NO_CONTIG
        if numbered is None or reason:
            self._counts.dropped[reason] += 1
            return None
        self._counts.kept += 1
        name = numbered[1].name
        position, before, after = self._aligner.normal(name, int(pos), ref.encode(), alt.encode())
        return numbered[0], (name, str(position), before.decode(), after.decode())

    def _reason(self, contig: Contig, pos: str, ref: str, alt: str) -> str:
        last = int(pos) + len(ref) - 1 if pos.isdigit() else 0
        if not len(ref) <= last <= contig.length:
            return tally.BAD_POSITION
        if alt in {".", "*"} or alt.startswith("<"):
            return tally.NO_ALLELE
        if contig.windows and not _is_inside(contig, int(pos), last):
            return tally.OUTSIDE
        there = self._fasta.fetch(contig.name, int(pos) - 1, last).upper()
        same = there == ref.upper() or all(
            one == other or "N" in (one, other)
            for one, other in zip(there, ref.upper(), strict=True)
        )
        return "" if same else tally.OTHER_REF


def _is_inside(contig: Contig, first: int, last: int) -> bool:
    at = bisect_right(contig.windows, (first, contig.length)) - 1
    return at >= 0 and last <= contig.windows[at][1]
