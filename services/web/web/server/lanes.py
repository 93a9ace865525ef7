"""Threads for the application, in lanes that cannot take each other's.

Pages must open while many people filter, and while exports run for minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context
from typing import Any, TypeVar

from web.server.limits import Limits

T = TypeVar("T")

_VARIANTS = re.compile(r"/jobs/[^/]+/(variants|genes)(/|$)")


class LaneFull(Exception):
    """Too many requests wait for a thread, or this one waited for too long."""


class Lane:
    """A bounded number of threads and of requests that wait for one."""

    def __init__(self, name: str, threads: int, limits: Limits) -> None:
        self.name = name
        self._threads = threads
        self._limits = limits
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._free = asyncio.Semaphore(threads)
        self._waiting = 0
        self._running: set[Future[Any]] = set()
        self._last_ended = time.monotonic()

    async def run(self, context: Context, work: Callable[[], T]) -> T:
        """The result of ``work``, done in a thread. Raises LaneFull.

        The thread stays taken until the work ends, even if nobody waits for it any more.
        """
        await self._take()
        future = self._pool.submit(context.run, work)
        self._running.add(future)
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda done: self._tell(loop, done))
        return await asyncio.wrap_future(future)

    async def _take(self) -> None:
        if self._free.locked() and self._waiting >= self._limits.waiting:
            raise LaneFull(self.name)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.wait):
                await self._free.acquire()
        except TimeoutError:
            raise LaneFull(self.name) from None
        finally:
            self._waiting -= 1
        if not self._running:
            self._last_ended = time.monotonic()  # an idle lane has not been hanging

    def _tell(self, loop: asyncio.AbstractEventLoop, future: Future[T]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has stopped, and nobody counts any more
            loop.call_soon_threadsafe(self._ended, future)

    def _ended(self, future: Future[Any]) -> None:
        self._running.discard(future)
        self._last_ended = time.monotonic()
        self._free.release()

    @property
    def running(self) -> int:
        """How many threads are at work."""
        return len(self._running)

    def is_hung(self) -> bool:
        """True if all threads are at work and none has ended anything for long."""
        is_full = len(self._running) >= self._threads
        return is_full and time.monotonic() - self._last_ended > self._limits.hung

    def stop(self) -> None:
        """Take no more work; what runs goes on."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Lanes:
    """The lanes of one server: pages and API, questions about variants, parts of downloads."""

    def __init__(self, limits: Limits) -> None:
        self.pages = Lane("pages", limits.page_threads, limits)
        self.variants = Lane("variants", limits.variant_threads, limits)
        self.streams = Lane("streams", limits.stream_threads, limits)

    def of(self, path: str) -> Lane:
        """The lane of a request."""
        return self.variants if _VARIANTS.search(path) else self.pages

    def all(self) -> tuple[Lane, ...]:
        """Every lane."""
        return (self.pages, self.variants, self.streams)
