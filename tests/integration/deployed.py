"""An installation on the AWS emulator, as the integration tests use it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from gas.aws.clients import Aws
from gas.aws.items import wire
from gas.domain.account import Register
from gas.domain.job_rules import Submit
from gas.events import InputFile, Plan, new_id
from gas.eventstore.log import StoredEvent
from gas.eventstore.projections import TABLES, ProjectionTables
from gas.eventstore.rebuild import Difference, verify
from gas.eventstore.rows import Row
from gas.eventstore.sweep import Segment
from gas.messaging.queue import SqsQueue
from gas.runtime.repositories import account_repository, job_repository, write_context_for
from gas.settings import Settings


class DeployedGas:
    """The production repositories, tables and queues of one installation."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.aws = Aws(settings)
        self.write_context = write_context_for("test", settings, self.aws)
        self.jobs = job_repository(self.write_context)
        self.accounts = account_repository(self.write_context)
        self.tables = ProjectionTables(self.aws.dynamodb(), settings.prefix)

    def put_event(self, entry: StoredEvent, text: str | bytes | None = None) -> None:
        """Store an event, perhaps an unreadable one, and leave it in the outbox.

        ``text`` is stored in place of the event's own.
        """
        key = wire({"stream": entry.stream, "version": entry.version})
        item = key | wire({"event_id": entry.event_id, "event": text or entry.text})
        table = self.settings.named("events")
        self.aws.dynamodb().put_item(TableName=table, Item=item)
        self.write_context.log.mark_unpublished(*entry.key)

    def delete_event(self, entry: StoredEvent) -> None:
        """Delete that event."""
        key = wire({"stream": entry.stream, "version": entry.version})
        self.aws.dynamodb().delete_item(TableName=self.settings.named("events"), Key=key)

    def queue(self, name: str) -> SqsQueue:
        return SqsQueue(self.aws.sqs(), self.settings.named(name))

    def drain(self, name: str) -> list[dict[str, object]]:
        """Delete every message of that queue; the events in them, as JSON objects."""
        queue, found = self.queue(name), []
        while messages := queue.receive(10, 1, 30):
            for message in messages:
                found.append(json.loads(message.body))
                queue.delete(message)
        return found

    def rows(self) -> list[Row]:
        """Every row of both projections, with its key attributes only."""
        whole = Segment(0, 1)
        return [row for table in TABLES for row in self.tables.row_page(table, whole, None).items]

    def differences(self) -> list[Difference]:
        """What ``verify`` finds."""
        found: list[Difference] = []
        verify(self.write_context.log, self.tables, found.append)
        return found

    def submitted(self) -> tuple[str, str]:
        """A new user with a new job: the ids of both."""
        user, job_id = new_id(), new_id()
        self.accounts.execute(user, Register(user))
        file = InputFile(bucket="b", key="k", size_bytes=1, etag="e", filename="f")
        self.jobs.execute(job_id, Submit(job_id, user, file, "human-mt", Plan.FREE))
        return user, job_id


def eventually(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until the condition holds. Raises AssertionError after that many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true"
        time.sleep(0.05)
