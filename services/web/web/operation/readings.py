"""The boxes of the overview: queues, jobs by state, outbox, throughput, services' health.

Every read is bounded. Counts that reach their bound are lower bounds, and say so.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gas.aws.errors import AwsError, error_code
from gas.events import Lane, first_id_at, time_of_id
from gas.eventstore.rows import RESTORING, running, sortable_time, waiting
from gas.files.bucket import NoSuchFile
from gas.messaging.dead_letters import OUTBOX, QUEUES
from gas.messaging.queue_counts import QueueCounts
from gas.tables.presence import WorkerSign
from web.operation.sources import Sources

MOST_JOBS = 1000
"""Jobs of one state that are counted; more are shown as 1,000+."""

_MOST_OUTBOX = 20
_MOST_EVENTS = 600
_HOURS = 6
_TOMORROW = timedelta(days=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_MOST_WORKERS = 300
_LANE_OF = {"annotator": Lane.SMALL, "annotator-large": Lane.LARGE}


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue, its lane where it has one, its dead letters, and since when its oldest job waits.

    SQS tells the age of its oldest message to CloudWatch alone. Of lanes the rows of jobs know it;
    of all queues ``last`` says how long the message had waited that a worker took last.
    """

    name: str
    lane: str
    counts: QueueCounts
    dead: int
    oldest: datetime | None
    last: WorkerSign | None = None

    @property
    def is_ignored(self) -> bool:
        """Messages can be taken and none is: perhaps no worker of that service runs."""
        return self.counts.visible > 0 and self.counts.in_flight == 0


@dataclass(frozen=True, slots=True)
class Queues:
    """All queues; ``outbox_letters`` are events that no relay could publish."""

    lines: tuple[QueueLine, ...]
    outbox_letters: int


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many jobs are in a state; ``is_more`` where there are more than were counted."""

    name: str
    count: int
    is_more: bool


@dataclass(frozen=True, slots=True)
class Outbox:
    """Events that are not published yet; ``oldest`` is when the first of them was made."""

    count: int
    is_more: bool
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Throughput:
    """How often each kind of event happened in the last ``hours``; ``jobs`` are those of jobs."""

    hours: float
    counts: tuple[tuple[str, int, float], ...]
    """Name, number, number per hour."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a service answered, how long that took, and what it said otherwise."""

    name: str
    milliseconds: int
    problem: str = ""


def queues(sources: Sources) -> Queues:
    """Depths and dead letters of all queues. Raises an AwsError."""
    tomorrow = first_id_at(sources.now() + _TOMORROW)
    last = {
        sign.queue: sign
        for sign in sorted(workers(sources), key=lambda sign: sign.taken_at or _LONG_AGO)
        if sign.taken_at
    }
    lines = []
    for name in QUEUES:
        lane = _LANE_OF.get(name)
        first = sources.job_table.open(waiting(lane), tomorrow, 1) if lane else []
        lines.append(
            QueueLine(
                name,
                str(lane or ""),
                sources.counter.count(name),
                sources.counter.count(f"{name}-dlq").total,
                time_of_id(first[0].job_id) if first else None,
                last.get(name),
            )
        )
    return Queues(tuple(lines), sources.counter.count(f"{OUTBOX}-dlq").total)


def workers(sources: Sources) -> tuple[WorkerSign, ...]:
    """What each worker process says of its queues. Raises an AwsError."""
    found = sources.presence.present(sources.now(), _MOST_WORKERS)
    return tuple(sorted(found, key=lambda sign: (sign.queue, sign.host, sign.pid)))


def states(sources: Sources) -> tuple[StateCount, ...]:
    """How many jobs are unfinished, by state and lane. Raises an AwsError."""
    later = sources.now() + _TOMORROW
    kinds = [(f"waiting, {lane}", waiting(lane), first_id_at(later)) for lane in Lane]
    kinds += [(f"running, {lane}", running(lane), sortable_time(later)) for lane in Lane]
    # What is expected back can be further away than tomorrow.
    kinds.append(("restoring", RESTORING, "9"))
    counted = [(n, len(sources.job_table.open(k, before, MOST_JOBS))) for n, k, before in kinds]
    return tuple(StateCount(name, count, count >= MOST_JOBS) for name, count in counted)


def outbox(sources: Sources) -> Outbox:
    """What waits to be published. Raises an AwsError."""
    found = sources.log.unpublished(sources.now(), _MOST_OUTBOX)
    times = [time for time in (time_of_id(entry.event_id) for entry in found) if time]
    return Outbox(len(found), len(found) >= _MOST_OUTBOX, min(times, default=None))


def throughput(sources: Sources) -> Throughput:
    """What happened in the last hours, by the newest events. Raises an AwsError."""
    now = sources.now()
    events = sources.recent.newest(now, _HOURS, _MOST_EVENTS)
    hours = float(_HOURS)
    if len(events) >= _MOST_EVENTS:
        hours = max((now - events[-1].at).total_seconds() / 3600, 1 / 60)
    kinds = Counter(re.sub(r"^gas\.|\.v\d+$", "", event.type) for event in events)
    counts = [(name.replace(".", " ", 1), n, n / hours) for name, n in sorted(kinds.items())]
    return Throughput(hours, tuple(counts))


def health(sources: Sources) -> tuple[Health, ...]:
    """Whether what web itself needs answers; workers show in their queues."""

    def look_for_file() -> None:
        with contextlib.suppress(NoSuchFile):
            sources.results.info("health/none")

    return (
        _asked("database (DynamoDB)", sources.check),
        _asked("queues (SQS)", lambda: sources.counter.count("annotator")),
        _asked("files (S3)", look_for_file),
    )


def _asked(name: str, ask: Callable[[], object]) -> Health:
    began = time.monotonic()
    problem = ""
    try:
        ask()
    except AwsError as error:
        problem = error_code(error) or "no answer"
    return Health(name, round((time.monotonic() - began) * 1000), problem)
