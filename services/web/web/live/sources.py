"""What is new for the open pages: read in one thread, in requests whose number is bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gas.aws.batches import BatchUnfinished
from gas.events import Lane
from gas.eventstore.feed import EventFeed
from gas.tables.jobs import JobTable
from gas.tables.progress import ProgressTable
from web.jobs.queue_position import LaneNow, lane_now
from web.live.watch import Watch, seconds_left
from web.live.words import fetching_words, parts_done, running_words, waiting_words

# The index by time lags, and an event's id is older than its commit.
_OVERLAP = timedelta(seconds=5)
_PROGRESS_EVERY = 3  # ticks
_QUEUE_EVERY = 10
_BATCH = 100
_MOST_PLACES = 200  # of one tick: each is counted anew
State = tuple[str, float | None]


@dataclass(slots=True)
class News:
    """The newest version of jobs that changed, and words and fraction for pages."""

    versions: dict[str, int] = field(default_factory=dict)
    states: list[tuple[Watch, State]] = field(default_factory=list)


@dataclass(slots=True)
class Sources:
    """Reads for all pages of a process; not for several threads at once."""

    feed: EventFeed
    table: JobTable
    progress: ProgressTable
    now: Callable[[], datetime]
    _ticks: int = 0
    _read_to: datetime | None = None
    _asked: int = 0  # where the places of waiting jobs are counted next

    def begin(self) -> None:
        """Follow the log from here; a page compares the version that it shows by itself."""
        self._read_to = self.now()
        self._ticks = 0

    def read(self, watches: Sequence[Watch]) -> News:
        """What is new since the last call. Raises an AwsError."""
        news = News(self._versions({watch.job_id for watch in watches}))
        if self._ticks % _PROGRESS_EVERY == 0:
            news.states += self._running([watch for watch in watches if watch.has_progress])
        if self._ticks % _QUEUE_EVERY == 0:
            news.states += self._waiting([watch for watch in watches if watch.is_waiting])
        self._ticks += 1
        return news

    def _versions(self, watched: set[str]) -> dict[str, int]:
        now = self.now()
        found: dict[str, int] = {}
        for key in self.feed.since((self._read_to or now) - _OVERLAP, now):
            job_id = key.stream.removeprefix("job/")
            if job_id in watched:
                found[job_id] = max(key.version, found.get(job_id, 0))
        self._read_to = now
        return found

    def _running(self, watches: list[Watch]) -> Iterator[tuple[Watch, State]]:
        now = self.now()
        ids = list(dict.fromkeys(watch.job_id for watch in watches))
        known: dict[str, tuple[float, int]] = {}
        for begin in range(0, len(ids), _BATCH):
            try:
                known |= self.progress.get_many(ids[begin : begin + _BATCH])
            except BatchUnfinished:
                continue  # the next time
        for watch in watches:
            if watch.job_id in known:
                fraction, variants = known[watch.job_id]
                left = seconds_left(fraction, watch.job.started_at, now)
                if watch.job.awaits_fetch:
                    words = fetching_words(watch.job.input.fetched_from, fraction)
                    yield watch, (words, fraction or None)
                    continue
                words = running_words(variants, left, parts_done(watch.job, fraction))
                yield watch, (words, fraction)

    def _waiting(self, watches: list[Watch]) -> Iterator[tuple[Watch, State]]:
        """Some at a time, in turns."""
        begin = self._asked if self._asked < len(watches) else 0
        self._asked = begin + _MOST_PLACES
        lanes: dict[Lane, LaneNow] = {}
        for watch in watches[begin : begin + _MOST_PLACES]:
            lane = watch.job.lane
            if lane not in lanes:
                lanes[lane] = lane_now(lane, self.table, self.progress)
            yield watch, (waiting_words(lanes[lane].place_of(watch.job)), None)
