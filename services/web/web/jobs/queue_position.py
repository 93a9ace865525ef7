"""How many jobs are ahead of a waiting one, and when it will probably start."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from gas.domain.job import Job
from gas.eventstore.rows import running, waiting
from gas.tables.jobs import JobTable
from gas.tables.progress import ProgressTable

# The most jobs that are counted: it bounds what showing a job costs.
_MAX_COUNTED = 1_000
_AFTER_ALL = "~"  # sorts after every time and id


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """``ahead`` jobs start before this one; at least so many if ``is_at_least``.

    ``starts_in_seconds`` is an estimate; None if no job of that lane has completed in the last day.
    """

    ahead: int
    is_at_least: bool
    starts_in_seconds: float | None


def queue_position(job: Job, table: JobTable, progress: ProgressTable) -> QueuePosition:
    """The position of a waiting job in its lane."""
    before = table.open(waiting(job.lane), job.job_id, _MAX_COUNTED)
    # Fair scheduling: with n of this user's jobs ahead of this one, every other user starts at most
    # n + 1 jobs before it, however many they have waiting.
    counts = Counter(other.user_id for other in before)
    mine = counts.pop(job.user_id, 0)
    ahead = mine + sum(min(count, mine + 1) for count in counts.values())
    # The running jobs show how many annotators there are at present.
    running_now = len(table.open(running(job.lane), _AFTER_ALL, _MAX_COUNTED))
    pace = progress.pace(job.lane)
    seconds = None if pace is None else (ahead + bool(running_now)) * pace / max(1, running_now)
    return QueuePosition(ahead, len(before) >= _MAX_COUNTED, seconds)
