"""The one consumer loop: from a queue to a bounded pool of handlers, and an orderly end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime

import structlog

from gas.aws.errors import AwsError
from gas.messaging.delivery import (
    ConsumerPolicy,
    GivenUpHandler,
    MessageDelivery,
    MessageHandler,
    ignore_given_up,
)
from gas.messaging.queue import MAX_BATCH, Message, Queue

logger = structlog.get_logger()
_RECEIVE_PAUSE_SECONDS = 2.0


class Consumer:
    """Consumes one queue with a bounded pool of threads until it is told to stop."""

    def __init__(
        self,
        queue: Queue,
        handle: MessageHandler,
        policy: ConsumerPolicy,
        give_up: GivenUpHandler = ignore_given_up,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._queue = queue
        self._delivery = MessageDelivery(queue, handle, give_up, policy, now)
        self._policy = policy
        self._slots = threading.BoundedSemaphore(policy.concurrency)
        self._lock = threading.Lock()
        self._in_flight: dict[str, Message] = {}

    def run(self, stop: threading.Event) -> bool:
        """Consume until ``stop`` is set; False if a handler had to be left unfinished."""
        self._say_alive()
        heart = threading.Event()
        threading.Thread(target=self._beat, args=(heart,), daemon=True, name="heartbeat").start()
        pool = ThreadPoolExecutor(self._policy.concurrency, thread_name_prefix="handler")
        running: set[Future[None]] = set()
        while not stop.is_set():
            running = {future for future in running if not future.done()}
            for message in self._receive(stop):
                running.add(pool.submit(self._deliver, message))
        # No new work from here on. Heartbeats go on, so that what still runs stays ours.
        _, unfinished = wait(running, timeout=self._policy.stop_seconds)
        heart.set()
        for message in self._held():
            self._quietly(self._queue.extend, message, 0)
        pool.shutdown(wait=False, cancel_futures=True)
        if self._policy.health_file:
            self._policy.health_file.unlink(missing_ok=True)
        return not unfinished

    def _receive(self, stop: threading.Event) -> list[Message]:
        free = self._take_slots()
        if not free:
            return []
        messages: list[Message] = []
        try:
            messages = list(
                self._queue.receive(
                    free, self._policy.poll_seconds, self._policy.visibility_seconds
                )
            )
            self._say_alive()
        except AwsError as error:
            logger.warning("the queue does not answer", error=str(error))
            stop.wait(_RECEIVE_PAUSE_SECONDS)
        with self._lock:
            self._in_flight.update({message.receipt: message for message in messages})
        for _ in range(free - len(messages)):
            self._slots.release()
        return messages

    def _take_slots(self) -> int:
        """Wait a moment for one free slot, then take what else is free, a batch at most."""
        if not self._slots.acquire(timeout=1.0):
            self._say_alive()
            return 0
        taken = 1
        while taken < MAX_BATCH and self._slots.acquire(blocking=False):
            taken += 1
        return taken

    def _deliver(self, message: Message) -> None:
        with structlog.contextvars.bound_contextvars(message_id=message.id):
            try:
                self._delivery.deliver(message)
            except Exception as error:
                # What could not be settled comes back when its visibility ends.
                logger.exception("a message could not be settled", error=str(error))
            finally:
                with self._lock:
                    self._in_flight.pop(message.receipt, None)
                self._slots.release()

    def _beat(self, heart: threading.Event) -> None:
        while not heart.wait(self._policy.visibility_seconds / 3):
            self._say_alive()
            for message in self._held():
                self._quietly(self._queue.extend, message, self._policy.visibility_seconds)

    def _held(self) -> list[Message]:
        with self._lock:
            return list(self._in_flight.values())

    def _quietly(self, extend: Callable[[Message, int], None], message: Message, to: int) -> None:
        try:
            extend(message, to)
        except AwsError as error:
            logger.warning("visibility not changed", message_id=message.id, error=str(error))

    def _say_alive(self) -> None:
        if self._policy.health_file:
            self._policy.health_file.write_text(f"{time.time():.0f}\n", encoding="ascii")
