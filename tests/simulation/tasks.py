"""Tasks that pause at every port call, and the faults that may happen there.

One seeded generator makes every decision, so a seed defines a schedule.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from botocore.exceptions import ClientError, ConnectionClosedError
from greenlet import getcurrent, greenlet


class Died(BaseException):
    """The process of this task was killed here. Not an Exception: no handler may catch it."""


class Violation(BaseException):
    """The system broke a promise. Not an Exception, so that no handler of errors catches it."""


class Fault(Enum):
    """What may happen to one call."""

    DIES_BEFORE = "the process dies before the call"
    DIES_AFTER = "the process dies after the call"
    REFUSED = "the call is throttled"
    ANSWER_LOST = "the effect happens, the answer is lost"


PURE = {"parse_notice", "bucket"}  # no I/O, so no fault


@dataclass
class Task:
    """One running handler or request."""

    name: str
    thread: greenlet
    slept_seconds: int = 0
    died: bool = False
    interrupted: bool = False

    @property
    def service(self) -> str:
        """The service of the task: the first word of its name."""
        return self.name.split()[0]


@dataclass
class Simulator:
    """Runs tasks step by step.

    ``fault_rate`` is the chance that a port call goes wrong; ``focus`` names a service
    or a call that goes wrong ten times as often. ``stop_rate`` is the chance that an attempt at a
    job is interrupted because its process stops in an orderly way.
    """

    seed: int
    fault_rate: float = 0.0
    focus: str = ""
    stop_rate: float = 0.0
    tasks: list[Task] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    stalls: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    trace: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self._scheduler = getcurrent()
        self._current: Task | None = None

    def start(self, name: str, run: Callable[[], object]) -> None:
        """Add a task; it runs when the scheduler chooses it."""

        def body() -> None:
            try:
                run()
            except Died:
                self.trace.append(f"{name}: died")

        self.tasks.append(Task(name, greenlet(body, parent=self._scheduler)))

    def step(self, task: Task) -> None:
        """Run a task up to its next port call."""
        self._current = task
        task.thread.switch()
        if task.thread.dead:
            self.tasks.remove(task)

    @property
    def current(self) -> Task:
        """The task that runs now."""
        assert self._current is not None, "no task runs"
        return self._current

    def pause(self) -> None:
        """Return control to the scheduler."""
        self._scheduler.switch()

    def call(self, name: str, effect: Callable[[], Any]) -> Any:
        """Make one port call of the current task, perhaps with a fault."""
        task = self.current
        if task.died:
            raise Died  # a killed process does not run its ``finally`` blocks
        self.pause()
        self.calls += 1
        fault = self._draw(name)
        self.trace.append(f"{task.name}: {name}{f' ({fault.value})' if fault else ''}")
        if fault:
            self.faults[task.service] += 1
        task.died = fault in {Fault.DIES_BEFORE, Fault.DIES_AFTER}
        if fault is Fault.DIES_BEFORE:
            raise Died
        if fault is Fault.REFUSED:
            raise ClientError(
                {"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, name
            )
        result = effect()
        if fault is Fault.DIES_AFTER:
            raise Died
        if fault is Fault.ANSWER_LOST:
            raise ConnectionClosedError(endpoint_url=name)
        return result

    def _draw(self, call: str) -> Fault | None:
        focused = self.focus and self.focus in {self.current.service, call}
        if self.rng.random() >= self.fault_rate * (10 if focused else 1):
            return None
        return self.rng.choice(list(Fault))


class FaultyPort:
    """A port whose every call goes through the simulator."""

    def __init__(self, simulator: Simulator, name: str, target: Any) -> None:
        self._simulator = simulator
        self._name = name
        self._target = target

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(self._target, attribute)
        if attribute in PURE or not callable(value):
            return value

        def call(*positional: Any, **named: Any) -> Any:
            def effect() -> Any:
                result = value(*positional, **named)
                # A generator would do its work after the call, where no fault can happen.
                return iter(list(result)) if hasattr(result, "__next__") else result

            return self._simulator.call(f"{self._name}.{attribute}", effect)

        return call
