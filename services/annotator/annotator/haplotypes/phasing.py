"""Which alleles of a sample are certainly together on one haplotype, by the rules of VCF.

Certain are: alleles at the same place of phased genotypes that have one phase set (PS; those
without one are a set too) and one ploidy; and an allele of which a genotype is made up wholly, with
any other allele of that sample.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

MISSING = -1
_ALLELE = re.compile(rb"([/|]?)(\.|[0-9]{1,9})")
_WHOLE = re.compile(rb"[/|]?(?:\.|[0-9]{1,9})(?:[/|](?:\.|[0-9]{1,9}))*")
EVERY = "all"
"""The haplotype of what is on all of them."""
SOME = "?"
"""The haplotype of what is together on one, nobody knows which."""


@dataclass(frozen=True, slots=True)
class Genotype:
    """The alleles of a value of GT (0 is REF, MISSING a dot), and which of them are phased."""

    alleles: tuple[int, ...]
    is_phased: tuple[bool, ...]

    @property
    def only_allele(self) -> int:
        """The allele of ALT that this genotype is made up of wholly; 0 if there is none."""
        first = self.alleles[0]
        return first if first > 0 and len(set(self.alleles)) == 1 else 0


@lru_cache(maxsize=10_000)
def genotype(text: bytes, minor_version: int) -> Genotype | None:
    """A value of GT of a file of VCF 4.``minor_version``; None if it is none.

    From VCF 4.4 on every allele has its own mark; that of the first may be left out, and is then
    ``|`` if all others are. Before, a genotype is phased if all its marks are ``|``.

    >>> genotype(b"/0|1", 4).is_phased
    (False, True)
    """
    if not _WHOLE.fullmatch(text):
        return None
    marks, names = zip(*_ALLELE.findall(text), strict=True)
    rest_is_phased = all(mark == b"|" for mark in marks[1:])
    is_phased = [mark == b"|" for mark in marks]
    if not marks[0]:
        is_phased[0] = rest_is_phased
        if minor_version < 4:
            is_phased = [rest_is_phased] * len(marks)
    alleles = tuple(MISSING if name == b"." else int(name) for name in names)
    return Genotype(alleles, tuple(is_phased))


Member = tuple[int, int]
"""The place of a record among those that were asked about, and the number of an allele of ALT."""


@lru_cache(maxsize=10_000)
def together(
    genotypes: tuple[Genotype | None, ...], phase_sets: tuple[bytes, ...]
) -> tuple[tuple[str, frozenset[Member]], ...]:
    """Haplotypes of one sample that certainly have two or more alleles, each with its name.

    ``genotypes`` are the sample's in some records, ``phase_sets`` its PS there (empty for none).
    Names are places in GT, from 1 (``2``, ``1+2``), EVERY or SOME.
    """
    everywhere = frozenset(
        (at, call.only_allele) for at, call in enumerate(genotypes) if call and call.only_allele
    )
    found = _phased(genotypes, phase_sets, everywhere)
    others = _unphased(genotypes)
    if not found:
        found.append((SOME if others else EVERY, everywhere))
    found += [(SOME, everywhere | {other}) for other in others]
    names: dict[frozenset[Member], list[str]] = {}
    for name, members in found:
        if len(members) > 1:
            names.setdefault(members, []).append(name)
    return tuple(("+".join(dict.fromkeys(known)), members) for members, known in names.items())


def _phased(
    genotypes: Sequence[Genotype | None],
    phase_sets: Sequence[bytes],
    everywhere: frozenset[Member],
) -> list[tuple[str, frozenset[Member]]]:
    sets: dict[tuple[bytes, int], list[int]] = {}
    for at, (call, phase_set) in enumerate(zip(genotypes, phase_sets, strict=True)):
        if call and not call.only_allele and _has_phased(call):
            sets.setdefault((phase_set, len(call.alleles)), []).append(at)
    found = []
    for (_, ploidy), records in sets.items():
        for place in range(ploidy):
            own = {(at, _phased_allele(genotypes[at], place)) for at in records}
            members = everywhere | {(at, allele) for at, allele in own if allele > 0}
            found.append((str(place + 1), members))
    return found


def _unphased(genotypes: Sequence[Genotype | None]) -> list[Member]:
    """Alleles that are on some haplotype, nobody knows which."""
    return sorted(
        {
            (at, allele)
            for at, call in enumerate(genotypes)
            if call and not call.only_allele
            for allele, is_phased in zip(call.alleles, call.is_phased, strict=True)
            if allele > 0 and not is_phased
        }
    )


def _has_phased(call: Genotype) -> bool:
    marked = zip(call.alleles, call.is_phased, strict=True)
    return any(allele > 0 and is_phased for allele, is_phased in marked)


def _phased_allele(call: Genotype | None, place: int) -> int:
    if call is None or not call.is_phased[place]:
        return 0
    return call.alleles[place]
