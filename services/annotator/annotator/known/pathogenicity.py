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
    and lower case are the same. What some call pathogenic and others benign or uncertain is
    disputed, and does not count.
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
        """How many records have such an allele; ``known`` is what ``KnownVariants.find`` gives."""
        found: set[int] = set()
        for name, verdict in self._verdicts.items():
            values = known.select("row", name).drop_nulls()
            different = values[name].unique().to_list()
            bad = [value for value in different if verdict.is_pathogenic(value.encode())]
            found.update(values.filter(pl.col(name).is_in(bad))["row"].to_list())
        return len(found)
