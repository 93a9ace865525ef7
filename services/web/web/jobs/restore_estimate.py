"""How long a restore from cold storage takes, and what it costs, before anybody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gas.events import Tier


@dataclass(frozen=True, slots=True)
class _Terms:
    """S3 Glacier Flexible Retrieval, list prices of us-east-1 in dollars (docs/scale.md)."""

    usual: str
    a_gigabyte: float
    a_request: float


_TERMS = {
    Tier.EXPEDITED: _Terms("1 to 5 minutes", 0.03, 0.01),
    Tier.STANDARD: _Terms("3 to 5 hours", 0.01, 0.000_05),
    Tier.BULK: _Terms("5 to 12 hours", 0.0, 0.0),
}


@dataclass(frozen=True, slots=True)
class RestoreEstimate:
    """The usual time of a restore, and the time where there is no capacity for that, if any.

    ``dollars`` is what AWS charges this installation.
    """

    usual: str
    otherwise: str | None
    dollars: float

    @property
    def price(self) -> str:
        """``less than a cent``, ``about $0.04``, ``nothing``."""
        if self.dollars == 0:
            return "nothing"
        return "less than a cent" if self.dollars < 0.01 else f"about ${self.dollars:,.2f}"


def restore_estimate(size_bytes: int, tiers: Sequence[Tier]) -> RestoreEstimate:
    """The estimate for one result; ``tiers``, one at least, are tried in their order."""
    first = _TERMS[tiers[0]]
    others = [_TERMS[tier].usual for tier in tiers[1:]]
    dollars = first.a_request + first.a_gigabyte * size_bytes / 1e9
    return RestoreEstimate(first.usual, others[-1] if others else None, dollars)
