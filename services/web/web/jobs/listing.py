"""The lists of users' jobs, kept in memory and brought up to date by what has changed.

So searching, filtering and sorting 10,000 jobs read a few rows, not 10,000 (docs: decision 52).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gas.domain.job import Job, JobStatus
from gas.tables.job_list import JobListTable, ListedJob, listed

MOST_JOBS = 25_000
"""Of one user; of more, lists have the newest."""

_MOST_CHANGES = 2_000  # more are read as cheaply in full
_MOST_KEPT = 200_000  # jobs of all users, some 100 MB
# The index of changes lags behind, clocks differ, and a transaction may be sent again for seconds.
_OVERLAP = timedelta(minutes=2)


@dataclass(slots=True)
class Listing:
    """A user's jobs that are not deleted, by id. ``views`` has what was made of them, by question.

    It is replaced as a whole when a job changes, so readers need no lock.
    """

    jobs: dict[str, ListedJob]
    gone: dict[str, int]
    is_complete: bool
    read_at: datetime
    views: dict[object, object] = field(default_factory=dict)


class JobLists:
    """The lists of the users who asked last; threads share it."""

    def __init__(self, table: JobListTable, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Listing] = OrderedDict()

    def of(self, user_id: str) -> Listing:
        """The user's list as it is now, but for what changed within the last second or so."""
        with self._lock:
            kept = self._kept.get(user_id)
        began = self._now()
        found = self._refreshed(user_id, kept, began) if kept else None
        if found is None:
            found = self._read(user_id, began)
        self._keep(user_id, found)
        return found

    def note(self, job: Job) -> None:
        """Show what this process has just done to the job, which the index does not yet know."""
        with self._lock:
            kept = self._kept.get(job.user_id)
            if kept:
                self._kept[job.user_id] = _with(kept, [listed(job)], kept.read_at)

    def _read(self, user_id: str, began: datetime) -> Listing:
        found = self._table.newest(user_id, MOST_JOBS)
        jobs = {job.job_id: job for job in sorted(found.jobs, key=lambda job: job.job_id)}
        return Listing(jobs, {}, found.is_complete, began)

    def _refreshed(self, user_id: str, kept: Listing, began: datetime) -> Listing | None:
        """The list with what changed; None if that is too much."""
        found = self._table.changed(user_id, kept.read_at - _OVERLAP, _MOST_CHANGES)
        return _with(kept, found.jobs, began) if found.is_complete else None

    def _keep(self, user_id: str, found: Listing) -> None:
        with self._lock:
            other = self._kept.pop(user_id, None)
            # Another request may have noted or read something later in the meantime.
            self._kept[user_id] = _with(found, other.jobs.values(), found.read_at) if other else found
            while len(self._kept) > 1 and sum(map(_size, self._kept.values())) > _MOST_KEPT:
                self._kept.popitem(last=False)
