"""The stores, queues and clock of one simulated installation, behind ports that may fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from email.message import EmailMessage
from typing import Any

from gas.domain.job import Job, JobStatus
from gas.events import AccountSuspended, Event, JobArchived, JobReopened, JobStarted, Lane, Plan
from gas.eventstore.guards import Guard
from gas.eventstore.outbox_relay import OutboxRelay
from gas.eventstore.repository import JOB, JobRepository, Repository, WriteContext
from gas.eventstore.rows import Row
from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.executions import MemoryExecutions
from gas.memory.log import MemoryEventLog
from gas.memory.queue import MemoryQueue
from gas.memory.unreadable import MemoryUnreadableEvents
from tests.simulation.addresses import Addresses
from tests.simulation.cold_storage import ColdStorage, S3ColdStorage, VaultColdStorage
from tests.simulation.part_work import PartWork
from tests.simulation.tasks import FaultyPort, Simulator, Task, Violation
from tests.support.world import GRACE, World

LANES = {"annotator": Lane.SMALL, "annotator-large": Lane.LARGE}
SUBSCRIPTIONS = {
    "annotator": ("gas.job.submitted.v1",),
    "annotator-large": ("gas.job.submitted.v1",),
    "annotator-parts": ("gas.job.cancelled.v1", "gas.job.failed.v1"),
    "archiver": (
        *("gas.job.completed.v1", "gas.job.restored.v1", "gas.job.deleted.v1"),
        "gas.job.deletion_requested.v1",
        *("gas.account.downgraded.v1", "gas.account.reinstated.v1"),
        "gas.account.closed.v1",
    ),
    "restorer": ("gas.account.upgraded.v1",),
    "notifier": (
        *("gas.job.completed.v1", "gas.job.failed.v1", "gas.job.archived.v1"),
        *("gas.job.restored.v1", "gas.account.erased.v1", "gas.account.upgraded.v1"),
        *("gas.account.downgraded.v1", "gas.account.token_created.v1"),
    ),
    "thawer": (),
}


_POISON = ('{"type": "gas.job.mended.v3", "data": {}}', '{"type": 7}', "not JSON", "")
_POISONED = "poisoned-"
_RAISING_MAILS = (0.0, 0.0, 0.0, 0.2)  # the share of them, one of these for each schedule


class CheckedLog(MemoryEventLog):
    """A log that checks each archival and each start of a job at the moment of its commit."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation.world.db)
        self._installation = installation

    def append(
        self, events: Sequence[Event], row: Row | None, guards: Sequence[Guard] = ()
    ) -> None:
        super().append(events, row, guards)
        for event in events:
            self._installation.committed.add(event.id)
            if isinstance(event.data, JobArchived):
                self._installation.check_archival(event, event.data)
            if isinstance(event.data, JobStarted):
                self._installation.check_start(event, event.data)
            under_way = list(self._installation.simulator.tasks)
            if isinstance(event.data, AccountSuspended):
                self._installation.under_way_at_suspension[event.data.user_id] = under_way
            if isinstance(event.data, JobReopened):
                self._installation.under_way_at_reopening[event.data.job_id] = under_way


