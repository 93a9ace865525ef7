"""Loading jobs one by one, so that one that cannot be read does not hold up the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import structlog

from gas.domain.job import Job
from gas.eventstore.repository import BROKEN_STREAM
from reconciler.ports import Ports

logger = structlog.get_logger()
Found = TypeVar("Found")


def loaded(found: Iterable[tuple[Found, str]], ports: Ports) -> Iterator[tuple[Found, Job | None]]:
    """Each of ``found`` with the job that its second part names, None if there is no such job.

    What belongs to a job that cannot be read is left out and reported: nothing is known about it,
    so nothing of it may be deleted.
    """
    skipped = 0
    for thing, job_id in found:
        try:
            job = ports.jobs.load(job_id)
        except BROKEN_STREAM as fault:
            skipped += 1
            logger.error("job skipped, its events cannot be read", job_id=job_id, reason=str(fault))
            continue
        yield thing, job
    if skipped:
        logger.error("jobs skipped", count=skipped, metrics={"unreadable_jobs": skipped})
