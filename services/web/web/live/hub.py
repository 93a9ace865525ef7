"""All open pages of a process, and the one reader that finds out what is new for them.

It asks AWS as often for a thousand pages as for one, but for the progress of different jobs, of
which a request reads a hundred. The event loop sends; no page has a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog

from gas.aws.errors import AwsError
from web.live.sources import Sources
from web.live.watch import Watch

logger = structlog.get_logger()

MOST = 2_000
MOST_OF_ONE = 20
"""Open pages of one user; a browser has six connections to a server of HTTP/1.1."""


@dataclass(slots=True)
class Hub:
    """The pages by their job; its methods belong to the event loop.

    ``is_stopping`` says whether the server is to end.
    """

    sources: Sources
    tick_seconds: float = 1.0
    is_stopping: Callable[[], bool] = lambda: False
    _watches: dict[str, set[Watch]] = field(default_factory=dict)
    _viewers: Counter[str] = field(default_factory=Counter)
    _reader: asyncio.Task[None] | None = None
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="live")
    )

    @property
    def count(self) -> int:
        """How many pages are open."""
        return sum(map(len, self._watches.values()))

    def open(self, watch: Watch) -> bool:
        """Begin to follow the job for that page; False if there are too many pages."""
        is_too_much = bool(watch.viewer) and self._viewers[watch.viewer] >= MOST_OF_ONE
        if self.count >= MOST or is_too_much or self.is_stopping():
            return False
        self._watches.setdefault(watch.job_id, set()).add(watch)
        self._viewers[watch.viewer] += 1
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())
        return True

    def close(self, watch: Watch) -> None:
        """The page is gone."""
        watches = self._watches.get(watch.job_id, set())
        if watch in watches:
            watches.remove(watch)
            self._viewers[watch.viewer] -= 1
        if not watches:
            self._watches.pop(watch.job_id, None)

    async def _read(self) -> None:
        """Read what is new each second, while a page is open."""
        loop = asyncio.get_running_loop()
        self.sources.begin()
        while self._watches and not self.is_stopping():
            began = time.monotonic()
            all_watches = [watch for watches in self._watches.values() for watch in watches]
            try:
                news = await loop.run_in_executor(self._pool, self.sources.read, all_watches)
            except AwsError as error:
                logger.warning("pages are not kept up to date", error=str(error))
                await asyncio.sleep(5 * self.tick_seconds)
                continue
            except Exception as error:
                # Without the reader every open page would be silent, so it outlives our own faults.
                logger.exception("pages are not kept up to date", error=str(error))
                await asyncio.sleep(5 * self.tick_seconds)
                continue
            for job_id, version in news.versions.items():
                for watch in self._watches.get(job_id, ()):
                    watch.change(version)
            for watch, state in news.states:
                watch.show(*state)
            await asyncio.sleep(max(0.0, self.tick_seconds - (time.monotonic() - began)))
        for watches in self._watches.values():
            for watch in watches:
                watch.end()

    def stop(self) -> None:
        """Take no more work."""
        with contextlib.suppress(RuntimeError):
            self._pool.shutdown(wait=False, cancel_futures=True)
