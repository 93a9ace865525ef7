"""Reconciliation as it is wired in production."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any, cast

from gas.aws.clients import POOL
from gas.runtime.worker import Stopping, Worker
from reconciler.loading import loaded
from reconciler.wiring import ports_of
from restorer.settings import RestorerSettings
from tests.integration.deployed import DeployedGas

AT_ONCE = 16


class MeetingJobs:
    """Jobs whose loads wait for one another: alone, none ends."""

    def __init__(self) -> None:
        self.loads: list[str] = []
        self._meeting = threading.Barrier(AT_ONCE, timeout=20)

    def load(self, job_id: str) -> None:
        self.loads.append(job_id)
        self._meeting.wait()


def test_files_are_looked_up_many_at_once_with_a_connection_each(deployed: DeployedGas) -> None:
    given = deployed.settings.model_dump(exclude_unset=True)
    settings = RestorerSettings(**given)
    worker = Worker("restorer", settings, deployed.aws, deployed.write_context, Stopping())
    jobs = MeetingJobs()
    ports = replace(ports_of(worker, settings), jobs=cast("Any", jobs))
    files = [(f"file {number}", f"job {number:02}") for number in range(2 * AT_ONCE)]
    assert list(loaded(files, ports)) == [(file, None) for file, _ in files]
    assert len(jobs.loads) == len(files)
    assert POOL >= AT_ONCE, "threads beyond the pool open a connection for each call"
