"""The engine of the simulation: it takes time, may fail or be interrupted, and counts jobs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from annotator.processes.pipes import EngineFailed
from annotator.rejection import Rejected
from annotator.runner.parent import Stopped
from annotator.runner.protocol import RESULTS
from annotator.runner.protocol import Task as Assignment
from gas.events import FailureCode
from tests.simulation.part_work import LEASE_SECONDS, CheckedLines, PartWork
from tests.simulation.tasks import Simulator, Task, Violation

_STEPS = 3


def result_of(content: bytes) -> bytes:
    """The result of annotating that input."""
    return b"annotated " + content


def thirds(content: bytes) -> list[bytes]:
    """The parts of an upload that is annotated in parts."""
    size = -(-len(content) // 3)
    return [content[at : at + size] for at in range(0, len(content), size)]


class Engine:
    """Annotates; raises Violation where a user has more than ``most`` of theirs running at once.

    ``part_work`` checks what is done of files in parts.
    """

    def __init__(
        self, simulator: Simulator, most: Callable[[str], int], part_work: PartWork
    ) -> None:
        self._simulator = simulator
        self._most = most
        self._running: list[tuple[Task, str]] = []
        self.parts = CheckedLines(
            before_done=lambda _: self._mishap(),
            cut=thirds,
            annotated=bytes,
            head=result_of(b""),
            work=part_work,
        )

    def __call__(self, task: Assignment, on_tick: Any, should_stop: Any) -> dict[str, int]:
        content = Path(task.input).read_bytes()
        simulator = self._simulator
        owner = (content.split(b" ", 1)[-1]).split(b"/", 1)[0].decode()
        run = (simulator.current, owner)
        self._running.append(run)
        try:
            self._check_limits()
            self._mishap()
            on_tick(0.5, 1)
            self._check_limits()
        finally:
            self._running.remove(run)
        if content.startswith(b"bad"):
            raise Rejected(FailureCode.NOT_VCF, "This is not a VCF file.", 1)
        folder = Path(task.folder)
        for name in RESULTS:
            (folder / name).write_bytes(result_of(content))
        return {"records": 1}

    def _mishap(self) -> None:
        """Take time, and perhaps be interrupted or fail."""
        simulator = self._simulator
        for _ in range(_STEPS):
            simulator.pause()
        if simulator.rng.random() < simulator.stop_rate:
            simulator.current.interrupted = True
            raise Stopped
        if simulator.rng.random() < simulator.fault_rate:
            raise EngineFailed("exit status -11")

    def _check_limits(self) -> None:
        # A task that slept longer than its lease has lost it, and stops at its next heartbeat.
        awake = [
            owner
            for task, owner in self._running
            if not task.died and task.slept_seconds < LEASE_SECONDS
        ]
        for owner in awake:
            if awake.count(owner) > self._most(owner):
                raise Violation(f"{awake.count(owner)} jobs of one user run at once")
