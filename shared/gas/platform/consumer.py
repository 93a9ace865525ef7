"""The one consumer loop: from a queue to a handler, and nothing acknowledged before it is done.

A handler returns (the message is deleted), or raises: ``Later`` (it comes back at that time),
``Interrupted`` (it comes back at once, to another process), InvalidEvent (it is buried with the
reason), anything else (it comes back after a pause that grows). When attempts run out the handler
is told once, so that nobody waits in vain, and the message is buried.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from gas.events import InvalidEvent
from gas.platform.aws import AwsError
from gas.platform.queue import MAX_BATCH, MAX_DELAY_SECONDS, Message, Queue

logger = structlog.get_logger()

_RECEIVE_PAUSE_SECONDS = 2.0


class Later(Exception):
    """The message is early: deliver it again at ``due``."""

    def __init__(self, due: datetime) -> None:
        super().__init__(f"due at {due.isoformat()}")
        self.due = due


class Interrupted(Exception):
    """The process is stopping and the work was given up: deliver the message to another."""


Handle = Callable[[str], None]
GiveUp = Callable[[str, str], None]


def nothing_to_say(body: str, reason: str) -> None:
    """The ``give_up`` of a consumer that nobody waits for."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How a queue is consumed. ``stop_seconds`` is how long running handlers may finish in."""

    concurrency: int = 4
    poll_seconds: int = 20
    visibility_seconds: int = 120
    max_receives: int = 5
    retry_seconds: float = 30.0
    stop_seconds: float = 25.0
    health_file: Path | None = None

    def pause(self, receives: int) -> int:
        """Seconds until a failed message is tried again: four times longer each time, jittered."""
        longest = min(self.retry_seconds * 4.0 ** (receives - 1), float(MAX_DELAY_SECONDS))
        return math.ceil(longest * random.uniform(0.5, 1.0))  # noqa: S311


class Consumer:
    """Consumes one queue with a bounded pool of threads until it is told to stop."""

    def __init__(
        self, queue: Queue, handle: Handle, policy: Policy, give_up: GiveUp = nothing_to_say
    ) -> None:
        self._queue = queue
        self._handle = handle
        self._give_up = give_up
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
                self._settle(message)
            except Exception as error:
                # What could not be settled comes back when its visibility ends.
                logger.exception("a message could not be settled", error=str(error))
            finally:
                with self._lock:
                    self._in_flight.pop(message.receipt, None)
                self._slots.release()

    def _settle(self, message: Message) -> None:
        if message.receives >= self._policy.max_receives:
            # Every earlier delivery died without a word, so this one is for the farewell alone.
            self._bury(message, f"still not done after {message.receives} deliveries")
            return
        try:
            self._handle(message.body)
        except Later as later:
            seconds = (later.due - datetime.now(UTC)).total_seconds()
            self._queue.send(message.body, max(0, math.ceil(seconds)))
        except Interrupted:
            logger.info("given back: the process is stopping")
            self._queue.extend(message, 0)
            return
        except InvalidEvent as error:
            logger.error("a message is not an event", reason=str(error))
            self._queue.bury(message, f"not an event: {error}")
            return
        except Exception as error:
            self._retry(message, error)
            return
        self._queue.delete(message)

    def _retry(self, message: Message, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        if message.receives >= self._policy.max_receives - 1:
            logger.exception("attempts ran out", receives=message.receives)
            self._bury(message, reason)
            return
        seconds = self._policy.pause(message.receives)
        logger.exception("will be tried again", receives=message.receives, pause_seconds=seconds)
        self._queue.extend(message, seconds)

    def _bury(self, message: Message, reason: str) -> None:
        self._give_up(message.body, reason)
        self._queue.bury(message, reason)

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
