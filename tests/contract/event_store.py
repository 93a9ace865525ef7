"""An event store for the contract tests, in memory and on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gas.aws.clients import Aws
from gas.domain.account import Register
from gas.domain.job import Job
from gas.domain.job_rules import (
    Archive,
    Complete,
    JobCommand,
    RequestRestore,
    Restore,
    Start,
    Submit,
)
from gas.events import ArchiveCopy, Event, InputFile, Plan, ResultFile, ResultKind, Tier, new_id
from gas.eventstore.dynamo_log import DynamoEventLog
from gas.eventstore.feed import DynamoEventFeed, EventFeed
from gas.eventstore.log import EventLog
from gas.eventstore.repository import (
    ACCOUNT,
    JOB,
    AccountRepository,
    JobRepository,
    Repository,
    WriteContext,
)
from gas.memory.feed import MemoryEventFeed
from gas.memory.job_list import MemoryJobListTable
from gas.memory.log import MemoryDatabase, MemoryEventLog
from gas.memory.tables import MemoryAccountTable, MemoryJobTable, MemoryUploadTable
from gas.runtime.repositories import utc_now
from gas.settings import Settings
from gas.tables.accounts import AccountTable, DynamoAccountTable
from gas.tables.job_list import DynamoJobListTable, JobListTable
from gas.tables.jobs import DynamoJobTable, JobTable
from gas.tables.uploads import DynamoUploadTable, UploadTable

COPY = ArchiveCopy(store="s3", archive_id="cold", size_bytes=1, sha256="0" * 64)
FILES = tuple(
    ResultFile(kind=kind, key=f"k/{kind}", size_bytes=1, sha256="a" * 64) for kind in ResultKind
)
RESTORE = Restore(FILES[0].model_copy(update={"key": "new"}))


class NoBus:
    """A bus that drops every event."""

    def publish(self, event: Event) -> None:
        """Drop it."""


@dataclass
class EventStore:
    """The log, its projections and uploads, and repositories that publish nothing."""

    log: EventLog
    job_table: JobTable
    job_list: JobListTable
    feed: EventFeed
    account_table: AccountTable
    uploads: UploadTable
    make_log: Callable[[], EventLog]  # a new client for each writer
    database: MemoryDatabase = field(default_factory=MemoryDatabase)  # in memory only

    @property
    def write_context(self) -> WriteContext:
        return WriteContext(self.log, NoBus(), utc_now, new_id, "/gas/test")

    @property
    def jobs(self) -> JobRepository:
        return Repository(JOB, self.write_context)

    @property
    def accounts(self) -> AccountRepository:
        return Repository(ACCOUNT, self.write_context)

    def user(self) -> str:
        user_id = new_id()
        self.accounts.execute(user_id, Register(user_id))
        return user_id

    def submitted(self, user_id: str) -> Job:
        job_id = new_id()
        return self.jobs.execute(job_id, submit(job_id, user_id))


def submit(job_id: str, user_id: str) -> Submit:
    file = InputFile(bucket="b", key="k", size_bytes=1, etag="e", filename="f.vcf")
    return Submit(job_id, user_id, file, "human-mt", Plan.FREE)


def until_restoring() -> tuple[JobCommand, ...]:
    """The commands after the submission that lead to the status ``restoring``."""
    return (
        Start("e", "b"),
        Complete(FILES, {"records": 7}, 0.25, utc_now()),
        Archive(COPY),
        RequestRestore(Tier.STANDARD, utc_now()),
    )


def event_store_in_memory() -> EventStore:
    db = MemoryDatabase()
    log = MemoryEventLog(db)
    jobs = MemoryJobTable(db), MemoryJobListTable(db), MemoryEventFeed(db)
    return EventStore(log, *jobs, MemoryAccountTable(db), MemoryUploadTable(db), lambda: log, db)


def event_store_on_aws(settings: Settings) -> EventStore:
    client = Aws(settings).dynamodb()
    return EventStore(
        DynamoEventLog(client, settings.prefix),
        DynamoJobTable(client, settings.prefix),
        DynamoJobListTable(client, settings.prefix),
        DynamoEventFeed(client, settings.prefix),
        DynamoAccountTable(client, settings.prefix),
        DynamoUploadTable(client, settings.prefix),
        lambda: DynamoEventLog(Aws(settings).dynamodb(), settings.prefix),
    )
