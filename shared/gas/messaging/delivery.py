"""What becomes of one delivery of a message, once its handler has returned or raised.

A handler returns (the message is deleted), or raises: ``Later`` (it comes back at that time),
``Interrupted`` (it comes back at once, to another process), InvalidEvent (it is buried with the
reason), anything else (it comes back after a pause that grows). When attempts run out the handler
is told once, so that nobody waits in vain, and the message is buried.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from gas.events import InvalidEvent
from gas.messaging.queue import MAX_DELAY_SECONDS, Message, Queue
from gas.observability import tracing

logger = structlog.get_logger()


class Postponed(Exception):
    """The message is early: deliver it again at ``due``."""

    def __init__(self, due: datetime) -> None:
        super().__init__(f"due at {due.isoformat()}")
        self.due = due


class Interrupted(Exception):
    """The process is stopping and the work was given up: deliver the message to another."""


POSTPONED = (Postponed, Interrupted)
MessageHandler = Callable[[str], None]
GivenUpHandler = Callable[[str, str], None]


def ignore_given_up(body: str, reason: str) -> None:
    """The ``give_up`` of a consumer that nobody waits for."""


@dataclass(frozen=True, slots=True)
class ConsumerPolicy:
    """How a queue is consumed. ``stop_seconds`` is how long running handlers may finish in."""

    concurrency: int = 4
    poll_seconds: int = 20
    visibility_seconds: int = 120
    max_receives: int = 5
    retry_seconds: float = 30.0
    stop_seconds: float = 25.0
    health_file: Path | None = None
    jitter: Callable[[float, float], float] = random.uniform

    def pause(self, receives: int) -> int:
        """Seconds until a failed message is tried again: four times longer each time, jittered."""
        longest = min(self.retry_seconds * 4.0 ** (receives - 1), float(MAX_DELAY_SECONDS))
        return math.ceil(longest * self.jitter(0.5, 1.0))


@dataclass(frozen=True, slots=True)
class MessageDelivery:
    """Hands messages of ``queue`` to ``handle`` and acknowledges them only when all is done."""

    queue: Queue
    handle: MessageHandler
    give_up: GivenUpHandler
    policy: ConsumerPolicy
    now: Callable[[], datetime]

    def deliver(self, message: Message) -> None:
        """Handle one delivery and say what becomes of its message."""
        if message.receives >= self.policy.max_receives:
            # Every earlier delivery died without a word, so this one is for the farewell alone.
            self._dead_letter(message, f"still not done after {message.receives} deliveries")
            return
        began = self.now()
        with tracing.delivered(message.queue, message.id, message.receives):
            outcome = self._handle(message)
        self._measure(message, outcome, began)

    def _handle(self, message: Message) -> str:
        try:
            self.handle(message.body)
        except Postponed as later:
            seconds = (later.due - self.now()).total_seconds()
            self.queue.send(message.body, max(0, math.ceil(seconds)), message.group)
            self.queue.delete(message)
            return "later"
        except Interrupted:
            logger.info("given back: the process is stopping")
            self.queue.extend(message, 0)
            return "interrupted"
        except InvalidEvent as error:
            logger.error("a message is not an event", reason=str(error))
            self.queue.dead_letter(message, f"not an event: {error}")
            return "invalid"
        except Exception as error:
            self._retry(message, error)
            return "failed"
        self.queue.delete(message)
        return "done"

    def _measure(self, message: Message, outcome: str, began: datetime) -> None:
        values = {
            "handler_seconds": (self.now() - began).total_seconds(),
            "attempts": message.receives,
        }
        if message.sent_at:
            values["queue_delay_seconds"] = (began - message.sent_at).total_seconds()
        if outcome == "failed":
            values["failed_attempts"] = 1
        logger.info("handled", queue=message.queue, outcome=outcome, metrics=values)

    def _retry(self, message: Message, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        if message.receives >= self.policy.max_receives - 1:
            logger.exception("attempts ran out", receives=message.receives)
            self._dead_letter(message, reason)
            return
        seconds = self.policy.pause(message.receives)
        logger.exception("will be tried again", receives=message.receives, pause_seconds=seconds)
        self.queue.extend(message, seconds)

    def _dead_letter(self, message: Message, reason: str) -> None:
        logger.error("given up", queue=message.queue, reason=reason, metrics={"given_up": 1})
        self.give_up(message.body, reason)
        self.queue.dead_letter(message, reason)
