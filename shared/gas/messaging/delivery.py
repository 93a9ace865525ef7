"""One delivery: call the handler, then delete, delay, retry or dead-letter the message.

A handler returns, and the message is deleted, or it raises:

- ``Postponed``: the message is sent again and delivered at that time;
- ``Interrupted``: the message is sent again and delivered at once, to another process;
- ``InvalidEvent``, ``Refused``: the message goes to the dead-letter queue, with the reason;
- anything else: the message is delivered again after a pause that grows (``retry_policy``).

A copy that is sent again carries how often earlier ones failed, so that neither waiting nor a
deployment uses up attempts, and neither gives them back.

When attempts have run out, ``give_up`` is called once, so that no user waits for a result that will
not come, and the message goes to the dead-letter queue (``dead_letters``). One whose work was done
by a process that died before it deleted it is only deleted: ``give_up`` raises ``AlreadyDone``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from gas.events import InvalidEvent
from gas.messaging.queue import History, Message, Queue
from gas.messaging.retry_policy import RetryPolicy
from gas.observability import tracing

logger = structlog.get_logger()


class Postponed(Exception):
    """The message is early: deliver it again at ``due``."""

    def __init__(self, due: datetime) -> None:
        super().__init__(f"due at {due.isoformat()}")
        self.due = due


class Interrupted(Exception):
    """The handler stopped before it was done: deliver the message to another process."""


class Refused(Exception):
    """Another attempt would end the same way, until an operator has changed something."""


class AlreadyDone(Exception):
    """What the message asks for is done, so that there is nothing to give up."""


MAX_INTERRUPTIONS = 50
"""After so many interruptions each further one counts as a failed attempt.

More than the deployments that fall into the longest job, and an end for a message whose handler
would always be interrupted.
"""

POSTPONED = (Postponed, Interrupted)
"""Exceptions by which a handler asks for another delivery; they are no errors of a trace."""

MessageHandler = Callable[[str], None]
"""Handles the body of a message."""

GivenUpHandler = Callable[[str, str], None]
"""Called with the body of a message whose attempts have run out, and the reason.

Raises AlreadyDone where there is nothing to give up.
"""


def ignore_given_up(body: str, reason: str) -> None:
    """The ``give_up`` of a consumer whose messages no user waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerPolicy(RetryPolicy):
    """How a queue is consumed: ``concurrency`` handlers at once, the rest in seconds.

    ``visibility_seconds`` is how long a message stays hidden after the last heartbeat.
    ``stop_seconds`` is how long running handlers may take to finish after the stop signal.
    A message that was handled is deleted within ``delete_seconds``, together with others; a process
    that dies before will see it again. After a receive that found messages the next one comes
    ``gather_seconds`` later, so that it finds several.
    ``health_file`` is kept fresh while the consumer's threads are alive, and ``is_healthy`` says
    that the rest of the process is; ``gas.observability.health`` reads it.
    """

    concurrency: int = 4
    poll_seconds: int = 20
    visibility_seconds: int = 120
    stop_seconds: float = 25.0
    delete_seconds: float = 1.0
    gather_seconds: float = 0.05
    health_file: Path | None = None
    is_healthy: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class MessageDelivery:
    """Calls ``handle`` with messages of ``queue``, and deletes a message only after it returned.

    ``finish`` deletes the message then, or sees to it that it is deleted soon; by default the queue
    does, at once.
    """

    queue: Queue
    handle: MessageHandler
    give_up: GivenUpHandler
    policy: RetryPolicy
    now: Callable[[], datetime]
    finish: Callable[[Message], object] | None = None

    def deliver(self, message: Message) -> None:
        """Handle one delivery, then delete, delay, retry or dead-letter the message."""
        if self.policy.is_exhausted(message.attempts):
            # Each earlier delivery ended its process, so a handler would end this one as well.
            self._dead_letter(message, f"not handled in {message.attempts} deliveries")
            return
        began = self.now()
        with tracing.delivered(message.queue, message.id, message.receives):
            outcome = self._handle(message)
        self._log_handled(message, outcome, began)

    def _handle(self, message: Message) -> str:
        try:
            self.handle(message.body)
        except Postponed as postponed:
            seconds = (postponed.due - self.now()).total_seconds()
            self._send_again(message, max(0, math.ceil(seconds)), message.history.interruptions)
            return "postponed"
        except Interrupted as error:
            if message.history.interruptions >= MAX_INTERRUPTIONS:
                self._retry(message, error)
                return "failed"
            logger.info("message returned to its queue: the process is stopping")
            self.hand_back(message)
            return "interrupted"
        except InvalidEvent as error:
            # No retry: the text will never become an event.
            logger.error("message is not an event", reason=str(error))
            self.queue.dead_letter(message, f"not an event: {error}")
            return "invalid"
        except Refused as error:
            logger.error("message refused", queue=message.queue, reason=str(error))
            self.queue.dead_letter(message, str(error))
            return "refused"
        except Exception as error:
            self._retry(message, error)
            return "failed"
        # Only now: every effect of the handler is durable.
        (self.finish or self.queue.delete)(message)
        return "done"

    def hand_back(self, message: Message) -> None:
        """Return a message whose handler an orderly stop has ended; no attempt is used up."""
        self._send_again(message, 0, message.history.interruptions + 1)

    def _send_again(self, message: Message, seconds: int, interruptions: int) -> None:
        # A new message, not a longer visibility timeout: SQS counts each delivery of this one.
        history = History(message.attempts - 1, interruptions)
        self.queue.send(message.body, seconds, message.group, history)
        # Sent first: a crash in between leaves two messages, the other order leaves none.
        self.queue.delete(message)

    def _log_handled(self, message: Message, outcome: str, began: datetime) -> None:
        values = {
            "handler_seconds": (self.now() - began).total_seconds(),
            "attempts": message.attempts,
        }
        if message.sent_at:
            values["queue_delay_seconds"] = (began - message.sent_at).total_seconds()
        if outcome == "failed":
            values["failed_attempts"] = 1
        logger.info("message handled", queue=message.queue, outcome=outcome, metrics=values)

    def _retry(self, message: Message, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        if self.policy.was_last_attempt(message.attempts):
            logger.exception("handler failed, no attempts left", attempts=message.attempts)
            self._dead_letter(message, reason)
            return
        seconds = self.policy.pause(message.attempts)
        logger.exception(
            "handler failed, message will be retried",
            attempts=message.attempts,
            pause_seconds=seconds,
        )
        self.queue.extend(message, seconds)

    def _dead_letter(self, message: Message, reason: str) -> None:
        # The user is notified first: after a crash in between the message comes back and is given
        # up again. In the other order nobody would ever be notified.
        try:
            self.give_up(message.body, reason)
        except AlreadyDone:
            logger.info("message was handled before", queue=message.queue, reason=reason)
            self.queue.delete(message)
            return
        logger.error(
            "message given up", queue=message.queue, reason=reason, metrics={"given_up": 1}
        )
        self.queue.dead_letter(message, reason)
