"""Runs pieces of the services in forked processes, which a fault may kill at an AWS call."""

from __future__ import annotations

import contextlib
import gc
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

from tests.crash.faults import FaultInjector

ALIVE = 0
FAILED = 1


class Processes:
    """Runs functions as processes that the injector may kill.

    Nothing is counted, and no fault injected, before ``count_from_here``.
    """

    def __init__(self, injector: FaultInjector) -> None:
        self._injector = injector
        self._is_counting = False
        self._is_warming_up = False

    def run(self, function: Callable[[], Any]) -> tuple[int, Any]:
        """Run it in a process that may die: the exit status, and what it returned, as JSON.

        Where no fault can kill it any more it runs here: a fork takes longer than a delivery.
        """
        if self._is_counting and self._injector.may_kill:
            return self._forked(function)
        with self._injector.watching(self._is_counting):
            try:
                # Through JSON here too, so that both ways return the same types.
                return ALIVE, json.loads(json.dumps(function()))
            except Exception:
                if self._is_warming_up:
                    raise
                return FAILED, None

    def _forked(self, function: Callable[[], Any]) -> tuple[int, Any]:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            status = FAILED
            try:
                os.close(reading)
                with self._injector.watching(self._is_counting):
                    returned = json.dumps(function()).encode()
                os.write(writing, returned)
                status = ALIVE
            finally:
                # Not sys.exit: the child would run the exit handlers of its parent, pytest.
                os._exit(status)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            returned = pipe.read()
        _, ended = os.waitpid(child, 0)
        status = os.waitstatus_to_exitcode(ended)
        return status, json.loads(returned) if status == ALIVE and returned else None

    @contextlib.contextmanager
    def warming_up(self) -> Iterator[None]:
        """Run everything in this process meanwhile, so that caches are filled before forks."""
        self._is_warming_up = True
        yield
        self._is_warming_up = False
        gc.collect()
        gc.freeze()  # a collection in a child would otherwise copy every page of the parent

    def count_from_here(self) -> None:
        """From now on calls are counted, and one of them may fail."""
        self._is_counting = True

    def stop_counting(self) -> None:
        """From now on no fault is injected."""
        self._is_counting = False
