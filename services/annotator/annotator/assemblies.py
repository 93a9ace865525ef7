"""Sequences of the human assemblies by all their names: the one table that joins contigs.

``assemblies.tsv`` is made of NCBI's assembly reports (public domain): chromosomes, mitochondrion,
unlocalized and unplaced scaffolds, as Ensembl, UCSC, RefSeq and GenBank call them. hg19's chrM is
NC_001807.4, which is another sequence than the MT of GRCh37: no name joins the two.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("assemblies.tsv")
_ALL_ALIKE = frozenset({"MT"})
"""The mitochondrion is the same in several assemblies: it tells none from another."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence of an assembly: Ensembl's name, length in bases, and the names of others."""

    name: str
    length: int
    aliases: tuple[str, ...]


@cache
def _assemblies() -> dict[str, tuple[Sequence, ...]]:
    found: dict[str, list[Sequence]] = {}
    with _TABLE.open(encoding="ascii", newline="") as file:
        for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not row[0].startswith("#"):
                assembly, name, length, ucsc, refseq, genbank, also = row
                names = [one for one in (ucsc, refseq, genbank, *also.split(",")) if one]
                found.setdefault(assembly, []).append(Sequence(name, int(length), tuple(names)))
    return {assembly: tuple(sequences) for assembly, sequences in found.items()}


@cache
def names_of(assembly: str) -> Mapping[str, Sequence]:
    """The sequences of an assembly by all their names; none for one that the table lacks."""
    sequences = _assemblies().get(assembly, ())
    return {name: one for one in sequences for name in (one.name, *one.aliases)}


def recognised(contigs: Mapping[str, int | None]) -> str | None:
    """The one assembly that contigs with these lengths in bases (None: not known) are of.

    Lengths tell, and so do names with a version, such as NC_000021.9. None if nothing tells, or
    as much for one assembly as for another.
    """
    votes = {
        assembly: sum(_speaks_for(assembly, name, length) for name, length in contigs.items())
        for assembly in _assemblies()
    }
    most = max(votes.values())
    best = [assembly for assembly, count in votes.items() if count == most]
    return best[0] if most and len(best) == 1 else None


def _speaks_for(assembly: str, name: str, length: int | None) -> bool:
    one = names_of(assembly).get(name)
    if one is None or one.name in _ALL_ALIKE:
        return False
    if length is not None:
        return length == one.length
    return not any(name in names_of(other) for other in _assemblies() if other != assembly)
