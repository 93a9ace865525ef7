"""Keeps what mehari logs out of our log, and bounded: it writes a line for every odd transcript."""

from __future__ import annotations

import logging

_LOGGER = "mehari"
MOST_KEPT = 20
"""Messages of one call that are kept for a diagnosis."""


class Noise(logging.Handler):
    """What mehari logged: how many messages, and the first of them."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0
        self.first: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1
        if len(self.first) < MOST_KEPT:
            self.first.append(record.getMessage()[:500])

    def clear(self) -> None:
        """Forget all: the next call begins."""
        self.count = 0
        self.first.clear()


def heard() -> Noise:
    """What mehari logs from now on in this process, which goes nowhere else."""
    logger = logging.getLogger(_LOGGER)
    for handler in logger.handlers:
        if isinstance(handler, Noise):
            return handler
    noise = Noise()
    logger.addHandler(noise)
    logger.propagate = False
    return noise
