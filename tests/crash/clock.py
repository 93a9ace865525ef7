"""The time that services see in a story."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from gas.runtime.repositories import utc_now


class Clock:
    """The time that all services see: the real one, moved forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


def pause() -> None:
    """Give the threads of the emulator 50 ms."""
    time.sleep(0.05)
