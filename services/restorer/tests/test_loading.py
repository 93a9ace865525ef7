"""Jobs of many files are loaded once each, several at a time."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any, cast

from reconciler.loading import loaded
from reconciler.parallel import in_threads
from tests.support.reconciler_ports import reconciler_of
from tests.support.world import World


class CountingJobs:
    """Jobs that remember which were loaded, and wait for one another."""

    def __init__(self, at_once: int) -> None:
        self.loads: list[str] = []
        self._meeting = threading.Barrier(at_once, timeout=20)

    def load(self, job_id: str) -> None:
        self.loads.append(job_id)
        self._meeting.wait()  # breaks unless so many calls are under way at once


def test_each_job_is_loaded_once_for_all_its_files_and_several_at_a_time() -> None:
    world, jobs = World(), CountingJobs(at_once=16)
    ports = replace(reconciler_of(world), jobs=cast("Any", jobs), in_parallel=in_threads)
    files = [(f"file {number}", f"job {number // 7:03}") for number in range(7 * 32)]
    assert list(loaded(files, ports)) == [(file, None) for file, _ in files]
    assert sorted(jobs.loads) == sorted({job_id for _, job_id in files})
