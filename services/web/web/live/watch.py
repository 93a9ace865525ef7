"""One open page of a job: what it waits for, and what is to be sent to it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime

from gas.domain.job import Job, JobStatus

WATCH = "gas.watch"
"""Set in the environment of a request by a view whose answer is a stream: its ``Watch``."""

RETRY_MILLISECONDS = 3_000


@dataclass(eq=False, slots=True)
class Watch:
    """A page that shows ``version`` of a job; ``viewer`` is the user, or nobody for visitors.

    What waits to be sent is at most one state and one change: a slow reader misses steps, not ends.
    """

    job: Job
    version: int
    viewer: str
    _state: bytes | None = None
    _has_news: bool = False
    _changed: int = 0
    _is_over: bool = False
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def job_id(self) -> str:
        """The id of the job."""
        return self.job.job_id

    @property
    def has_progress(self) -> bool:
        """True if the page shows progress: the job runs, or its file is fetched."""
        return self.job.status is JobStatus.RUNNING or self.job.awaits_fetch

    @property
    def is_waiting(self) -> bool:
        """True if the page shows a place in the queue."""
        return self.job.status is JobStatus.SUBMITTED and not self.job.awaits_fetch

    def change(self, version: int) -> None:
        """The job has that version now: the page asks for itself anew. Older ones do nothing."""
        if version > self.version:
            self._changed = max(version, self._changed)
            self._wake.set()

    def show(self, words: str, fraction: float | None) -> None:
        """Send the words and the bar of the job's state, if they differ from the last ones."""
        state = f"event: state\ndata: {json.dumps({'words': words, 'fraction': fraction})}\n\n"
        if state.encode() != self._state:
            self._state = state.encode()
            self._has_news = True
            self._wake.set()

    def end(self) -> None:
        """Close the stream; the page opens it again."""
        self._is_over = True
        self._wake.set()

    async def next_frame(self, seconds: float) -> bytes | None:
        """What to send next, a comment after so many seconds of nothing; None at the end."""
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return b":\n\n"  # so that no proxy takes the silence for the end
        self._wake.clear()
        if self._changed:
            self._is_over = True
            self._wake.set()
            version, self._changed = self._changed, 0
            return f"id: {version}\nevent: changed\ndata: {version}\n\n".encode()
        if self._is_over:
            return None
        if self._has_news and self._state:
            self._has_news = False
            return self._state
        return b":\n\n"


def seconds_left(fraction: float, since: datetime | None, now: datetime) -> float | None:
    """How long a job will take yet, if it goes on as it did; None if that is a guess."""
    if since is None or fraction < 0.02:
        return None
    return max(0.0, (now - since).total_seconds()) * (1 - fraction) / fraction
