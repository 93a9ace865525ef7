"""A clock that changes only when a test moves it."""

from __future__ import annotations

from datetime import datetime


class ManualClock:
    """Gives ``time``, which tests set."""

    def __init__(self, time: datetime) -> None:
        self.time = time

    def __call__(self) -> datetime:
        return self.time
