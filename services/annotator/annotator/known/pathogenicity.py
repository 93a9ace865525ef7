"""Whether a value of a known source says that a variant is pathogenic."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from annotator.bundle import Bundle, KnownSource

_BETWEEN_TERMS = re.compile(rb"[|/&]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Reads clinical significance as ClinVar writes it: ``Not_provided|Pathogenic``.

    Terms are separated by ``|``, ``/`` or ``&``, the values of several alleles by commas; upper
    and lower case are the same. What some call pathogenic and others benign, say, is disputed and
    does not count: the source says which terms ``conflicting`` ones are.
    """

    pathogenic: frozenset[bytes]
    conflicting: frozenset[bytes]

    @classmethod
    def of(cls, source: KnownSource) -> Verdict:
        """As the manifest of the source says."""
        return cls(_terms(source.pathogenic_values), _terms(source.conflicting_values))

    def is_pathogenic(self, value: bytes) -> bool:
        """True if that is so of one allele at least."""
        for allele in value.lower().split(b","):
            terms = set(_BETWEEN_TERMS.split(allele))
            if terms & self.pathogenic and not terms & self.conflicting:
                return True
        return False


def _terms(values: tuple[str, ...]) -> frozenset[bytes]:
    return frozenset(
        term for value in values for term in _BETWEEN_TERMS.split(value.lower().encode())
    )


class Pathogenicity:
    """Counts known pathogenic records of a block."""

    def __init__(self, bundle: Bundle) -> None:
        self._verdicts = {
            source.pathogenic_field: Verdict.of(source)
            for source in bundle.manifest.known
            if source.pathogenic_field
        }

    def records(self, known: pl.DataFrame) -> int:
        """How many records have a pathogenic allele; ``known``: see ``KnownVariants.find``."""
        return self.alleles(known)["row"].n_unique()

    def alleles(self, known: pl.DataFrame) -> pl.DataFrame:
        """``row`` and ``allele`` of those that are."""
        is_bad = pl.lit(value=False)
        for name, verdict in self._verdicts.items():
            different = known[name].drop_nulls().unique().to_list()
            bad = [value for value in different if verdict.is_pathogenic(value.encode())]
            is_bad |= pl.col(name).is_in(bad).fill_null(value=False)
        return known.filter(is_bad).select("row", "allele")
