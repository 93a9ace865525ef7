"""The one consumer loop: receive messages, hand them to a bounded pool, stop in order.

What happens to a message after its handler is in ``delivery``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from gas.aws.errors import AwsError
from gas.aws.gathering import Deferred
from gas.messaging.delivery import (
    ConsumerPolicy,
    GivenUpHandler,
    MessageDelivery,
    MessageHandler,
    ignore_given_up,
)
from gas.messaging.queue import MAX_BATCH, Message, Queue

logger = structlog.get_logger()
# After SQS did not answer; without a pause the loop would spin.
_ERROR_PAUSE_SECONDS = 2.0
# How long the loop waits for a free handler before it looks at the stop signal again.
_BUSY_WAIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Activity:
    """How many messages are handled, and how long the one that was taken last had waited, when.

    Delays on purpose are included; None before the first message.
    """

    handling: int
    taken_at: datetime | None = None
    waited_seconds: float | None = None


class Consumer:
    """Consumes one queue with a bounded pool of threads until ``stop`` is set."""

    def __init__(
        self,
        queue: Queue,
        handle: MessageHandler,
        policy: ConsumerPolicy,
        give_up: GivenUpHandler = ignore_given_up,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._queue = queue
        self._finished = Deferred(queue.delete_all, most=MAX_BATCH, seconds=policy.delete_seconds)
        self._delivery = MessageDelivery(queue, handle, give_up, policy, now, self._finished.add)
        self._policy = policy
        self._now = now
        self._last = Activity(0)
        # A message is received only when a handler is free: one that waited in this process would
        # use up its visibility timeout, while another process might be idle.
        self._free_handlers = threading.BoundedSemaphore(policy.concurrency)
        self._lock = threading.Lock()
        self._in_flight: dict[str, Message] = {}
        self._gathered_at = 0.0  # when the next receive may come
        self._heartbeat_thread: threading.Thread | None = None

    def run(self, stop: threading.Event) -> bool:
        """Consume until ``stop`` is set.

        Returns False if a handler still ran ``stop_seconds`` later; its message is received again.
        """
        self._touch_health_file()
        heartbeat_stop = threading.Event()
        self._heartbeat_thread = threading.Thread(
            target=self._heartbeat, args=(heartbeat_stop,), daemon=True, name="heartbeat"
        )
        self._heartbeat_thread.start()
        pool = ThreadPoolExecutor(self._policy.concurrency, thread_name_prefix="handler")
        running: set[Future[None]] = set()
        try:
            while not stop.is_set():
                running = {future for future in running if not future.done()}
                for message in self._receive(stop):
                    running.add(pool.submit(self._deliver, message))
        except BaseException:
            # Heartbeats keep the health file fresh, which must not hide that this loop is dead.
            heartbeat_stop.set()
            raise
        # No message is received any more, but heartbeats go on: without them the messages of
        # handlers that still run would be delivered to another process.
        _, unfinished = wait(running, timeout=self._policy.stop_seconds)
        # Heartbeats end before messages are returned, or one would hide a message again.
        heartbeat_stop.set()
        self._finished.flush()
        for message in self._messages_in_flight():
            self._hand_back(message)
        pool.shutdown(wait=False, cancel_futures=True)
        # Last: the health check must not fail while handlers finish.
        if self._policy.health_file:
            self._policy.health_file.unlink(missing_ok=True)
        return not unfinished

    def activity(self) -> Activity:
        """What this consumer does at the moment."""
        return replace(self._last, handling=len(self._messages_in_flight()))

    def _receive(self, stop: threading.Event) -> list[Message]:
        # At once after a time without messages; else messages and handlers gather meanwhile.
        stop.wait(max(0.0, self._gathered_at - time.monotonic()))
        free = 0 if stop.is_set() else self._reserve_handlers()
        if not free:
            return []
        messages: list[Message] = []
        try:
            messages = list(
                self._queue.receive(
                    free, self._policy.poll_seconds, self._policy.visibility_seconds
                )
            )
            if messages:
                self._gathered_at = time.monotonic() + self._policy.gather_seconds
                self._note(messages[-1])
            self._touch_health_file()
        except AwsError as error:
            logger.warning("receiving messages failed", error=str(error))
            stop.wait(_ERROR_PAUSE_SECONDS)
        with self._lock:
            self._in_flight.update({message.receipt: message for message in messages})
        for _ in range(free - len(messages)):
            self._free_handlers.release()
        return messages

    def _note(self, message: Message) -> None:
        if message.sent_at:
            now = self._now()
            waited = max(0.0, (now - message.sent_at).total_seconds())
            self._last = Activity(0, now, waited)

    def _reserve_handlers(self) -> int:
        """Reserve free handlers, one batch of messages at most; 0 if none gets free in a second."""
        if not self._free_handlers.acquire(timeout=_BUSY_WAIT_SECONDS):
            self._touch_health_file()
            return 0
        reserved = 1
        while reserved < MAX_BATCH and self._free_handlers.acquire(blocking=False):
            reserved += 1
        return reserved

    def _deliver(self, message: Message) -> None:
        with structlog.contextvars.bound_contextvars(message_id=message.id):
            try:
                self._delivery.deliver(message)
            except Exception as error:
                # Not from the handler: SQS refused, or ``give_up`` failed. The message is received
                # again when its visibility timeout ends.
                logger.exception("delivery not finished", error=str(error))
            finally:
                with self._lock:
                    self._in_flight.pop(message.receipt, None)
                self._free_handlers.release()

    def _heartbeat(self, stop: threading.Event) -> None:
        # Three beats in each visibility timeout, so that two may fail before a message is lost.
        while not stop.wait(self._policy.visibility_seconds / 3):
            self._touch_health_file()
            for message in self._messages_in_flight():
                self._set_visibility(message, self._policy.visibility_seconds)

    def _messages_in_flight(self) -> list[Message]:
        with self._lock:
            return list(self._in_flight.values())

    def _set_visibility(self, message: Message, seconds: int) -> None:
        try:
            self._queue.extend(message, seconds)
        except AwsError as error:
            # The handler may have deleted it a moment ago; if not, the next beat tries again.
            logger.warning("visibility not changed", message_id=message.id, error=str(error))

    def _hand_back(self, message: Message) -> None:
        # At once, so that nobody waits for the visibility timeout.
        try:
            self._delivery.hand_back(message)
        except AwsError as error:
            # It uses up an attempt then, as if this process had died.
            logger.warning("message not handed back", message_id=message.id, error=str(error))
            self._set_visibility(message, 0)

    def _touch_health_file(self) -> None:
        if self._heartbeat_thread and not self._heartbeat_thread.is_alive():
            return  # messages would be delivered twice: somebody must start this process again
        if self._policy.health_file and self._policy.is_healthy():
            self._policy.health_file.write_text(f"{time.time():.0f}\n", encoding="ascii")
