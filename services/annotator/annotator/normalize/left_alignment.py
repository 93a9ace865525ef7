"""Moves insertions and deletions of a known source to where the lookup expects them."""

from __future__ import annotations

from pathlib import Path

import pysam

from annotator.closing import Closing
from annotator.normalize.alleles import trimmed

_READ_BASES = 32
"""Bases before a change that are read with it: most are moved less far."""


class LeftAligner(Closing):
    """Gives changes their one normal form: trimmed, and as far left as the reference allows.

    Users' variants are looked up in that form, and not all sources keep to it: some rows of dbSNP
    write the insertion of an A behind an A as A>AA. Tan et al. 2015,
    doi:10.1093/bioinformatics/btv112.
    """

    def __init__(self, reference: Path) -> None:
        self._fasta = pysam.FastaFile(str(reference))

    def close(self) -> None:
        """Close the reference."""
        self._fasta.close()

    def normal(
        self, contig: str, position: int, ref: bytes, alt: bytes
    ) -> tuple[int, bytes, bytes]:
        """The change at ``position`` (1-based) in its normal form; as it is if REF is wrong."""
        position, ref, alt = trimmed(position, ref, alt)
        if len(ref) == len(alt) or ref[-1:].upper() != alt[-1:].upper():
            return position, ref, alt  # nearly all
        first = max(position - _READ_BASES, 1)
        bases = self._bases(contig, first, position - first + len(ref))
        if bases[position - first :] != ref.upper() or not alt.isalpha():
            return position, ref, alt
        ref, alt = ref.upper(), alt.upper()
        while ref[-1] == alt[-1] and position > 1:
            position -= 1
            if position < first:
                first = max(position - _READ_BASES, 1)
                bases = self._bases(contig, first, position - first + 1)
            before = bases[position - first : position - first + 1]
            ref, alt = before + ref[:-1], before + alt[:-1]
        return trimmed(position, ref, alt)

    def _bases(self, contig: str, position: int, length: int) -> bytes:
        """So many bases from a 1-based position on, in upper case."""
        text: str = self._fasta.fetch(contig, position - 1, position - 1 + length)
        return text.upper().encode()
