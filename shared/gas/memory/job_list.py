"""The lists of jobs, in memory."""

from __future__ import annotations

from datetime import datetime

from gas.domain.job import JobStatus
from gas.memory.log import MemoryDatabase
from gas.memory.tables import jobs_of
from gas.tables.job_list import Listed, listed


class MemoryJobListTable:
    """The lists of the projection of jobs."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._db = database

    def newest(self, user_id: str, most: int) -> Listed:
        alive = [job for job in jobs_of(self._db, user_id) if job.status is not JobStatus.DELETED]
        return Listed(tuple(map(listed, alive[::-1][:most])), len(alive) <= most)

    def changed(self, user_id: str, since: datetime, most: int) -> Listed:
        found = [
            job for job in jobs_of(self._db, user_id) if job.changed_at and job.changed_at > since
        ]
        return Listed(tuple(map(listed, found[:most])), len(found) <= most)
