"""The public sample: a completed job of the system's account, which anyone may read.

Nobody may change it: whatever changes a job asks for its owner, and nobody can log in as that one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from gas.aws.errors import AwsError
from gas.domain.account import SYSTEM_USER_ID
from gas.domain.job import Job, JobStatus
from gas.tables.jobs import JobTable
from web.recent import Recent

logger = structlog.get_logger()

KEPT_SECONDS = 10.0
"""How long the current sample is remembered: the start page must not cost a query each time."""


@dataclass(slots=True)
class Samples:
    """The samples of this installation; ``clock`` counts seconds from any beginning."""

    table: JobTable
    clock: Callable[[], float] = time.monotonic
    _current: Job | None = field(default=None, init=False)
    _read_at: float | None = field(default=None, init=False)
    _of_users: Recent[bool] = field(default_factory=Recent, init=False)

    def current(self) -> Job | None:
        """The newest completed sample, at most ``KEPT_SECONDS`` old; None while there is none."""
        if self._read_at is None or self.clock() - self._read_at > KEPT_SECONDS:
            try:
                self._current = self._newest()
            except AwsError as error:
                # The start page needs no database otherwise, so it goes on without an answer.
                logger.warning("the sample could not be read", error=str(error))
            self._read_at = self.clock()
        return self._current

    def find(self, job_id: str) -> Job | None:
        """The completed sample with that id, read at once; None for every other job and text."""
        job = self.read(job_id)
        return job if job and is_sample(job) else None

    def read(self, job_id: str) -> Job | None:
        """The system's job with that id, of any status; None for every other job and text."""
        if self._of_users.known(job_id):
            return None
        try:
            return self.table.get(SYSTEM_USER_ID, str(UUID(job_id)))
        except ValueError:
            return None

    def rule_out(self, job: Job) -> None:
        """Remember of a job that it is a user's, as it stays; ``read`` asks no more about it."""
        if job.user_id != SYSTEM_USER_ID:
            self._of_users.of(job.job_id, lambda: True)

    def _newest(self) -> Job | None:
        status = JobStatus.COMPLETED
        page = self.table.page(SYSTEM_USER_ID, limit=1, cursor=None, status=status)
        return page.jobs[0] if page.jobs else None


def is_sample(job: Job) -> bool:
    """True for a job that anyone may read."""
    return job.user_id == SYSTEM_USER_ID and job.status is JobStatus.COMPLETED
