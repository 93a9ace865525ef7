"""A rule of the specification, and the verdict on what breaks it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ALL = (1, 5)
"""All minor versions of VCF 4 that are known here; 4.0 is read as 4.1."""
FROM_3, FROM_4, FROM_5 = (3, 5), (4, 5), (5, 5)
UNTIL_2, UNTIL_3 = (1, 2), (1, 3)


class Verdict(StrEnum):
    """What becomes of a file that breaks a rule."""

    REFUSED = "refused"
    NOTED = "noted"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: ``versions`` are the first and last minor version of VCF 4 that it holds for.

    ``reason`` says why the verdict is that one.
    """

    id: str
    versions: tuple[int, int]
    what: str
    verdict: Verdict
    reason: str

    def holds(self, minor_version: int) -> bool:
        """True if it is a rule of that version."""
        first, last = self.versions
        return first <= max(minor_version, 1) <= last
