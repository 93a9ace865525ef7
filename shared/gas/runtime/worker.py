"""A worker process: start, wait for its queues, consume them, relay the outbox, stop."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from gas.aws.clients import Aws
from gas.aws.errors import AwsError
from gas.eventstore.outbox_relay import OutboxRelay
from gas.eventstore.repository import WriteContext
from gas.messaging.consumer import Consumer
from gas.messaging.dead_letters import UnreadableEventQueue
from gas.messaging.delivery import ConsumerPolicy, GivenUpHandler, MessageHandler, ignore_given_up
from gas.messaging.queue import SqsQueue
from gas.observability import logs, tracing
from gas.runtime.background import Background, WatchedThreads
from gas.runtime.presence import Presence
from gas.runtime.repositories import deferring_marks, write_context_for
from gas.settings import WorkerSettings
from gas.tables.presence import DynamoPresenceTable

logger = structlog.get_logger()
_QUEUE_RETRY_SECONDS = 1.0


class Stopping(threading.Event):
    """Set when the process got SIGTERM or SIGINT."""

    _since = 0.0

    def set(self) -> None:
        """Set it, and remember the time of the first call; later calls do nothing.

        A second signal can interrupt the handler of the first one while it holds the event's lock,
        which is not reentrant: setting again would block this process for ever.
        """
        if not self._since:
            self._since = time.monotonic()
            super().set()

    def is_overdue(self, seconds: float) -> bool:
        """True if it was set at least that many seconds ago."""
        return self.is_set() and time.monotonic() - self._since >= seconds


@dataclass(frozen=True, slots=True)
class ConsumerSpec:
    """One queue to consume: its short name (``annotator``), its handlers, and how many run at once.

    ``give_up`` is called for a message whose attempts have run out.
    """

    queue: str
    handle: MessageHandler
    concurrency: int
    give_up: GivenUpHandler = ignore_given_up


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker process of ``service``. Made by ``start``."""

    service: str
    settings: WorkerSettings
    aws: Aws
    write_context: WriteContext
    stopping: Stopping

    @classmethod
    def start(cls, service: str, settings: WorkerSettings) -> Worker:
        """Configure logs, traces and signals. The caller wires its handlers, then calls ``run``."""
        logs.configure(service, settings)
        tracing.configure(service)
        stopping = Stopping()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        # Otherwise the interpreter visits every object at its end: a quarter of a second of CPU,
        # which a task with a quarter of a CPU needs for its orderly stop.
        atexit.register(gc.freeze)
        aws = Aws(settings)
        context = deferring_marks(
            write_context_for(service, settings, aws), min(1.0, settings.relay_seconds / 4)
        )
        return cls(service, settings, aws, context, stopping)

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock of this process."""
        return self.write_context.now

    def run(self, *specs: ConsumerSpec, beside: Sequence[Background] = ()) -> int:
        """Consume the queues until ``stopping`` is set; returns the exit status.

        The outbox relay, and the loops in ``beside``, run in the background meanwhile.
        """
        relay = OutboxRelay(
            self.write_context.log,
            self.write_context.bus,
            UnreadableEventQueue(self.aws.sqs(), self.settings.prefix),
            seconds=self.settings.relay_seconds,
            now=self.now,
        )
        threads = WatchedThreads(self.stopping)
        threads.start("relay", relay.run)
        presence = self._presence()
        threads.start("presence", presence.run)
        for number, loop in enumerate(beside):
            threads.start(f"beside-{number}", loop)
        with ThreadPoolExecutor(len(specs)) as pool:
            finished = all(
                list(pool.map(partial(self._consume, threads=threads, presence=presence), specs))
            )
        logger.info("stopped", finished=finished)
        if not finished:
            # A normal exit would wait for the handler threads, until the container is killed. Their
            # messages are visible again, so another process continues.
            os._exit(0)
        return 0

    def _presence(self) -> Presence:
        table = DynamoPresenceTable(self.aws.dynamodb(), self.settings.prefix)
        return Presence(self.service, table, self.now)

    def _consume(self, spec: ConsumerSpec, threads: WatchedThreads, presence: Presence) -> bool:
        queue = self._wait_for_queue(spec.queue)
        if queue is None:
            return True  # stopped while waiting
        logger.info("ready", queue=queue.name)
        policy = replace(self.policy(spec), is_healthy=threads.are_alive)
        consumer = Consumer(queue, spec.handle, policy, spec.give_up, self.now)
        presence.add(spec.queue, consumer)
        with threads.watched(spec.queue):
            return consumer.run(self.stopping)

    def _wait_for_queue(self, queue: str) -> SqsQueue | None:
        name = self.settings.named(queue)
        # In development and Compose a worker may start before its queue is made.
        while not self.stopping.is_set():
            try:
                return SqsQueue(self.aws.sqs(), name)
            except AwsError as error:
                logger.warning("waiting for the queue", queue=name, error=str(error))
                self.stopping.wait(_QUEUE_RETRY_SECONDS)
        return None

    def policy(self, spec: ConsumerSpec) -> ConsumerPolicy:
        """The policy of a spec, from the settings.

        A process with two queues has two health files: ``/tmp/alive`` for the queue ``annotator``,
        ``/tmp/alive-large`` for ``annotator-large``.
        """
        health_file = self.settings.health_file
        if health_file and spec.queue != self.service:
            health_file += spec.queue.removeprefix(self.service)
        return ConsumerPolicy(
            concurrency=spec.concurrency,
            poll_seconds=self.settings.poll_seconds,
            gather_seconds=self.settings.gather_seconds,
            visibility_seconds=self.settings.visibility_seconds,
            max_receives=self.settings.max_receives,
            retry_seconds=self.settings.retry_seconds,
            stop_seconds=self.settings.stop_seconds,
            health_file=Path(health_file) if health_file else None,
        )
