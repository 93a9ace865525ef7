"""A block of records, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from annotator.rules.rule import Rule
from annotator.validate.structural import StructuralAllele
from annotator.vcf.columns import ALT, REF, UPPER, Flags, Offsets, Spans, Table


@dataclass(slots=True)
class Rows:
    """A block of records: for each its contig in the file, its position from 1, its status.

    ``contig_lengths`` are in bases, by the bundle or else by the header; more than any contig has
    where neither knows. ``alternates`` counts the alleles of ALT; ``is_normal`` says whether
    alleles are trimmed and left-aligned beyond doubt; ``odd`` holds the rows whose alleles were
    looked at one by one, and ``structural`` the structural variants among them; ``faults`` are rows
    whose alleles break a rule, with the words for it. ``agreeing`` counts records for the engine
    whose REF is known to be what the reference has there: not only N.
    """

    table: Table
    contigs: Offsets
    positions: Offsets
    contig_lengths: Offsets
    status: npt.NDArray[np.int8]
    alternates: Offsets
    is_normal: Flags
    odd: dict[int, list[bytes]] = field(default_factory=dict)
    structural: dict[int, list[StructuralAllele]] = field(default_factory=dict)
    faults: list[tuple[int, Rule, str]] = field(default_factory=list)
    agreeing: int = 0

    def repeats(self) -> list[tuple[int, int]]:
        """Rows that say what an earlier row of the block said, and the first that said it."""
        same = (self.positions[1:] == self.positions[:-1]) & (self.contigs[1:] == self.contigs[:-1])
        found = []
        first: dict[bytes, int] = {}
        last = -1
        refs, alts = self.table.column(REF), self.table.column(ALT)
        folded = self.table.text.upper() if same.any() else b""
        for row in (np.flatnonzero(same) + 1).tolist():
            if self._is_symbolic(row):
                continue
            if row != last + 1:
                first = {self._alleles(row - 1, folded, refs, alts): row - 1}
            alleles = self._alleles(row, folded, refs, alts)
            if alleles in first:
                found.append((row, first[alleles]))
            else:
                first[alleles] = row
            last = row
        return found

    def _is_symbolic(self, row: int) -> bool:
        return any(alt.startswith(b"<") for alt in self.odd.get(row, ()))

    def _alleles(self, row: int, folded: bytes, refs: Spans, alts: Spans) -> bytes:
        """REF and ALT without regard to case, but as they are where names may be among them."""
        text = self.table.text if row in self.odd else folded
        return text[refs.starts[row] : alts.ends[row]]

    def same_alleles(self, chosen: Offsets) -> Flags:
        """Which of those rows have an ALT that is the same as REF, of one base or of several."""
        refs, alts = self.table.column(REF)[chosen], self.table.column(ALT)[chosen]
        same: Flags = refs.lengths == alts.lengths
        same &= UPPER.take(self.table.first(refs)) == UPPER.take(self.table.first(alts))
        for index in np.flatnonzero(same & (refs.lengths > 1)).tolist():
            ref, alt = (
                column[index : index + 1].texts(self.table.text)[0] for column in (refs, alts)
            )
            same[index] = ref.upper() == alt.upper()
        return same
