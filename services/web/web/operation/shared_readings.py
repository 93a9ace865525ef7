"""Readings that all operators share: each is read at most once in some seconds, for all of them.

A reading that fails or hangs says so itself, and no other one waits for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from typing import Any

import structlog

from gas.aws.errors import AwsError, error_code

logger = structlog.get_logger()

_THREADS = 6  # of the twelve that may wait for AWS at once


@dataclass(frozen=True, slots=True)
class Box:
    """What was read, or why it could not be: a sentence for an operator."""

    value: Any = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """How something is read, and for how many seconds it is shown."""

    read: Callable[[], object]
    seconds: float


class SharedReadings:
    """The readings by name; a page waits for ``patience_seconds`` at most, for all of them.

    A reading that is not done by then goes on, and is not begun a second time meanwhile.
    """

    def __init__(self, readers: Mapping[str, Reader], patience_seconds: float) -> None:
        self._readers = dict(readers)
        self._patience = patience_seconds
        self._lock = threading.Lock()
        self._begun: dict[str, tuple[float, Future[object]]] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="operator")

    def boxes(self, names: Iterable[str]) -> dict[str, Box]:
        """The boxes of those names; never raises for a reading that fails."""
        futures = {name: self._future(name) for name in names}
        until = time.monotonic() + self._patience
        return {name: _box(name, future, until) for name, future in futures.items()}

    def forget(self) -> None:
        """Read everything anew: an operator has changed something."""
        with self._lock:
            self._begun = {
                name: (began, future)
                for name, (began, future) in self._begun.items()
                if not future.done()
            }

    def _future(self, name: str) -> Future[object]:
        reader = self._readers[name]
        with self._lock:
            known = self._begun.get(name)
            if known:
                began, future = known
                if not future.done() or time.monotonic() - began < reader.seconds:
                    return future
            future = self._threads.submit(reader.read)
            self._begun[name] = (time.monotonic(), future)
            return future


def _box(name: str, future: Future[object], until: float) -> Box:
    try:
        return Box(future.result(max(0.0, until - time.monotonic())))
    except TookTooLong:
        return Box(problem="AWS does not answer in time. It is asked again by itself.")
    except AwsError as error:
        logger.warning("an operator's box cannot be read", box=name, error=str(error))
        return Box(problem=f"AWS refused or did not answer ({error_code(error) or 'no answer'}).")
    except Exception as error:
        # One box with a fault of ours must not hide the others, which may say what is wrong.
        logger.exception("an operator's box cannot be read", box=name, error=str(error))
        return Box(problem="It cannot be read: the logs of web say why.")
