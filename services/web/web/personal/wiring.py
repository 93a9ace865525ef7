"""The services of personal data, on one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gas.tables.personal import FILTERS, LAYOUTS, PersonalTable, forget_user
from web.personal.job_tags import JobTags
from web.personal.marks import Marks
from web.personal.records import Filter, Layout
from web.personal.saved import SavedItems
from web.personal.shares import Shares


@dataclass(frozen=True, slots=True)
class Personal:
    """What a user has beside the event log."""

    table: PersonalTable
    marks: Marks
    filters: SavedItems[Filter]
    layouts: SavedItems[Layout]
    shares: Shares
    job_tags: JobTags

    def forget(self, user_id: str) -> int:
        """Delete everything of the user; returns how many rows there were."""
        return forget_user(self.table, user_id)


def personal_of(
    table: PersonalTable,
    now: Callable[[], datetime],
    new_id: Callable[[], str],
    public_url: str,
) -> Personal:
    """The services on that table. ``public_url`` begins the addresses of shares."""
    return Personal(
        table,
        Marks(table, now),
        SavedItems(table, FILTERS, Filter, now, new_id),
        SavedItems(table, LAYOUTS, Layout, now, new_id),
        Shares(table, now, new_id, public_url),
        JobTags(table),
    )
