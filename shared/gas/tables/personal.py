"""What users write beside the event log: marks of variants, saved filters, layouts, shares.

No projection: no event has any of it, and a rebuild never touches it. One partition holds all rows
of one user, so listing, exporting and deleting them are queries of one partition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

MAX_ROWS = 4
"""Rows of one transaction: with a counter of each one's job, one of the kind, and the job itself.

AWS takes 100 actions in a transaction, LocalStack ten.
"""

MARKS, FILTERS, LAYOUTS, SHARES, JOB_TAGS = "mark", "filter", "layout", "share", "tags"
"""How entries begin: ``mark/JOB/…``, ``filter/ID``, ``layout/ID``, ``share/JOB/ID``,
``tags/JOB/tags``.
"""


@dataclass(frozen=True, slots=True)
class PersonalRow:
    """One row of a user.

    ``entry`` names it among the user's rows (``mark/JOB/…``), ``version`` counts its writes from 1,
    ``counters`` names the counters that it is counted in. ``token_sha256`` finds a share.
    """

    user_id: str
    entry: str
    version: int
    content: dict[str, Any]
    counters: tuple[str, ...] = ()
    token_sha256: str | None = None


class RowChanged(Exception):
    """Another writer was first: the row exists already, has another version, or is gone."""


class LimitReached(Exception):
    """The rows would be more than ``counter`` allows; nothing was written."""

    def __init__(self, counter: str) -> None:
        super().__init__(f"the limit of {counter} is reached")
        self.counter = counter


class JobGone(Exception):
    """The job of the rows does not exist or is deleted; nothing was written."""


class PersonalTable(Protocol):
    """The table ``gas-personal``. Reads are strongly consistent."""

    def get(self, user_id: str, entry: str) -> PersonalRow | None:
        """The row, or None."""

    def page(
        self, user_id: str, prefix: str, limit: int, after: str | None = None
    ) -> list[PersonalRow]:
        """Up to ``limit`` rows whose entries begin with ``prefix`` and come after ``after``.

        They are in the order of their entries.
        """

    def by_token(self, token_sha256: str) -> PersonalRow | None:
        """The row with that hash of a token, or None. A row made a moment ago may be missing."""

    def add(
        self, rows: Sequence[PersonalRow], most: Mapping[str, int], *, of_job: str | None = None
    ) -> None:
        """Store 1 to 90 new rows of one user, all or none.

        ``most`` has the highest value of each counter. A deletion of the job ``of_job`` that is
        committed first wins. Raises RowChanged, LimitReached, JobGone.
        """

    def replace(self, row: PersonalRow) -> None:
        """Store the row instead of the one with the version before. Raises RowChanged."""

    def remove(self, row: PersonalRow) -> None:
        """Delete the row if it still has that version. Raises RowChanged."""

    def remove_all(self, user_id: str, prefix: str) -> int:
        """Delete all rows whose entries begin with ``prefix``; idempotent. Returns how many."""


def counts_of(rows: Sequence[PersonalRow]) -> Counter[str]:
    """How many of the rows each counter counts."""
    return Counter(counter for row in rows for counter in row.counters)


def forget_job(table: PersonalTable, user_id: str, job_id: str) -> int:
    """Delete the marks, shares and tags of a deleted job; idempotent. Returns how many."""
    return sum(table.remove_all(user_id, f"{kind}/{job_id}/") for kind in (SHARES, MARKS, JOB_TAGS))


def forget_user(table: PersonalTable, user_id: str) -> int:
    """Delete everything of a user; idempotent. Returns how many rows there were."""
    # Shares first: what they open should close before all else.
    kinds = (SHARES, MARKS, FILTERS, LAYOUTS, JOB_TAGS)
    return sum(table.remove_all(user_id, f"{kind}/") for kind in kinds)
