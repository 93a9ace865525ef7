"""How many exports run at once, in this process and of one user."""

from __future__ import annotations

import threading
from collections import Counter


class AllTaken(Exception):
    """As many exports run as may."""


class TooManyOfOne(Exception):
    """As many exports of this user run as may."""


class Slots:
    """Counts running exports: ``at_once`` in all, ``of_one`` of each owner."""

    def __init__(self, at_once: int, of_one: int) -> None:
        self._at_once, self._of_one = at_once, of_one
        self._running: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, owner: str) -> None:
        """Take a slot; ``give_back`` must follow. Raises AllTaken, TooManyOfOne."""
        with self._lock:
            if self._running[owner] >= self._of_one:
                raise TooManyOfOne
            if self._running.total() >= self._at_once:
                raise AllTaken
            self._running[owner] += 1

    def give_back(self, owner: str) -> None:
        """Free the owner's slot."""
        with self._lock:
            self._running -= Counter({owner: 1})
