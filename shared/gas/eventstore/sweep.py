"""Going through a whole table: in segments at once, at a bounded pace, and resumable.

A segment is a fixed share of a table's items, as DynamoDB's parallel scan makes them. Each is read
page by page, and a page's end is written down once all of its items are handled: what is handled
again after a crash is one page for each thread.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

Item = TypeVar("Item")

_DONE = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One of ``total`` shares of a table, counted from 0."""

    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items of a segment; ``after`` is where the next page begins, None at its end."""

    items: Sequence[Item]
    after: str | None


PageReader = Callable[[Segment, str | None], Page[Item]]
"""Reads the page of a segment that begins after that mark, or its first one for None."""


Handler = Callable[[Sequence[Item]], object]
"""Handles up to ``BATCH`` items at once."""

BATCH = 100
"""Items that are handled at once: DynamoDB reads so many in one request."""


def batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items in batches of at most ``BATCH``."""
    return (items[begin : begin + BATCH] for begin in range(0, len(items), BATCH))


class Pace:
    """Lets at most so many items a second through, over all threads; 0 stands for no limit."""

    def __init__(
        self,
        per_second: float = 0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._seconds = 1 / per_second if per_second else 0.0
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self, items: int = 1) -> None:
        """Wait until the next ``items`` may be handled, all at once."""
        with self._lock:
            now = self._clock()
            pause = max(0.0, self._next - now)
            self._next = max(self._next, now) + items * self._seconds
        if pause:
            self._sleep(pause)


class Checkpoint:
    """How far each segment is, in a JSON file that is replaced as a whole; None keeps nothing."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        known = path is not None and path.exists()
        self._marks: dict[str, str] = json.loads(path.read_text()) if path and known else {}

    def mark(self, segment: str) -> str | None:
        """Where that segment goes on; None for its beginning."""
        return self._marks.get(segment)

    def reached(self, segment: str, mark: str) -> None:
        """Record that everything before ``mark`` is handled."""
        with self._lock:
            self._marks[segment] = mark
            if self._path:
                beside = self._path.with_name(f"{self._path.name}.new")
                beside.write_text(json.dumps(self._marks))
                beside.replace(self._path)

    def remove(self) -> None:
        """Forget everything: the next run begins at the beginning."""
        self._marks.clear()
        if self._path:
            self._path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Sweep:
    """How tables are gone through: with ``threads``, and only the share ``share`` of ``shares``.

    Several processes, each with a share of its own, do one sweep together: Python runs the threads
    of one process on one core.
    """

    threads: int = 1
    share: int = 0
    shares: int = 1
    pace: Pace = field(default_factory=Pace)
    checkpoint: Checkpoint = field(default_factory=Checkpoint)

    def over(self, name: str, read: PageReader[Item], handle: Handler[Item]) -> None:
        """Handle every item of that table's share. Raises the first error, after its threads."""
        # Their number is part of a checkpoint's names: with other threads or shares it starts anew.
        total = self.threads * self.shares
        segments = [Segment(number, total) for number in range(self.share, total, self.shares)]
        stop = threading.Event()

        def run(segment: Segment) -> None:
            mark = f"{name} {segment.number} of {total}"
            try:
                self._over_segment(mark, segment, read, handle, stop)
            except BaseException:
                stop.set()  # the others end after their page: what they did is not lost
                raise

        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(run, segments))

    def _over_segment(
        self,
        name: str,
        segment: Segment,
        read: PageReader[Item],
        handle: Handler[Item],
        stop: threading.Event,
    ) -> None:
        mark = self.checkpoint.mark(name)
        while mark != _DONE and not stop.is_set():
            page = read(segment, mark)
            for batch in batches(page.items):
                self.pace.wait(len(batch))
                handle(batch)
            mark = _DONE if page.after is None else page.after
            self.checkpoint.reached(name, mark)
