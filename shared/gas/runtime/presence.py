"""Says once a minute that this process is there, and what it does with its queues."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from datetime import datetime

import structlog

from gas.aws.errors import AwsError
from gas.messaging.consumer import Consumer
from gas.tables.presence import PresenceTable, WorkerSign

logger = structlog.get_logger()
_SECONDS = 60.0


class Presence:
    """The signs of one process; consumers are added when they begin."""

    def __init__(self, service: str, table: PresenceTable, now: Callable[[], datetime]) -> None:
        self._service = service
        self._table = table
        self._now = now
        self._started_at = now()
        self._consumers: dict[str, Consumer] = {}
        self._changed = threading.Event()

    def add(self, queue: str, consumer: Consumer) -> None:
        """Tell of that queue too, from now on."""
        self._consumers[queue] = consumer
        self._changed.set()

    def run(self, stop: threading.Event) -> None:
        """Say it at once for each new queue, and then once a minute, until ``stop`` is set."""
        while not stop.is_set():
            self._changed.wait(_SECONDS)
            self._changed.clear()
            self.say()

    def say(self) -> None:
        """Say it now. A sign that is lost does no harm: the next one follows."""
        for queue, consumer in list(self._consumers.items()):
            done = consumer.activity()
            sign = WorkerSign(
                service=self._service,
                queue=queue,
                host=socket.gethostname(),
                pid=os.getpid(),
                started_at=self._started_at,
                seen_at=self._now(),
                handling=done.handling,
                taken_at=done.taken_at,
                waited_seconds=done.waited_seconds,
            )
            try:
                self._table.say(sign)
            except AwsError as error:
                logger.warning("nobody is told that this worker is there", error=str(error))
                return
