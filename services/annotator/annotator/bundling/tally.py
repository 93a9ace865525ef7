"""How many rows of a source came into a bundle, and why others did not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from annotator.bundling.recipe import BadRecipe

NO_CONTIG = "on contigs that the bundle lacks"
OUTSIDE = "outside the bundle's windows"
NO_ALLELE = "without an alternate allele of bases"
BAD_POSITION = "with a position that is not on the contig"
OTHER_REF = "whose REF is not what the sequence has there"
MOST_MISMATCHES = 0.05
"""The share of rows with another REF from which on a source is of another assembly."""


@dataclass
class Tally:
    """Rows of one source, an alternate allele each."""

    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, int]:
        """The numbers, ``kept`` first."""
        return {"kept": self.kept, **self.dropped}

    def must_be_usable(self, file: str) -> None:
        """Raises BadRecipe if no row was kept, or too many are of another assembly."""
        other = self.dropped[OTHER_REF]
        if other > MOST_MISMATCHES * (self.kept + other):
            raise BadRecipe(
                f"In {other:,} of {self.kept + other:,} rows of {file} REF is not what the sequence"
                " has there: it is of another assembly."
            )
        if not self.kept:
            why = "; ".join(f"{count:,} {reason}" for reason, count in self.dropped.items())
            raise BadRecipe(
                f"{file} has no variant on the bundle's contigs: no row of it was kept"
                f"{f' ({why})' if why else ''}."
            )


def shown(rows: dict[str, int]) -> str:
    """Such numbers in words."""
    dropped = [f"{n:,} {why}" for why, n in rows.items() if why != "kept"]
    return f"{rows['kept']:,} alleles kept, {'; '.join(dropped) or 'none'} dropped"
