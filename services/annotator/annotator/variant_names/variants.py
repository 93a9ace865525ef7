"""Changes as alleles of a VCF, checked against the reference."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from annotator.bundle import Bundle
from annotator.consequences.genome import Genome
from annotator.normalize.left_alignment import LeftAligner
from annotator.variant_names.hgvs import Change
from annotator.variant_names.unresolved import Unresolved

MOST_BASES = 10_000
_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")


class Variant(NamedTuple):
    """Contig (its number in the bundle), 1-based position, REF and alternate alleles."""

    contig: int
    position: int
    ref: str
    alts: tuple[str, ...]


class Variants:
    """Makes variants of one bundle, trimmed and left-aligned."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._numbers = {contig.name: n for n, contig in enumerate(bundle.manifest.contigs)}
        self.genome = Genome(bundle.reference)
        self._aligner = LeftAligner(bundle.reference)

    def contig(self, name: str) -> int:
        """The number of the contig of that name. Raises Unresolved."""
        known = self._bundle.contig_of
        shorter = name[3:] if name[:3].lower() == "chr" else name
        for tried in (name, name.upper(), shorter, shorter.upper(), f"chr{shorter.upper()}"):
            if tried in known:
                return self._numbers[known[tried].name]
        raise Unresolved(f"the reference has no sequence {name}")

    def of_record(self, contig: int, position: int, ref: str, alts: tuple[str, ...]) -> Variant:
        """Alleles as a record gives them. Raises Unresolved where REF is not what is there."""
        self._must_be_there(contig, position, position + len(ref) - 1, ref, 1)
        if ref in alts:
            raise Unresolved("ALT is the same as REF: it says that nothing is changed")
        if len(alts) > 1:
            return Variant(contig, position, ref, alts)
        return self._normal(contig, position, ref, alts[0])

    def of_change(self, contig: int, span: tuple[int, int], strand: int, change: Change) -> Variant:
        """What a change of the bases of ``span`` (1-based, inclusive) makes. Raises Unresolved.

        Its bases are those of ``strand``; an insertion comes between the two bases of its span.
        """
        low, high = span
        if change.length and change.length != high - low + 1:
            raise Unresolved(
                f"it names {change.length:,} bases, but its positions are {high - low + 1:,}"
            )
        there = self._must_be_there(contig, low, high, change.ref, strand)
        alt = change.alt if strand > 0 else reverse_complement(change.alt)
        if change.kind == "insertion":
            if high - low != 1:
                raise Unresolved(
                    "an insertion comes between two positions side by side, as 12_13insA"
                )
            return self._normal(contig, low, there[0], there[0] + alt)
        if change.kind == "inversion":
            alt = reverse_complement(there)
        elif change.kind == "duplication":
            alt = there + there
        if alt == there:
            raise Unresolved("it changes nothing: these bases are there already")
        if alt:
            return self._normal(contig, low, there, alt)
        if low > 1:
            before = self._bases(contig, low - 1, low - 1)
            return self._normal(contig, low - 1, before + there, before)
        behind = self._bases(contig, high + 1, high + 1)  # VCF 1.4.1: at the first base
        return Variant(contig, low, there + behind, (behind,))

    def _must_be_there(self, contig: int, low: int, high: int, ref: str, strand: int) -> str:
        """The bases of the plus strand. Raises Unresolved if ``ref`` is not what is there."""
        about = self._bundle.manifest.contigs[contig]
        if not 1 <= low <= high <= about.length:
            raise Unresolved(
                f"{about.name} has {about.length:,} bases: there is no position {high:,}"
            )
        if high - low >= MOST_BASES:
            raise Unresolved(f"it spans more than {MOST_BASES:,} bases: send it as a VCF record")
        number, ends = np.array([contig]), (np.array([low]), np.array([high]))
        if not self._bundle.is_covered(number, *ends)[0]:
            raise Unresolved(
                f"{about.name}:{low:,} is not in this demo bundle, which has parts only"
            )
        there = self._bases(contig, low, high)
        told = ref if strand > 0 else reverse_complement(ref)
        if ref and told != there:
            shown = there if strand > 0 else reverse_complement(there)
            raise Unresolved(f"the reference has {_short(shown)} there, not {_short(ref)}")
        if "N" in there:
            raise Unresolved(f"the bases at {about.name}:{low:,} are not known (N)")
        return there

    def _bases(self, contig: int, low: int, high: int) -> str:
        name = self._bundle.manifest.contigs[contig].name
        return self.genome.named_sequence(name, low, high)

    def _normal(self, contig: int, position: int, ref: str, alt: str) -> Variant:
        name = self._bundle.manifest.contigs[contig].name
        at, less, other = self._aligner.normal(name, position, ref.encode(), alt.encode())
        return Variant(contig, at, less.decode(), (other.decode(),))


def reverse_complement(bases: str) -> str:
    """The bases of the other strand, in its direction."""
    return bases.translate(_COMPLEMENT)[::-1]


def _short(bases: str) -> str:
    return bases if len(bases) <= 20 else f"{bases[:20]}… ({len(bases):,} bases)"
