"""Bases of a reference by their positions, many at once, without reading it into memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from annotator.consequences.genetic_code import (
    BYTE_OF_CODE,
    CODE_OF_BYTE,
    COMPLEMENT,
    UNKNOWN,
    Bases,
    Columns,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a contig lies in the FASTA, as its ``.fai`` says: all in bytes but ``length``."""

    number: int
    length: int
    offset: int
    line_bases: int
    line_bytes: int


class Genome:
    """A FASTA, uncompressed, with its ``.fai`` beside it.

    The file is mapped: what is read stays in the kernel's cache, shared by all processes. Contigs
    are known by number, in the order of the ``.fai``.
    """

    def __init__(self, fasta: Path) -> None:
        self._bytes: npt.NDArray[np.uint8] = np.memmap(fasta, dtype=np.uint8, mode="r")
        rows = [row.split("\t") for row in Path(f"{fasta}.fai").read_text().splitlines()]
        self._places = [
            _Place(number, *(int(value) for value in row[1:5])) for number, row in enumerate(rows)
        ]
        self.names = tuple(row[0] for row in rows)
        self.number_of = {name: number for number, name in enumerate(self.names)}
        self.lengths = np.array([place.length for place in self._places], dtype=np.int64)

    def bases(self, contig: int, positions: Columns) -> Bases:
        """Base numbers at positions (1-based) of the plus strand; UNKNOWN beyond the ends."""
        place = self._places[contig]
        inside = (positions >= 1) & (positions <= place.length)
        at = np.where(inside, positions - 1, 0)
        bytes_at = place.offset + at // place.line_bases * place.line_bytes + at % place.line_bases
        found: Bases = CODE_OF_BYTE[self._bytes[bytes_at]]
        found[~inside] = UNKNOWN
        return found

    def bases_of_many(self, contigs: Columns, positions: Columns) -> Bases:
        """As ``bases``, for a contig number beside each position."""
        found = np.full(len(positions), UNKNOWN, dtype=np.uint8)
        for contig in np.unique(contigs).tolist():
            here = contigs == contig
            found[here] = self.bases(contig, positions[here])
        return found

    def sequence(self, contig: int, start: int, end: int, strand: int = 1) -> str:
        """The upper-case bases from ``start`` to ``end`` (1-based, both included) of a strand."""
        bases = self.bases(contig, np.arange(start, end + 1, dtype=np.int64))
        return text(bases if strand == 1 else COMPLEMENT[bases[::-1]])

    def named_sequence(self, contig: str, start: int, end: int) -> str:
        """As ``sequence``, of a contig by its name."""
        return self.sequence(self.number_of[contig], start, end)


def text(bases: Bases) -> str:
    """Base numbers as letters."""
    return BYTE_OF_CODE[bases].tobytes().decode()
