"""What a page says of a job that waits or runs, in one sentence each."""

from __future__ import annotations

from dataclasses import dataclass

from gas.domain.job import Job
from web.jobs.queue_position import QueuePosition

_SOON_SECONDS = 20
_MINUTES_SECONDS = 5_400


def rough_wait(seconds: float) -> str:
    """``within seconds``, ``in about 4 minutes``: no more precise than the estimate is."""
    if seconds < 20:
        return "within seconds"
    if seconds < 90:
        return "within a minute or two"
    if seconds < 5400:
        return f"in about {round(seconds / 60)} minutes"
    return f"in about {round(seconds / 3600)} hours"


def waiting_words(place: QueuePosition) -> str:
    """``3 jobs are ahead of this one; it is likely to start in about 4 minutes.``"""
    if place.ahead:
        is_one = place.ahead == 1 and not place.is_at_least
        at_least, jobs = (
            "At least " if place.is_at_least else "",
            "job is" if is_one else "jobs are",
        )
        text = f"{at_least}{place.ahead:,} {jobs} ahead of this one"
    else:
        text = "This job is next"
    if place.starts_in_seconds is not None:
        text += f"; it is likely to start {rough_wait(place.starts_in_seconds)}"
    return f"{text}."


def fetching_words(host: str | None, fraction: float) -> str:
    """``Fetching the file from example.org: 34 %.``; without a share where its size is unknown."""
    share = f": {fraction:.0%}" if fraction else ""
    return f"Fetching the file from {host}{share}."


@dataclass(frozen=True, slots=True)
class PartsDone:
    """How many of a job's parts are done."""

    done: int
    of: int


def parts_done(job: Job, fraction: float) -> PartsDone | None:
    """Of a job that runs in parts, so much of which is done (0 to 1); None for any other."""
    split = job.running_split
    return PartsDone(round(fraction * split.parts), split.parts) if split else None


def running_words(variants: int | None, left: float | None, parts: PartsDone | None = None) -> str:
    """``Annotating: 123,456 records so far, 7 of 50 parts done, about 3 minutes left.``"""
    if variants is None:
        return "Annotating."
    text = f"Annotating: {variants:,} records so far"
    if parts:
        text += f", {parts.done:,} of {parts.of:,} parts done"
    return f"{text}, {_left(left)} left." if left is not None else f"{text}."


def _left(seconds: float) -> str:
    if seconds < _SOON_SECONDS:
        return "some seconds"
    if seconds < 90:
        return "about a minute"
    if seconds < _MINUTES_SECONDS:
        return f"about {round(seconds / 60)} minutes"
    return f"about {round(seconds / 3600)} hours"
