"""How long an export may take."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from duckdb import DuckDBPyConnection, InterruptException


class TooSlow(Exception):
    """The time for an export is over; the file is not whole."""


class Deadline:
    """A moment after which work must end; ``clock`` counts seconds and never goes back."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def seconds_left(self) -> float:
        return max(0.0, self._end - self._clock())

    def check(self) -> None:
        """Raise TooSlow once the time is over."""
        if not self.seconds_left:
            raise TooSlow


@contextlib.contextmanager
def limited(connection: DuckDBPyConnection, seconds: float) -> Iterator[Deadline]:
    """A deadline that also stops a query of the connection. Raises TooSlow."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield Deadline(seconds)
    except InterruptException:
        raise TooSlow from None
    finally:
        timer.cancel()
