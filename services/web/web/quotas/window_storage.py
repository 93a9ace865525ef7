"""The storage of ``limits`` on a table of ours, by the extension point that its manual describes.

https://limits.readthedocs.io/en/stable/custom-storage.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from limits.storage import Storage

from gas.aws.errors import AwsError
from gas.tables.rates import RateTable


class WindowStorage(Storage):
    """Counts in fixed windows, each of which begins with its first hit.

    The library's own storage in memory asks the system's clock and starts a thread at each hit to
    forget old counts; its others need servers that GAS does not have.
    """

    STORAGE_SCHEME = None

    def __init__(self, table: RateTable, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._table = table
        self._now = now

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What the table raises when it does not answer."""
        return AwsError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count ``amount`` more; returns the count of the window, which lasts ``expiry`` s."""
        return self._table.add(key, amount, self._seconds(), expiry).hits

    def get(self, key: str) -> int:
        """The count of the window that runs."""
        window = self._table.get(key, self._seconds())
        return window.hits if window else 0

    def get_expiry(self, key: str) -> float:
        """When the window that runs ends, in seconds since 1970; now if none does."""
        window = self._table.get(key, self._seconds())
        return window.ends_at if window else self._seconds()

    def check(self) -> bool:
        """Whether the table answers."""
        try:
            self._table.get("check", self._seconds())
        except AwsError:
            return False
        return True

    def reset(self) -> int | None:
        """Not offered: no task may forget the counts of all."""
        raise NotImplementedError

    def clear(self, key: str) -> None:
        """Not offered: a count ends with its window."""
        raise NotImplementedError

    def _seconds(self) -> int:
        return int(self._now().timestamp())
