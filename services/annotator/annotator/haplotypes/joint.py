"""Several alleles of one haplotype written as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

LONGEST = 1_000
"""Bases of the genome that a joint allele may span."""

Bases = Callable[[str, int, int], str]
"""The upper-case bases of a contig, from a position to another (1-based, both included)."""


class NotJoined(Exception):
    """The alleles cannot be written as one; the message says why."""


@dataclass(frozen=True, slots=True)
class Variant:
    """An allele as its record has it; ``pos`` is 1-based, ``record`` its record's number."""

    record: int
    allele: int
    contig: str
    pos: int
    ref: str
    alt: str

    @property
    def changed(self) -> tuple[int, str, str]:
        """What it changes: the position of the first changed base, the bases before and after.

        An insertion has no base before, and stands in front of its position.
        """
        ref, alt = self.ref.upper(), self.alt.upper()
        behind = 0
        while behind < min(len(ref), len(alt)) and ref[-1 - behind] == alt[-1 - behind]:
            behind += 1
        ref, alt = ref[: len(ref) - behind], alt[: len(alt) - behind]
        before = 0
        while before < min(len(ref), len(alt)) and ref[before] == alt[before]:
            before += 1
        return self.pos + before, ref[before:], alt[before:]

    def __str__(self) -> str:
        """Such as ``6831:A>C``; long alleles are cut."""
        return f"{self.pos}:{_short(self.ref)}>{_short(self.alt)}"


def _short(bases: str) -> str:
    shown = 20
    return bases if len(bases) <= shown else f"{bases[:shown]}..[{len(bases)}]"


def joined(variants: Sequence[Variant], bases: Bases) -> tuple[str, int, str, str]:
    """One allele that does what all do, as VCF writes it: contig, position, REF, ALT.

    Raises NotJoined.

    >>> joined([Variant(0, 1, "1", 5, "A", "C"), Variant(1, 1, "1", 7, "T", "G")], lambda *_: "AGT")
    ('1', 5, 'AGT', 'CGG')
    """
    contig = variants[0].contig
    changes = sorted((one.changed for one in variants), key=lambda one: (one[0], len(one[1])))
    first = changes[0][0]
    last = max(start + len(ref) for start, ref, _ in changes) - 1
    if last - first >= LONGEST:
        raise NotJoined("too_long")
    reference = bases(contig, first, last) if last >= first else ""
    at, pieces, insertion_at = first, [], 0
    for start, ref, alt in changes:
        if start < at or (not ref and start == insertion_at):
            raise NotJoined("overlapping")
        insertion_at = 0 if ref else start
        pieces += [reference[at - first : start - first], alt]
        at = start + len(ref)
    changed = "".join(pieces)
    if changed == reference:
        raise NotJoined("without_effect")
    if changed and reference:
        return contig, first, reference, changed
    if first > 1:
        anchor = bases(contig, first - 1, first - 1)
        return contig, first - 1, anchor + reference, anchor + changed
    anchor = bases(contig, last + 1, last + 1)
    return contig, first, reference + anchor, changed + anchor
