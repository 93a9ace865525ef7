"""The loops of a worker: consumers and what runs beside them. A dead one makes it unhealthy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

logger = structlog.get_logger()

Background = Callable[[threading.Event], None]
"""A loop that runs beside the consumers until its argument is set."""


class WatchedThreads:
    """The threads of a process that must not end before ``stopping`` is set."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._dead = threading.Event()

    def start(self, name: str, loop: Background) -> None:
        """Run the loop in a thread of that name."""
        # A daemon: all it does can be repeated, so the end of the process need not wait for it.
        threading.Thread(target=self._run, args=(name, loop), daemon=True, name=name).start()

    def _run(self, name: str, loop: Background) -> None:
        with self.watched(name):
            loop(self._stopping)

    @contextmanager
    def watched(self, name: str) -> Iterator[None]:
        """Watch a loop that runs in the block, in whatever thread; its exception is raised."""
        try:
            yield
        except Exception as error:
            logger.exception("a thread died", thread=name, error=str(error))
            raise
        finally:
            if not self._stopping.is_set():
                self._dead.set()
                logger.error("a thread ended", thread=name, metrics={"dead_threads": 1})

    def are_alive(self) -> bool:
        """False once a loop has ended though the process is not stopping."""
        return not self._dead.is_set()