class CheckedBus:
    """A bus that checks that each published event was committed."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def publish(self, event: Event) -> None:
        if event.id not in self._installation.committed:
            raise Violation(f"{event.type} was published and not committed")
        self._installation.world.bus.publish(event)


class CountingMailSender:
    """Counts the mails of each event; some mails raise each time, until an operator mends them."""

    def __init__(self, simulator: Simulator) -> None:
        self.sent: Counter[str] = Counter()
        self._simulator = simulator
        self._raising: dict[str, bool] = {}
        self._rate = simulator.rng.choice(_RAISING_MAILS)

    def send(self, mail: EmailMessage, to: str) -> None:
        event_id = str(mail["X-GAS-Event"])
        if event_id not in self._raising:
            self._raising[event_id] = self._simulator.rng.random() < self._rate
        if self._raising[event_id]:
            raise LookupError("this mail cannot be sent")
        self.sent[event_id] += 1

    @property
    def are_raising(self) -> bool:
        """Whether there is a mail that cannot be sent."""
        return any(self._raising.values())

    def mend(self, event_id: str) -> None:
        """Let the mail about that event be sent from now on."""
        self._raising[event_id] = False


class Installation:
    """What services share: the log, tables, queues, files and cold storage of one installation."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.world = World()
        self.committed: set[str] = set()
        self.contents: dict[str, bytes] = {}
        self.addresses = Addresses(simulator)
        self.under_way_at_suspension: dict[str, list[Task]] = {}
        self.under_way_at_reopening: dict[str, list[Task]] = {}
        self.mails = CountingMailSender(simulator)
        self.effect_claims = MemoryEffectClaims(self.world.now)
        self.reconciler_claims = MemoryEffectClaims(self.world.now, claim_seconds=3600)
        self.log = CheckedLog(self)
        self.set_aside = MemoryUnreadableEvents()
        self.poisoned: set[tuple[str, int]] = set()
        self.queues: dict[str, MemoryQueue] = {}
        for name, types in SUBSCRIPTIONS.items():
            delay = int(GRACE.total_seconds()) if name == "archiver" else 0
            self.queues[name] = MemoryQueue(self.world.now, delay_seconds=delay)
            self.world.bus.subscribe(self.queues[name], *types, lane=LANES.get(name))
        queue = self.queues["annotator-parts"]
        self.executions = MemoryExecutions(queue, {"parts": self.world.parts})
        self.part_work = PartWork(simulator, self.world, self.executions)
        has_vault = simulator.rng.random() < 0.5
        self.cold: ColdStorage = (
            VaultColdStorage(self.world, self.faulty, simulator)
            if has_vault
            else S3ColdStorage(self.world, self.faulty, simulator)
        )

    def faulty(self, name: str, target: Any) -> Any:
        """The port ``target``, with faults at its calls."""
        return FaultyPort(self.simulator, name, target)

    def content_of(self, job: Job) -> bytes:
        """What the user sent, or has at the address that they gave."""
        if job.input.fetched_from:
            return self.addresses.files[job.input.filename]
        return self.contents[job.input.key]

    def write_context(self, service: str) -> WriteContext:
        """What the repositories of a service write with."""
        log, bus = self.faulty("log", self.log), self.faulty("bus", CheckedBus(self))
        return WriteContext(
            log,
            bus,
            self.world.now,
            self.world.new_id,
            f"/gas/{service}",
            lambda _: self.simulator.pause(),
        )

    def jobs(self, service: str) -> JobRepository:
        """The jobs, as a service changes them."""
        return Repository(JOB, self.write_context(service))

    def operator_jobs(self) -> JobRepository:
        """The jobs, as an operator changes them: without faults."""
        w = self.world
        return Repository(
            JOB, WriteContext(self.log, CheckedBus(self), w.now, w.new_id, "/gas/operator")
        )

    def relay(self) -> OutboxRelay:
        """The relay that runs in every worker."""
        write_context, unreadable = self.write_context("relay"), self.faulty("dead", self.set_aside)
        log, bus = write_context.log, write_context.bus
        return OutboxRelay(log, bus, unreadable, seconds=10, now=self.world.now)

    def poison_outbox(self) -> None:
        """Leave an event in the outbox that nobody can read, as a newer program might."""
        text = self.simulator.rng.choice(_POISON)
        entry = self.world.leave_in_outbox(f"job/{_POISONED}{len(self.poisoned)}", text)
        self.poisoned.add(entry.key)

    def lose_execution(self) -> None:
        """Let what waits for parts end without a word, send all again, or ask for the join."""
        if names := self.executions.running():
            executions = self.executions
            happens = [executions.vanish, executions.expire, executions.hurry]
            lose = self.simulator.rng.choice(happens)
            lose(self.simulator.rng.choice(names))

    def is_poison(self, stream: str) -> bool:
        """Whether the stream is one of those that cannot be read."""
        return stream.startswith(f"job/{_POISONED}")

    def check_archival(self, event: Event, body: JobArchived) -> None:
        """Check, at the commit, that the plan is Free, not suspended, and the grace period over.

        Raises Violation.
        """
        account = self.world.account_table.get(body.user_id)
        if account is None or account.plan is not Plan.FREE:
            raise Violation(f"a result of a Premium user was archived: {event.subject}")
        if account.is_suspended:
            raise Violation(f"a result of a suspended user was archived: {event.subject}")
        before = JOB.fold(self.log.read(event.subject)[:-1])
        assert before is not None
        assert before.available_since is not None
        begins = [before.available_since, account.plan_since, account.reinstated_at]
        if event.time < max(moment for moment in begins if moment) + GRACE:
            raise Violation(f"archived before the grace period was over: {event.subject}")

    def check_start(self, event: Event, body: JobStarted) -> None:
        """Check, at the commit, that no waiting job of a suspended user starts.

        Raises Violation. A task that was under way at the suspension may have read the account, and
        one that was when an operator handed the job out may have found it running, as it may be.
        """
        account = self.world.account_table.get(body.user_id)
        before = JOB.fold(self.log.read(event.subject)[:-1])
        assert before is not None
        if account is None or not account.is_suspended or before.status is JobStatus.RUNNING:
            return
        current = self.simulator.current
        excused = [
            *self.under_way_at_suspension[body.user_id],
            *self.under_way_at_reopening.get(body.job_id, ()),
        ]
        if not any(task is current for task in excused):
            raise Violation(f"a waiting job of a suspended user was started: {event.subject}")

    def finish_restore(self, archive_id: str, *, silently: bool) -> None:
        """Finish the requested restore of an archive; ``silently`` loses its notice."""
        for notice in self.cold.finish(archive_id):
            if not silently:
                for _ in range(self.simulator.rng.choice([1, 1, 2])):
                    self.queues["thawer"].publish(notice)
