"""SQL on the genotype of one sample: from one column of all samples, or from the sample's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from web.variants.schema import Schema
from web.variants.sql import Condition

BITS = 3
"""Of a sample in the column ``zygosities``."""
_CODES = {"hom_ref": 1, "het": 2, "hom": 3, "hemi": 4, "other": 5}
_WITHOUT, _WITH = (1, 5, 6), (2, 3, 4, 7)
"""The codes of genotypes without a copy of the allele, and with one; 0 is none at all."""


class Reader(Protocol):
    """What tests of reads ask of a sample."""

    def field(self, name: str) -> str:
        """The SQL that reads ``gq``, ``dp`` and so on."""
        ...

    def has(self, *zygosities: str) -> Condition:
        """True where the sample's zygosity is one of these."""
        ...

    def carries(self) -> Condition:
        """True where the sample has a copy of the allele at least."""
        ...


class AnySample:
    """The sample ``n`` of the lists of a file with many samples."""

    def field(self, name: str) -> str:
        """The SQL that reads ``gq``, ``dp`` and so on."""
        return f'"samples_{name}"[n]'

    def has(self, *zygosities: str) -> Condition:
        """True where the sample's zygosity is one of these."""
        return _one_of(self.field("zygosity"), zygosities)

    def carries(self) -> Condition:
        """True where the sample has a copy of the allele at least."""
        return Condition(f"{self.field('copies')} > 0")


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of a file, by its number from 1. A condition is never true without a genotype."""

    schema: Schema
    number: int

    def field(self, name: str) -> str:
        """The SQL that reads ``gq``, ``dp`` and so on."""
        return self.schema.of_sample(self.number, name).sql

    def has(self, *zygosities: str) -> Condition:
        """True where the sample's zygosity is one of these."""
        if self.schema.is_packed:
            return self._coded(*(_CODES[word] for word in zygosities))
        return _one_of(self.field("zygosity"), zygosities)

    def carries(self) -> Condition:
        """True where the sample has a copy of the allele at least."""
        if self.schema.is_packed:
            return self._coded(*_WITH)
        return Condition(f"{self.field('copies')} > 0")

    def lacks_allele(self) -> Condition:
        """True where the sample has no copy of the allele."""
        if self.schema.is_packed:
            return self._coded(*_WITHOUT)
        return Condition(f"{self.field('copies')} = 0")

    def has_another_copy(self) -> Condition:
        """True unless the allele is all that the sample has."""
        if self.schema.is_packed:
            return self._coded(1, 2, 5, 6, 7)
        return Condition(f"{self.field('zygosity')} NOT IN ('hom', 'hemi')")

    def is_unknown(self) -> Condition:
        """True where no allele is called."""
        if self.schema.is_packed:
            return self._coded(0)
        return Condition(f"{self.field('zygosity')} IS NULL")

    def is_known(self) -> Condition:
        """True where an allele is called."""
        if self.schema.is_packed:
            return self._coded(*range(1, 8))
        return Condition(f"{self.field('copies')} IS NOT NULL")

    def _coded(self, *codes: int) -> Condition:
        # Without a shift, and with equality for one code, as DuckDB evaluates that fastest.
        place = BITS * (self.number - 1)
        column = f"(zygosities & {7 << place})"
        shifted = [str(code << place) for code in codes]
        if len(shifted) == 1:
            return Condition(f"{column} = {shifted[0]}")
        return Condition(f"{column} IN ({', '.join(shifted)})")


def _one_of(column: str, zygosities: tuple[str, ...]) -> Condition:
    return Condition(f"{column} IN ({', '.join(repr(word) for word in zygosities)})")
