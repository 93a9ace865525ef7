"""What every worker process does around its handlers: start, wait, consume, relay, stop."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from gas.events import CATALOGUE, Event, JobBody, new_id
from gas.platform import logs, tracing
from gas.platform.aws import Aws, AwsError
from gas.platform.bus import Relay, SnsBus
from gas.platform.consumer import Consumer
from gas.platform.journal import ACCOUNT, JOB, Accounts, Jobs, Journal, Pen
from gas.platform.log import DynamoEventLog
from gas.platform.queue import SqsQueue
from gas.platform.settings import Settings, WorkerSettings
from gas.platform.settling import NOT_NOW, GiveUp, Handle, Policy, nothing_to_say

logger = structlog.get_logger()

_WAIT_SECONDS = 1.0


def utc_now() -> datetime:
    """The clock of every process."""
    return datetime.now(UTC)


def pen_for(
    service: str, settings: Settings, aws: Aws, now: Callable[[], datetime] = utc_now
) -> Pen:
    """What ``service`` writes with, on AWS."""
    return Pen(
        log=DynamoEventLog(aws.dynamodb(), settings.prefix),
        bus=SnsBus(aws.sns(), settings.topic_arn("events")),
        now=now,
        new_id=new_id,
        source=f"/gas/{service}",
    )


def jobs_of(pen: Pen) -> Jobs:
    """The job streams."""
    return Journal(JOB, pen)


def accounts_of(pen: Pen) -> Accounts:
    """The account streams."""
    return Journal(ACCOUNT, pen)


def reading_events(handle: Callable[[Event], None]) -> Handle:
    """A message handler that parses the event and binds its ids to the log lines and the trace."""

    def handle_body(body: str) -> None:
        event = CATALOGUE.parse(body)
        job_id = event.data.job_id if isinstance(event.data, JobBody) else None
        with tracing.handling(event, job_id, NOT_NOW), logs.story(event):
            handle(event)

    return handle_body


class Stopping(threading.Event):
    """Set when the process was told to leave."""

    _since = 0.0

    def set(self) -> None:
        """Remember when, the first time; later calls do nothing.

        A second signal can interrupt the handler of the first one while it holds the event's lock,
        which is not reentrant: setting again would block this process for ever.
        """
        if not self._since:
            self._since = time.monotonic()
            super().set()

    def is_overdue(self, seconds: float) -> bool:
        """True when the process was told to leave that long ago."""
        return self.is_set() and time.monotonic() - self._since >= seconds


@dataclass(frozen=True, slots=True)
class Line:
    """A queue by its short name, who handles its messages, and how many of them at once."""

    queue: str
    handle: Handle
    concurrency: int
    give_up: GiveUp = nothing_to_say


Background = Callable[[threading.Event], None]
"""A loop that runs beside the consumers until its argument is set."""


@dataclass(frozen=True, slots=True)
class Worker:
    """One service process; ``stopping`` is set when it was told to leave."""

    service: str
    settings: WorkerSettings
    aws: Aws
    pen: Pen
    stopping: Stopping

    @classmethod
    def start(cls, service: str, settings: WorkerSettings) -> Worker:
        """Configure logging and signals; wiring is the caller's, consuming is ``run``'s."""
        logs.configure(service, settings)
        tracing.configure(service)
        stopping = Stopping()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        # Else the interpreter looks through every object at its end, a quarter of a second of CPU
        # that a task with a quarter of a CPU needs for its orderly stop.
        atexit.register(gc.freeze)
        aws = Aws(settings)
        return cls(service, settings, aws, pen_for(service, settings, aws), stopping)

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock of this process."""
        return self.pen.now

    def run(self, *lines: Line, beside: Sequence[Background] = ()) -> int:
        """Consume the lines' queues until told to stop; gives the exit status.

        The relay, and what ``beside`` names, run meanwhile.
        """
        relay = Relay(self.pen.log, self.pen.bus, seconds=self.settings.relay_seconds, now=self.now)
        for loop in (relay.run, *beside):
            threading.Thread(target=loop, args=(self.stopping,), daemon=True).start()
        with ThreadPoolExecutor(len(lines)) as pool:
            finished = all(list(pool.map(self._consume, lines)))
        logger.info("stopped", finished=finished)
        if not finished:
            os._exit(0)  # a thread that does not end would keep the process past its stop timeout
        return 0

    def _consume(self, line: Line) -> bool:
        queue = self._queue(line.queue)
        if queue is None:
            return True
        logger.info("ready", queue=queue.name)
        consumer = Consumer(queue, line.handle, self.policy(line), line.give_up, self.now)
        return consumer.run(self.stopping)

    def _queue(self, line: str) -> SqsQueue | None:
        name = self.settings.named(line)
        while not self.stopping.is_set():
            try:
                return SqsQueue(self.aws.sqs(), name)
            except AwsError as error:
                logger.warning("waiting for the queue", queue=name, error=str(error))
                self.stopping.wait(_WAIT_SECONDS)
        return None

    def policy(self, line: Line) -> Policy:
        """How that line is consumed; its health file says so when it is not the service's own."""
        health_file = self.settings.health_file
        if health_file and line.queue != self.service:
            health_file += line.queue.removeprefix(self.service)
        return Policy(
            concurrency=line.concurrency,
            poll_seconds=self.settings.poll_seconds,
            visibility_seconds=self.settings.visibility_seconds,
            max_receives=self.settings.max_receives,
            retry_seconds=self.settings.retry_seconds,
            stop_seconds=self.settings.stop_seconds,
            health_file=Path(health_file) if health_file else None,
        )
