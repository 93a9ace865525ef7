"""The contigs of a file, by the user's names and by the bundle's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from annotator.bundle import Bundle
from annotator.vcf.columns import CHROM, Offsets, Table

UNKNOWN = -1
NO_LENGTH = 1 << 40
"""In bases, more than any contig has."""


class Contigs:
    """The contigs of a file by the user's names, in the order in which they were first seen.

    ``lengths`` are in bases: by the bundle, or as they are ``stated`` by the header, or NO_LENGTH.
    """

    def __init__(self, bundle: Bundle, stated: Mapping[bytes, int | None] | None = None) -> None:
        contigs = bundle.manifest.contigs
        self._of_bundle = [contig.length for contig in contigs]
        self._stated = stated or {}
        number = {contig.name: n for n, contig in enumerate(contigs)}
        self._known = {
            name.encode(): number[contig.name] for name, contig in bundle.contig_of.items()
        }
        self.names: list[bytes] = []
        self.in_bundle: list[int] = []
        self.lengths: list[int] = []
        self._seen: dict[bytes, int] = {}

    def number(self, name: bytes) -> int:
        """The number of a contig of this file."""
        seen = self._seen.get(name)
        if seen is None:
            seen = self._seen[name] = len(self.names)
            self.names.append(name)
            known = self._known.get(name, UNKNOWN)
            self.in_bundle.append(known)
            self.lengths.append(self._of_bundle[known] if known >= 0 else self._as_stated(name))
        return seen

    def _as_stated(self, name: bytes) -> int:
        length = self._stated.get(name)
        return NO_LENGTH if length is None else min(length, NO_LENGTH)

    def take(self, other: Contigs) -> Offsets:
        """The numbers here of the contigs of a later slice of the file."""
        return np.array([self.number(name) for name in other.names], dtype=np.int64)

    def known(self, name: bytes) -> int:
        """The number in the bundle of the contig that a user calls ``name``, or UNKNOWN."""
        return self._known.get(name, UNKNOWN)

    def numbers(self, table: Table) -> Offsets:
        """The number of the contig of each record."""
        spans = table.column(CHROM)
        numbers = np.empty(table.rows, dtype=np.int64)
        text = table.text
        left = np.arange(table.rows)
        for _ in range(4):  # a block of a sorted file has one or two contigs
            if not len(left):
                return numbers
            name = text[spans.starts[left[0]] : spans.ends[left[0]]]
            same = table.equals(spans[left], name)
            numbers[left[same]] = self.number(name)
            left = left[~same]
        for row, name in zip(left.tolist(), spans[left].texts(text), strict=True):
            numbers[row] = self.number(name)
        return numbers
