"""A whole GAS in memory: one log, one bus, and a clock that tests move."""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, datetime, timedelta
from uuid import UUID

from gas.domain.account import Register
from gas.domain.job import Job
from gas.domain.job_rules import Archive, Complete, Start, Submit
from gas.events import Event, InputFile, Plan, ResultFile, ResultKind, first_id_at
from gas.eventstore.log import StoredEvent
from gas.eventstore.repository import ACCOUNT, JOB, Repository, WriteContext
from gas.memory.archive import MemoryArchiveStore
from gas.memory.concurrency_leases import MemoryConcurrencyLeases
from gas.memory.executions import MemoryExecutions
from gas.memory.files import MemoryFiles
from gas.memory.job_list import MemoryJobListTable
from gas.memory.log import MemoryDatabase, MemoryEventLog
from gas.memory.personal import MemoryPersonalTable
from gas.memory.profiles import MemoryProfileTable
from gas.memory.progress import MemoryProgressTable
from gas.memory.publisher import MemoryEventBus
from gas.memory.queue import MemoryQueue
from gas.memory.recovery import MemoryLostPeriods, MemoryWitness
from gas.memory.sessions import MemorySessionTable
from gas.memory.tables import MemoryAccountTable, MemoryJobTable, MemoryUploadTable
from gas.messaging.fan_out import JobEventHandler, fan_out_handler

GRACE = timedelta(minutes=5)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def warm_vcf(job: Job) -> ResultFile:
    """The annotated VCF of a job whose result is warm."""
    warm = job.result(ResultKind.VCF)
    assert warm is not None, f"the result of job {job.job_id} is not warm"
    return warm


def archive_id(job: Job) -> str:
    """The archive id of a job whose result is in cold storage."""
    assert job.archive is not None, f"the result of job {job.job_id} is not in cold storage"
    return job.archive.archive_id


class World:
    """The ports of all handlers, in memory, and short cuts to the states that tests start from."""

    def __init__(self) -> None:
        self.time = BEGINNING
        self._ids = itertools.count(1)
        self.db = MemoryDatabase()
        self.log = MemoryEventLog(self.db)
        self.bus = MemoryEventBus()
        self.paused: list[int] = []
        self.write_context = WriteContext(
            self.log, self.bus, self.now, self.new_id, "/gas/test", self.paused.append
        )
        self.jobs = Repository(JOB, self.write_context)
        self.accounts = Repository(ACCOUNT, self.write_context)
        self.job_table = MemoryJobTable(self.db)
        self.job_list = MemoryJobListTable(self.db)
        self.account_table = MemoryAccountTable(self.db)
        self.uploads = MemoryUploadTable(self.db)
        self.personal = MemoryPersonalTable(self.db)
        self.profiles = MemoryProfileTable()
        self.sessions = MemorySessionTable()
        self.inputs = MemoryFiles("inputs", self.now)
        self.results = MemoryFiles("results", self.now)
        self.store = MemoryArchiveStore(self.results, self.now, self.new_id)
        self.periods = MemoryLostPeriods()
        self.witness = MemoryWitness()
        self.progress = MemoryProgressTable(self.now)
        self.leases = MemoryConcurrencyLeases(self.now)
        self.parts = MemoryFiles("parts", self.now)
        self.part_leases = MemoryConcurrencyLeases(self.now)
        self.part_queue = MemoryQueue(self.now)
        self.executions = MemoryExecutions(self.part_queue, {"parts": self.parts})
        self.fan_out = MemoryQueue(self.now)

    def now(self) -> datetime:
        return self.time

    def new_id(self) -> str:
        return str(UUID(int=UUID(first_id_at(self.time)).int + next(self._ids)))

    def pass_time(self, time: timedelta) -> None:
        self.time += time

    def leave_in_outbox(self, stream: str, text: str, version: int = 1) -> StoredEvent:
        """Store that text as an event of the stream, unpublished, as another hand might."""
        entry = StoredEvent(stream, version, self.new_id(), text)
        stored = self.db.streams.get(stream, [])
        self.db.streams[stream] = [e for e in stored if e.version != version] + [entry]
        self.db.outbox[entry.key] = entry
        return entry

    def last_event(self) -> Event:
        return self.bus.published[-1]

    def deliver(self, handle: JobEventHandler, event: Event) -> None:
        """Handle the event and the messages of its fan-out. Raises the last error of a handler."""
        handle(event, None)
        raised: Exception | None = None
        while messages := self.fan_out.receive(10, 0, 60):
            for message in messages:
                self.fan_out.delete(message)
                try:
                    fan_out_handler(handle)(message.body)
                except Exception as error:
                    raised = error
        if raised:
            raise raised

    def job(self, job_id: str) -> Job:
        """The job, as the fold of its events."""
        job = self.jobs.load(job_id)
        assert job is not None, f"there is no job {job_id}"
        return job

    def register(self, user_id: str = "user-1") -> str:
        self.accounts.execute(user_id, Register(user_id))
        return user_id

    def submit(
        self,
        user_id: str,
        content: bytes = b"##fileformat=VCFv4.2\n",
        bundle: str = "human-mt",
        *,
        split: bool = False,
        filename: str = "my.vcf.gz",
    ) -> Job:
        job_id = self.new_id()
        key = f"{user_id}/{job_id}"
        self.inputs.write(key, content)
        info = self.inputs.info(key)
        file = InputFile(
            bucket="inputs",
            key=key,
            size_bytes=len(content),
            etag=info.etag.strip('"'),
            filename=filename,
            version_id=info.version_id,
        )
        command = Submit(job_id, user_id, file, bundle, Plan.FREE, split_multiallelics=split)
        return self.jobs.execute(job_id, command)

    def complete(
        self, job: Job, content: bytes = b"result", bundle_version: str = "human-mt@1"
    ) -> Job:
        self.jobs.execute(job.job_id, Start("engine/1", bundle_version))
        files = []
        for kind in ResultKind:
            key = f"{job.user_id}/{job.job_id}/{self.new_id()}/my.{kind}"
            self.results.write(key, content)
            digest = hashlib.sha256(content).hexdigest()
            files.append(ResultFile(kind=kind, key=key, size_bytes=len(content), sha256=digest))
        return self.jobs.execute(
            job.job_id, Complete(tuple(files), {"records": 1}, 0.5, self.time + GRACE)
        )

    def archive(self, job: Job) -> Job:
        """Copy the result of a completed job to cold storage; the warm copy stays."""
        copy = self.store.put(job.user_id, job.job_id, warm_vcf(job))
        return self.jobs.execute(job.job_id, Archive(copy))

    def completed(self, user_id: str) -> Job:
        return self.complete(self.submit(user_id))
