"""The lists of users' jobs, kept in memory and brought up to date by what has changed.

So searching, filtering and sorting 10,000 jobs read a few rows, not 10,000 (docs: decision 52).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gas.domain.job import Job
from gas.tables.job_list import JobListTable, ListedJob, listed

MOST_JOBS = 25_000
"""Of one user; of more, lists have the newest."""

_MOST_CHANGES = 2_000  # more are read as cheaply in full
_MOST_KEPT = 200_000  # jobs of all users, some 100 MB
# The index of changes lags behind, clocks differ, and a transaction may be sent again for seconds.
_OVERLAP = timedelta(minutes=2)


@dataclass(slots=True)
class Listing:
    """A user's jobs by id, from the oldest, without those that are deleted.

    ``gone`` has jobs that were deleted lately. ``views`` has what was made of them, by question.

    It is replaced as a whole when a job changes, so readers need no lock.
    """

    jobs: dict[str, ListedJob]
    gone: dict[str, ListedJob]
    is_complete: bool
    read_at: datetime
    views: dict[object, object] = field(default_factory=dict)

    def undoable(self, now: datetime) -> list[ListedJob]:
        """The jobs whose deletion can still be taken back."""
        return [job for job in self.gone.values() if job.deletion_due and job.deletion_due > now]


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
        if kept:
            found = self._table.changed(user_id, kept.read_at - _OVERLAP, _MOST_CHANGES)
            if found.is_complete:
                return self._change(user_id, kept, found.jobs, began)
        return self._keep(user_id, self._read(user_id, began))

    def note(self, job: Job) -> None:
        """Show what this process has just done to the job, which the index does not yet know."""
        with self._lock:
            kept = self._kept.get(job.user_id)
            if kept:
                self._kept[job.user_id] = _with(kept, [listed(job)], kept.read_at)

    def _read(self, user_id: str, began: datetime) -> Listing:
        found = self._table.newest(user_id, MOST_JOBS)
        return _with(Listing({}, {}, found.is_complete, began), found.jobs, began)

    def _change(
        self, user_id: str, kept: Listing, changed: Iterable[ListedJob], began: datetime
    ) -> Listing:
        with self._lock:
            # What another request has read or noted in the meantime stays.
            current = self._kept.get(user_id, kept)
            self._kept[user_id] = _with(current, changed, max(began, current.read_at))
            self._kept.move_to_end(user_id)
            return self._kept[user_id]

    def _keep(self, user_id: str, found: Listing) -> Listing:
        with self._lock:
            self._kept[user_id] = found
            self._kept.move_to_end(user_id)
            while len(self._kept) > 1 and sum(map(_size, self._kept.values())) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return found


def _with(kept: Listing, changed: Iterable[ListedJob], read_at: datetime) -> Listing:
    """The list after those changes; one that is older than what is known changes nothing."""
    new = [job for job in changed if job.version > _version(kept, job.job_id)]
    if not new:
        return replace(kept, read_at=read_at)  # with the same views
    jobs, gone = dict(kept.jobs), dict(kept.gone)
    for job in new:
        kept_in, other = (gone, jobs) if job.is_gone else (jobs, gone)
        other.pop(job.job_id, None)
        kept_in[job.job_id] = job
    if any(job.job_id not in kept.jobs for job in new):  # also one that was deleted
        jobs = dict(sorted(jobs.items()))
    return Listing(jobs, dict(list(gone.items())[-_MOST_CHANGES:]), kept.is_complete, read_at)


def _version(kept: Listing, job_id: str) -> int:
    known = kept.jobs.get(job_id) or kept.gone.get(job_id)
    return known.version if known else 0


def _size(kept: Listing) -> int:
    return len(kept.jobs)
