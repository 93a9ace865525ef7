"""Pauses between tries of a write that met another transaction ("full jitter").

Without a pause two writers that met once meet again; at random lengths they part. See "Exponential
Backoff And Jitter" in the AWS Architecture Blog.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

_FIRST_SECONDS = 0.025
"""The longest pause after the first try: a transaction of DynamoDB takes about as long."""

_LONGEST_SECONDS = 1.0
_MAX_TRIES = 10

Pause = Callable[[int], None]
"""Waits after the try with that number, from 1."""


def pause_seconds(tries: int, jitter: Callable[[float, float], float] = random.uniform) -> float:
    """Seconds to wait after that many tries: none to all of a time that doubles, 1 s at most."""
    return jitter(0.0, min(_LONGEST_SECONDS, _FIRST_SECONDS * 2.0 ** (tries - 1)))


def pause(tries: int) -> None:
    """Wait after that many tries."""
    time.sleep(pause_seconds(tries))


def retry_conflict(
    response: tuple[Any, dict[str, Any]] | None, attempts: int, **_: Any
) -> float | None:
    """Seconds until botocore sends a request again that met a transaction; None for any other.

    A handler of its event ``needs-retry.dynamodb``: its own retries leave this error out. It is
    about one item, as of ``PutItem``; what a whole transaction met is for its caller.
    """
    if response is None or attempts >= _MAX_TRIES:
        return None
    code = response[1].get("Error", {}).get("Code")
    return pause_seconds(attempts) if code == "TransactionConflictException" else None
