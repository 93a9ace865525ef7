"""What processes take that do tasks as the service has them done: spare ones, and a warm engine."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from annotator.bundle import Bundle
from annotator.runner.children import Child, SpareChildren
from annotator.runner.parent import annotate
from annotator.runner.protocol import Wishes
from annotator.runner.warm.pool import WarmEngines
from bench.memory import peak_megabytes
from bench.processes import cpu_seconds, descendants, is_running

_CHILD = "annotator.child"
_LOOK_SECONDS = 0.05
_STILL_SECONDS = 2.0


@dataclass
class Used:
    """CPU seconds of all processes, those of a clock, and most memory of one with a task."""

    cpu: float = 0.0
    seconds: float = 0.0
    megabytes: float = 0.0


class Service:
    """A worker with so many ``servers`` of its warm engine, and as many spare processes."""

    def __init__(self, bundle: Bundle, servers: int) -> None:
        self._engines = WarmEngines(1, 1 << 40, servers)
        self._children = SpareChildren(servers)
        self._children.fill()
        with self._engines.using(bundle):
            settle()

    def run(
        self,
        task: Wishes,
        on_tick: Callable[[float, int], None],
        should_stop: Callable[[], bool],
    ) -> dict[str, int]:
        """As ``Ports.annotate`` of the service."""
        return annotate(
            task,
            on_tick=on_tick,
            should_stop=should_stop,
            engines=self._engines,
            children=self._children,
        )

    def stop(self) -> None:
        """End its processes."""
        self._children.stop()
        self._engines.stop()


@contextmanager
def measured() -> Iterator[Used]:
    """What the block takes, with the start of the spare processes that replace those it used."""
    used, over = Used(), threading.Event()
    before, began = cpu_seconds(), time.monotonic()
    watch = threading.Thread(target=_watch, args=(used, over))
    watch.start()
    try:
        yield used
    finally:
        used.seconds = time.monotonic() - began
        over.set()
        watch.join()
        settle()
        used.cpu = cpu_seconds() - before


def start_seconds() -> float:
    """CPU seconds until a process waits for its task."""
    before = cpu_seconds()
    child = Child()
    settle()
    child.end()
    return cpu_seconds() - before


def settle() -> None:
    """Wait until no process does anything any more."""
    before = -1.0
    while (used := cpu_seconds()) > before:
        before = used
        time.sleep(_STILL_SECONDS)


def _watch(used: Used, over: threading.Event) -> None:
    while not over.wait(_LOOK_SECONDS):
        for pid in descendants(os.getpid()):
            if is_running(pid, _CHILD):
                used.megabytes = max(used.megabytes, peak_megabytes(pid))
