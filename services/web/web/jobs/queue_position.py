"""How many jobs are ahead of a waiting one, and when it will probably start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gas.domain.job import Job
from gas.events import Lane
from gas.eventstore.rows import running, waiting
from gas.tables.jobs import JobTable, UnfinishedJob
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


@dataclass(frozen=True, slots=True)
class LaneNow:
    """The first jobs that wait in a lane, how many run, and the seconds that one takes."""

    waiting: Sequence[UnfinishedJob]
    running: int
    pace: float | None

    def place_of(self, job: Job) -> QueuePosition:
        """The position of a job that waits in this lane."""
        before = [other for other in self.waiting if other.at < job.job_id]
        # Fair scheduling: with n of this user's jobs ahead of this one, every other user starts at
        # most n + 1 jobs before it, however many they have waiting.
        counts = Counter(other.user_id for other in before)
        mine = counts.pop(job.user_id, 0)
        ahead = mine + sum(min(count, mine + 1) for count in counts.values())
        rounds = ahead + bool(self.running)
        seconds = None if self.pace is None else rounds * self.pace / max(1, self.running)
        return QueuePosition(ahead, len(before) >= _MAX_COUNTED, seconds)


def lane_now(
    lane: Lane, table: JobTable, progress: ProgressTable, before: str = _AFTER_ALL
) -> LaneNow:
    """The lane with the jobs that came before that id; in three requests."""
    return LaneNow(
        table.open(waiting(lane), before, _MAX_COUNTED),
        # The running jobs show how many annotators there are at present.
        len(table.open(running(lane), _AFTER_ALL, _MAX_COUNTED)),
        progress.pace(lane),
    )


def queue_position(job: Job, table: JobTable, progress: ProgressTable) -> QueuePosition:
    """The position of a waiting job in its lane."""
    return lane_now(job.lane, table, progress, job.job_id).place_of(job)
