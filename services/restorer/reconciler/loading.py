"""Loading jobs so that one that cannot be read does not hold up the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

import structlog

from gas.domain.job import Job
from gas.eventstore.repository import BROKEN_STREAM
from reconciler.ports import Ports

logger = structlog.get_logger()
Found = TypeVar("Found")


def loaded(found: Iterable[tuple[Found, str]], ports: Ports) -> Iterator[tuple[Found, Job | None]]:
    """Each of ``found`` with the job that its second part names, None if there is no such job.

    Neighbours of one job are loaded once, and several jobs at a time (``ports.in_parallel``). What
    belongs to a job that cannot be read is left out and reported: nothing is known about it, so
    nothing of it may be deleted.
    """
    # Listings are in the order of keys, which begin with user and job.
    groups = ((id, [thing for thing, _ in group]) for id, group in groupby(found, itemgetter(1)))

    def load(group: tuple[str, list[Found]]) -> tuple[list[Found], Job | None] | None:
        job_id, things = group
        try:
            return things, ports.jobs.load(job_id)
        except BROKEN_STREAM as fault:
            logger.error("job skipped, its events cannot be read", job_id=job_id, reason=str(fault))
            return None

    skipped = 0
    for answer in ports.in_parallel(load, groups):
        if answer is None:
            skipped += 1
            continue
        things, job = answer
        yield from ((thing, job) for thing in things)
    if skipped:
        logger.error("jobs skipped", count=skipped, metrics={"unreadable_jobs": skipped})
