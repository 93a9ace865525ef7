"""What an annotation engine is, and which there are.

An engine is given bare records on its standard input: CHROM, POS, a number as ID, REF, ALT and,
where there are samples, GT. It gives them back, in nearly the same order, with INFO of its own. The
user's text never passes through it, so nothing of it can be changed, lost or misread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from annotator.bundle import Bundle, Stretch
from annotator.engine.consequences import Told


@dataclass(frozen=True, slots=True)
class Demand:
    """What an engine is to do with a part of a file, all of one genetic code.

    ``is_normal``: alleles are trimmed and left-aligned already. ``samples``: there are genotypes,
    and variants that one haplotype carries are judged together. ``has_lone``: there are variants
    that nobody carries, or that overlap another, which must be judged by themselves; their QUAL
    is 1, that of all others is missing. ``genes`` is where the gene models that count lie in their
    file; empty if all count.
    """

    bundle: Bundle
    genetic_code: int
    is_normal: bool
    samples: int
    has_lone: bool
    genes: tuple[Stretch, ...] = ()


class EngineMissing(Exception):
    """The engine of a bundle is not installed; the message says what to do."""


class Engine(Protocol):
    """An engine; ``version`` is what results record."""

    @property
    def version(self) -> str:
        """Its name and version. Raises EngineMissing."""

    tags: tuple[str, ...]
    """The INFO keys in which it gives consequences: where the first is missing the next counts."""
    files: tuple[str, ...]
    """What it needs of a bundle besides the reference."""
    only_in_genes: bool
    """True if it says nothing of variants between genes, which it need not be given then."""

    def commands(self, demand: Demand) -> list[list[str]]:
        """The programs that are joined by pipes; they run in the folder that ``prepare`` filled."""

    def description(self) -> str:
        """The Description of its first INFO key in results."""

    def told(self, value: bytes) -> Sequence[Told]:
        """The consequences that a value of its keys says, in the words of the Sequence Ontology."""
