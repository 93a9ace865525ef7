"""What every worker process does around its handlers: start, wait, consume, relay, stop."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from gas.events import CATALOGUE, Event, new_id
from gas.platform import logs
from gas.platform.aws import Aws, AwsError
from gas.platform.bus import Relay, SnsBus
from gas.platform.consumer import Consumer
from gas.platform.journal import ACCOUNT, JOB, Accounts, Jobs, Journal, Pen
from gas.platform.log import DynamoEventLog
from gas.platform.queue import SqsQueue
from gas.platform.settings import Settings, WorkerSettings
from gas.platform.settling import GiveUp, Handle, Policy, nothing_to_say

logger = structlog.get_logger()

_WAIT_SECONDS = 1.0


def utc_now() -> datetime:
    """The clock of every process."""
    return datetime.now(UTC)


def pen_for(service: str, settings: Settings, aws: Aws) -> Pen:
    """What ``service`` writes with, on AWS."""
    return Pen(
        log=DynamoEventLog(aws.dynamodb(), settings.prefix),
        bus=SnsBus(aws.sns(), settings.topic_arn("events")),
        now=utc_now,
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
    """A message handler that parses the event and binds its ids to the log lines."""

    def handle_body(body: str) -> None:
        event = CATALOGUE.parse(body)
        with logs.story(event):
            handle(event)

    return handle_body


class Stopping(threading.Event):
    """Set when the process was told to leave."""

    _since = 0.0

    def set(self) -> None:
        """Remember when, the first time."""
        self._since = self._since or time.monotonic()
        super().set()

    def is_overdue(self, seconds: float) -> bool:
        """True when the process was told to leave that long ago."""
        return self.is_set() and time.monotonic() - self._since >= seconds


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
        logs.configure(service, settings.log_level)
        stopping = Stopping()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        aws = Aws(settings)
        return cls(service, settings, aws, pen_for(service, settings, aws), stopping)

    def run(self, handle: Handle, give_up: GiveUp = nothing_to_say) -> int:
        """Consume the service's queue until told to stop; gives the exit status."""
        queue = self._queue()
        if queue is None:
            return 0
        relay = Relay(self.pen.log, self.pen.bus, seconds=self.settings.relay_seconds, now=utc_now)
        threading.Thread(target=relay.run, args=(self.stopping,), daemon=True, name="relay").start()
        logger.info("ready", queue=queue.name)
        finished = Consumer(queue, handle, self._policy(), give_up).run(self.stopping)
        logger.info("stopped", finished=finished)
        if not finished:
            os._exit(0)  # a thread that does not end would keep the process past its stop timeout
        return 0

    def _queue(self) -> SqsQueue | None:
        name = self.settings.named(self.service)
        while not self.stopping.is_set():
            try:
                return SqsQueue(self.aws.sqs(), name)
            except AwsError as error:
                logger.warning("waiting for the queue", queue=name, error=str(error))
                self.stopping.wait(_WAIT_SECONDS)
        return None

    def _policy(self) -> Policy:
        health_file = self.settings.health_file
        return Policy(
            concurrency=self.settings.concurrency,
            poll_seconds=self.settings.poll_seconds,
            visibility_seconds=self.settings.visibility_seconds,
            max_receives=self.settings.max_receives,
            retry_seconds=self.settings.retry_seconds,
            stop_seconds=self.settings.stop_seconds,
            health_file=Path(health_file) if health_file else None,
        )
