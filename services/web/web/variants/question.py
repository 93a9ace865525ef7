"""A question about the variants of a job: what to keep, in which order, which columns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_GENES = 10_000
MAX_ITEMS = 200
"""The most regions, terms, genotypes or names of another kind in one question."""


class Inheritance(StrEnum):
    """A model of inheritance; the roles of samples come from ``family``."""

    DE_NOVO = "de_novo"
    DOMINANT = "dominant"
    RECESSIVE = "recessive"
    COMPOUND_HET = "compound_het"
    X_LINKED = "x_linked"


class Role(StrEnum):
    """What a sample is in the family."""

    CHILD = "child"
    FATHER = "father"
    MOTHER = "mother"
    AFFECTED = "affected"
    UNAFFECTED = "unaffected"


class Genotype(StrEnum):
    """What a sample's genotype is, seen from the row's allele."""

    HET = "het"
    HOM = "hom"
    CARRIER = "carrier"
    HOM_REF = "hom_ref"
    HEMI = "hemi"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Region:
    """Positions of a contig, 1-based and inclusive; ``end`` None is the contig's end."""

    contig: str
    start: int = 1
    end: int | None = None

    def __str__(self) -> str:
        if self.end is None:
            return self.contig if self.start == 1 else f"{self.contig}:{self.start}-"
        return f"{self.contig}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class SampleGenotype:
    """A sample by name, and the genotype that it must have."""

    sample: str
    genotype: Genotype


@dataclass(frozen=True, slots=True)
class Member:
    """A sample by name, and a role in the family; a sample may have several."""

    sample: str
    role: Role


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column to order by."""

    column: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows to keep (all conditions hold; several values of one are alternatives).

    Frequencies are from 0 to 1. ``keep_missing_af`` keeps what has no known frequency.
    ``any_transcript`` makes consequence, impact and MANE look at every transcript instead of the
    picked one. ``min_dp`` is INFO/DP, the other depths are a genotype's own.
    """

    genes: tuple[str, ...] = ()
    regions: tuple[Region, ...] = ()
    consequences: tuple[str, ...] = ()
    impacts: tuple[str, ...] = ()
    any_transcript: bool = False
    types: tuple[str, ...] = ()
    min_qual: float | None = None
    is_pass: bool = False
    min_dp: int | None = None
    genotypes: tuple[SampleGenotype, ...] = ()
    family: tuple[Member, ...] = ()
    inheritance: Inheritance | None = None
    min_ab: float | None = None
    min_gq: float | None = None
    min_dp_het: int | None = None
    min_dp_hom: int | None = None
    min_alt_reads: int | None = None
    max_af: float | None = None
    keep_missing_af: bool = True
    clinical: tuple[str, ...] = ()
    min_stars: int | None = None
    rs: tuple[str, ...] = ()
    text: str | None = None
    is_mane: bool = False
    where: str | None = None
    sort: tuple[SortKey, ...] = ()
    columns: tuple[str, ...] = ()
