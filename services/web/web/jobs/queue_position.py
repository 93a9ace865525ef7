"""How many jobs are ahead of one that waits, and when it is likely to start."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from gas.domain.job import Job
from gas.eventstore.rows import running, waiting
from gas.tables.jobs import JobTable
from gas.tables.progress import ProgressTable

_LOOKED_AT = 1_000
_AFTER_ALL = "~"


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """``ahead`` jobs start before this one, or more where ``is_more``.

    ``starts_in_seconds`` is an estimate; None where no job of that size has ended lately.
    """

    ahead: int
    is_more: bool
    starts_in_seconds: float | None


def queue_position(job: Job, table: JobTable, progress: ProgressTable) -> QueuePosition:
    """The place of a job that waits. Users take turns: nobody's second is before my first."""
    before = table.open(waiting(job.lane), job.job_id, _LOOKED_AT)
    counts = Counter(other.user_id for other in before)
    mine = counts.pop(job.user_id, 0)
    ahead = mine + sum(min(count, mine + 1) for count in counts.values())
    at_work = len(table.open(running(job.lane), _AFTER_ALL, _LOOKED_AT))
    pace = progress.pace(job.lane)
    seconds = None if pace is None else (ahead + bool(at_work)) * pace / max(1, at_work)
    return QueuePosition(ahead, len(before) >= _LOOKED_AT, seconds)
