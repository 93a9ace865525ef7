"""What the values of GT of many samples say: whether they are genotypes, and of which alleles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from annotator.vcf.columns import Bytes, Flags, Offsets, Spans, Table, marks

CARRIED = marks(b"123456789")
_GENOTYPE = re.compile(rb"[/|]?(?:\.|[0-9]+)(?:[/|](?:\.|[0-9]+))*")
_ALLELE = re.compile(rb"[0-9]+|\.")
_ALLELES: Bytes = marks(b"0123456789.")
_MOST_KNOWN = 10_000
NO_ALLELE = -1
UNKNOWN = 0
"""The ploidy of a GT that is a dot: of how many alleles nothing is known is not said."""


class _Parsed(NamedTuple):
    """A genotype; ``most`` is the largest number of an allele in it."""

    is_wrong: bool
    most: int
    ploidy: int


@dataclass(frozen=True, slots=True)
class Calls:
    """Of each value of GT: whether it is no genotype, the largest allele in it, its ploidy."""

    is_wrong: Flags
    most: Offsets
    ploidy: Offsets
    is_prefixed: Flags


class GenotypeReader:
    """Reads the genotypes of a file; what is not 0/1 or such is worked out once for each text."""

    def __init__(self) -> None:
        self._known: dict[bytes, _Parsed] = {}

    def read(self, table: Table, spans: Spans) -> Calls:
        """Read the values of GT there."""
        lengths = spans.lengths
        first, middle, last = (table.bytes.take(spans.starts + at) for at in range(3))
        is_pair = (lengths == 3) & (_ALLELES.take(last) == 1)
        is_pair &= (middle == ord("/")) | (middle == ord("|"))
        usual = (_ALLELES.take(first) == 1) & ((lengths == 1) | is_pair)
        # A dot is two below 0: an allele that is not there has no number either.
        alleles = first.astype(np.int64) - ord("0")
        most = np.where(is_pair, np.maximum(alleles, last.astype(np.int64) - ord("0")), alleles)
        ploidy = 1 + is_pair.astype(np.int64)
        ploidy[(lengths == 1) & (first == ord("."))] = UNKNOWN
        is_wrong = np.zeros(len(spans), dtype=np.bool_)
        for index in np.flatnonzero(~usual).tolist():
            text = table.text[spans.starts[index] : spans.ends[index]]
            is_wrong[index], most[index], ploidy[index] = self._parsed(text)
        is_prefixed = ~usual & ~is_wrong & ((first == ord("/")) | (first == ord("|")))
        return Calls(is_wrong, most, ploidy, is_prefixed)

    def _parsed(self, text: bytes) -> _Parsed:
        known = self._known.get(text)
        if known is None:
            alleles = _ALLELE.findall(text)
            named = [int(allele[:9]) for allele in alleles if allele != b"."]
            is_wrong = not _GENOTYPE.fullmatch(text)
            known = _Parsed(is_wrong, max(named, default=NO_ALLELE), len(alleles))
            if len(self._known) < _MOST_KNOWN:
                self._known[text] = known
        return known
