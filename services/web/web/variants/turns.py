"""Who may work now: so many at once, in the order in which they came."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator


class Turns:
    """``at_once`` turns. A semaphore lets who comes again overtake who waits; this does not."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def take(self, wait_seconds: float) -> bool:
        """Whether there was a turn within that time. Each one taken must be given back."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            if wait_seconds <= 0:
                return False
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(wait_seconds):
            return True
        with self._lock:
            if mine.is_set():  # given in the moment in which the time was over
                return True
            self._waiting.remove(mine)
            return False

    def give_back(self) -> None:
        """Hand the turn to who has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class Turn:
    """One of the ``quick`` turns that was taken; if it takes long, one of the ``slow`` ones."""

    def __init__(self, quick: Turns, slow: Turns) -> None:
        self._held, self._slow = quick, slow
        self._lock = threading.Lock()
        self._is_over = False

    def step_aside(self) -> None:
        """Let a quick one go on, if not too many slow ones have done the same."""
        with self._lock:
            if self._is_over or self._held is self._slow or not self._slow.take(0):
                return
            quick, self._held = self._held, self._slow
        quick.give_back()

    def end(self) -> None:
        """Give back what is held."""
        with self._lock:
            self._is_over = True
        self._held.give_back()


@contextlib.contextmanager
def held(quick: Turns, slow: Turns, patience_seconds: float) -> Iterator[None]:
    """A turn of ``quick`` that was taken, given back at the end or after that time."""
    turn = Turn(quick, slow)
    timer = threading.Timer(patience_seconds, turn.step_aside)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        turn.end()
