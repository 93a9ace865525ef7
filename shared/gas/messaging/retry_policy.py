"""When a failed message is delivered again, and when its attempts have run out."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from gas.messaging.queue import MAX_DELAY_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a message is tried, and how long it waits between two attempts.

    ``attempts`` in the methods is the number of deliveries so far, the current one included, that
    count: over all copies of the message, without those that were postponed or interrupted. A
    handler gets the message ``max_receives - 1`` times at most. The last delivery is reserved for
    giving up: if every earlier one killed its process, somebody must still be notified.
    """

    max_receives: int = 5
    """Equals ``maxReceiveCount`` in ``ecs/data.yaml``: then SQS itself moves the message."""
    retry_seconds: float = 30.0
    """The longest pause after the first failed attempt."""
    jitter: Callable[[float, float], float] = random.uniform

    def pause(self, attempts: int) -> int:
        """Seconds until a failed message is tried again: 900 at most, four times longer each time.

        Half to all of that, at random: messages that failed together must not come back together.
        """
        longest = min(self.retry_seconds * 4.0 ** (attempts - 1), float(MAX_DELAY_SECONDS))
        return math.ceil(longest * self.jitter(0.5, 1.0))

    def was_last_attempt(self, attempts: int) -> bool:
        """True if a failure of this delivery ends the attempts."""
        return attempts >= self.max_receives - 1

    def is_exhausted(self, attempts: int) -> bool:
        """True if this delivery must not be handled any more."""
        return attempts >= self.max_receives
