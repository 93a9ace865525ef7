"""Counts what alleles change: their types, transitions and transversions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from annotator.validate.rows import Rows
from annotator.vcf.columns import ALT, REF, UPPER, Bytes, Flags

_KINDS = ("SNV", "MNV", "insertion", "deletion", "indel", "symbolic", "none")
_SNV, _MNV, _INSERTION, _DELETION, _INDEL = range(5)
_TRANSITIONS = {ord("A") ^ ord("G"), ord("C") ^ ord("T")}


def variant_type(ref: str, alt: str) -> str:
    """SNV, MNV, insertion, deletion, indel, symbolic or none, of one allele."""
    if alt in {".", "*"}:
        return "none"
    if not alt.isalpha():
        return "symbolic"
    if len(ref) == len(alt):
        return "SNV" if len(ref) == 1 else "MNV"
    if len(alt) > len(ref):
        return "insertion" if alt.startswith(ref) else "indel"
    return "deletion" if ref.startswith(alt) else "indel"


@dataclass
class Changes:
    """Alleles by the words of ``variant_type``, and SNVs by what they change."""

    types: Counter[str] = field(default_factory=Counter)
    transitions: int = 0
    transversions: int = 0

    def add(self, other: Changes) -> None:
        """Add the counts of another part of the same file."""
        self.types.update(other.types)
        self.transitions += other.transitions
        self.transversions += other.transversions

    def count(self, rows: Rows) -> None:
        """Count the alleles of a block."""
        table = rows.table
        refs, alts = table.column(REF), table.column(ALT)
        plain = np.ones(table.rows, dtype=np.bool_)
        plain[list(rows.odd)] = False
        first_ref, first_alt = UPPER.take(table.first(refs)), UPPER.take(table.first(alts))
        longer, shorter = refs.lengths, alts.lengths
        same = first_ref == first_alt
        anchored = same & (np.minimum(longer, shorter) == 1)
        kinds = np.full(table.rows, _INDEL)
        kinds[(longer == shorter)] = _MNV
        kinds[(longer == 1) & (shorter == 1)] = _SNV
        kinds[anchored & (shorter > longer)] = _INSERTION
        kinds[anchored & (shorter < longer)] = _DELETION
        unsure = plain & (kinds == _INDEL) & (np.minimum(longer, shorter) > 1)
        for kind, times in enumerate(np.bincount(kinds[plain & ~unsure], minlength=5).tolist()):
            self.types[_KINDS[kind]] += times
        for row in np.flatnonzero(unsure).tolist():
            ref, alt = (
                table.text[column.starts[row] : column.ends[row]].decode().upper()
                for column in (refs, alts)
            )
            self.types[variant_type(ref, alt)] += 1
        self._count_changes(first_ref, first_alt, plain & (kinds == _SNV))
        self._count_odd(rows)

    def _count_changes(self, ref: Bytes, alt: Bytes, chosen: Flags) -> None:
        changed = ref[chosen] ^ alt[chosen]
        is_transition = np.isin(changed, list(_TRANSITIONS))
        self.transitions += int(is_transition.sum())
        self.transversions += int((~is_transition & (changed != 0)).sum())

    def _count_odd(self, rows: Rows) -> None:
        refs = rows.table.column(REF)
        for row, alts in rows.odd.items():
            ref = rows.table.text[refs.starts[row] : refs.ends[row]].decode().upper()
            for alt in alts:
                other = alt.decode("utf-8", "replace").upper()
                kind = variant_type(ref, other)
                self.types[kind] += 1
                if kind == "SNV" and ref != other:
                    is_transition = (ord(ref) ^ ord(other)) in _TRANSITIONS
                    self.transitions += is_transition
                    self.transversions += not is_transition
