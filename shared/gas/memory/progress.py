"""Progress, in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from gas.events import Lane
from gas.tables.progress import Progress


class MemoryProgressTable:
    """The latest progress of each job, and the pace of each lane."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._progress: dict[str, Progress] = {}
        self._plans: dict[str, tuple[str, set[int]]] = {}
        self._paces: dict[Lane, float] = {}

    def record(self, job_id: str, fraction: float, variants: int, attempt: int) -> None:
        self._progress[job_id] = Progress(
            min(max(fraction, 0.0), 1.0), variants, attempt, self._now()
        )

    def begin_parts(self, job_id: str, plan_key: str, attempt: int) -> None:
        if job_id in self._plans and self._plans[job_id][0] == plan_key:
            self._progress[job_id] = replace(
                self._progress[job_id], attempt=attempt, heartbeat_at=self._now()
            )
        else:
            self._plans[job_id] = (plan_key, set())
            self.record(job_id, 0, 0, attempt)

    def part_done(
        self, job_id: str, plan_key: str, number: int, share: float, records: int
    ) -> None:
        plan, done = self._plans.get(job_id, ("", set()))
        if plan != plan_key or number in done:
            return
        done.add(number)
        before = self._progress[job_id]
        self.record(job_id, before.fraction + share, before.variants + records, before.attempt)

    def touch(self, job_id: str) -> None:
        if known := self._progress.get(job_id):
            self._progress[job_id] = replace(known, heartbeat_at=self._now())

    def record_pace(self, lane: Lane, seconds: float) -> None:
        self._paces[lane] = seconds

    def pace(self, lane: Lane) -> float | None:
        return self._paces.get(lane)

    def get_many(self, job_ids: Sequence[str]) -> dict[str, tuple[float, int]]:
        found = {job_id: self._progress.get(job_id) for job_id in job_ids}
        return {id: (one.fraction, one.variants) for id, one in found.items() if one}

    def get(self, job_id: str) -> Progress | None:
        return self._progress.get(job_id)
