"""What was read of things that never change, of the last few of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Read = TypeVar("Read")
_MOST = 64


class Recent(Generic[Read]):
    """Values by a key, such as the checksum of a file; the one that was read first goes first."""

    def __init__(self) -> None:
        self._known: dict[str, Read] = {}
        self._lock = threading.Lock()

    def known(self, key: str) -> Read | None:
        """The value, if it was read before."""
        with self._lock:
            return self._known.get(key)

    def of(self, key: str, read: Callable[[], Read]) -> Read:
        """The value, by ``read`` if it is not known. Raises what ``read`` does."""
        found = self.known(key)
        if found is None:
            found = read()
            with self._lock:
                while len(self._known) >= _MOST:
                    del self._known[next(iter(self._known))]
                self._known[key] = found
        return found
