"""What this month costs, estimated from rows and list prices: no bill, and no price of AWS asked.

The prices are those of docs/scale.md: us-east-1, without free tiers and discounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gas.tables.stored import Stored
from web.operation.sources import Sources

WARM_GB_MONTH, COLD_GB_MONTH = 0.023, 0.0036
"""Dollars for a GB (10⁹ bytes) and month in S3 Standard, and in Glacier Flexible Retrieval."""

REQUESTS_OF_1000_JOBS = {
    "DynamoDB": 0.076,
    "SNS, SQS": 0.016,
    "mail": 0.300,
    "S3 requests": 0.073,
    "logs": 0.006,
}
"""Dollars for the whole life of 1,000 jobs, without tasks and restores."""

RESTORE_OF_1000_JOBS = 10.06
"""Dollars for 1,000 expedited restores of 2 MB each, the dearest tier."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Dollars a month: ``coldest`` if all bytes were cold, ``warmest`` if all were warm.

    Rows know a job's bytes and not where they are, so storage has these two bounds. ``requests``
    has a line for each service, of the jobs that were submitted ``since``.
    """

    stored: Stored
    since: datetime
    coldest: float
    warmest: float
    requests: tuple[tuple[str, float], ...]

    @property
    def requests_dollars(self) -> float:
        """All lines of ``requests``."""
        return sum(dollars for _, dollars in self.requests)


def costs(sources: Sources) -> Costs:
    """The estimate for the current month, in UTC. Raises an AwsError."""
    since = sources.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return estimate(sources.stored.total(since), since)


def estimate(stored: Stored, since: datetime) -> Costs:
    """The dollars of what is stored and of the month's jobs."""
    gigabytes, thousands = stored.bytes / 1e9, stored.new_jobs / 1000
    return Costs(
        stored,
        since,
        gigabytes * COLD_GB_MONTH,
        gigabytes * WARM_GB_MONTH,
        tuple((name, price * thousands) for name, price in REQUESTS_OF_1000_JOBS.items()),
    )
