"""The production handlers and requests, wired to ports in memory that may fail at every call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import annotator.handler
import annotator.ports
import archiver.handler
import notifier.handler
import restorer.handler
import thawer.handler
from annotator.bundle import EMBEDDED
from annotator.bundle_cache import BundleCache
from annotator.fair_scheduling import FairScheduler
from annotator.settings import AnnotatorSettings
from gas.events import Event, JobArchived, Lane, Plan
from gas.eventstore.outbox_relay import OutboxRelay
from gas.eventstore.repository import ACCOUNT, JOB, JobRepository, Repository, WriteContext
from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.log import MemoryEventLog
from gas.memory.profiles import MemoryProfileTable
from gas.memory.queue import MemoryQueue
from gas.messaging.delivery import ConsumerPolicy, MessageDelivery, ignore_given_up
from gas.messaging.event_handlers import event_handler
from gas.messaging.fan_out import FanOut, fan_out_handler
from reconciler import ports as reconciler_ports
from tests.simulation.cold import Cold, S3Cold, VaultCold
from tests.simulation.engine import LEASE_SECONDS, Engine
from tests.simulation.tasks import Faulty, Simulator, Violation
from tests.world import GRACE, World
from web.accounts.billing import SandboxBilling
from web.accounts.service import AccountService
from web.jobs.service import JobService
from web.jobs.submission import Submission

VISIBILITY_SECONDS = LEASE_SECONDS
LARGE_BYTES = 60
LIMITS = {Plan.FREE: 1, Plan.PREMIUM: 2}
MOST_RUNNING = max(LIMITS.values())
LANES = {"annotator": Lane.SMALL, "annotator-large": Lane.LARGE}
SUBSCRIPTIONS = {
    "annotator": ("gas.job.submitted.v1",),
    "annotator-large": ("gas.job.submitted.v1",),
    "archiver": (
        *("gas.job.completed.v1", "gas.job.restored.v1", "gas.job.deleted.v1"),
        "gas.account.downgraded.v1",
    ),
    "restorer": ("gas.account.upgraded.v1",),
    "notifier": (
        *("gas.job.completed.v1", "gas.job.failed.v1", "gas.job.archived.v1"),
        "gas.job.restored.v1",
    ),
    "thawer": (),
}


class WatchedLog(MemoryEventLog):
    """A log that looks at each commit, at the moment of the commit."""

    def __init__(self, system: System) -> None:
        super().__init__(system.world.db)
        self._system = system

    def append(self, events: Any, row: Any, guards: Any = ()) -> None:
        super().append(events, row, guards)
        for event in events:
            self._system.committed.add(event.id)
            if isinstance(event.data, JobArchived):
                self._system.check_archival(event)


class WatchedBus:
    """A bus that knows what was committed."""

    def __init__(self, system: System) -> None:
        self._system = system

    def publish(self, event: Event) -> None:
        if event.id not in self._system.committed:
            raise Violation(f"{event.type} was published and not committed")
        self._system.world.bus.publish(event)


class MailSender:
    """Counts the mails of each event."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()

    def send(self, mail: EmailMessage, to: str) -> None:
        self.sent[str(mail["X-GAS-Event"])] += 1


class Storage:
    """Links, which the simulation does not follow."""

    def upload_form(self, key: str, size_bytes: int) -> dict[str, Any]:
        return {"url": "", "fields": {"key": key}}

    def download_url(self, key: str, filename: str) -> str:
        return key


class System:
    """One installation: queues with their deliveries, and what users call."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.world = World()
        self.committed: set[str] = set()
        self.contents: dict[str, bytes] = {}
        self.post = MailSender()
        self.profiles = MemoryProfileTable()
        self.effect_claims = MemoryEffectClaims(self.world.now)
        self.reconciler_claims = MemoryEffectClaims(self.world.now, claim_seconds=3600)
        self.log = WatchedLog(self)
        self.queues: dict[str, MemoryQueue] = {}
        for name, types in SUBSCRIPTIONS.items():
            delay = int(GRACE.total_seconds()) if name == "archiver" else 0
            self.queues[name] = MemoryQueue(self.world.now, delay_seconds=delay)
            self.world.bus.subscribe(self.queues[name], *types, lane=LANES.get(name))
        vault = simulator.rng.random() < 0.5
        self.cold: Cold = (
            VaultCold(self.world, self.faulty, simulator)
            if vault
            else S3Cold(self.world, self.faulty)
        )
        self.engine = Engine(simulator, MOST_RUNNING)
        self.deliveries = {name: self._delivery(name, *make) for name, make in self._wire().items()}
        self._make_web()

    def faulty(self, name: str, target: Any) -> Any:
        """The port ``target`` as a process sees it."""
        return Faulty(self.simulator, name, target)

    def write_context(self, service: str) -> WriteContext:
        """What a service writes with."""
        log, bus = self.faulty("log", self.log), self.faulty("bus", WatchedBus(self))
        return WriteContext(log, bus, self.world.now, self.world.new_id, f"/gas/{service}")

    def operator_jobs(self) -> JobRepository:
        """The jobs as an operator changes them, with whom nothing goes wrong."""
        w = self.world
        return Repository(
            JOB, WriteContext(self.log, WatchedBus(self), w.now, w.new_id, "/gas/operator")
        )

    def relay(self) -> OutboxRelay:
        """The background sweep of any worker."""
        write_context = self.write_context("relay")
        return OutboxRelay(write_context.log, write_context.bus, seconds=10, now=self.world.now)

    def _delivery(
        self, name: str, handle: Callable[[str], None], give_up: Callable[[str, str], None]
    ) -> MessageDelivery:
        policy = ConsumerPolicy(
            visibility_seconds=VISIBILITY_SECONDS, jitter=self.simulator.rng.uniform
        )
        queue = self.faulty("queue", self.queues[name])
        return MessageDelivery(queue, handle, give_up, policy, self.world.now)

    def _wire(self) -> dict[str, tuple[Any, Any]]:
        w, faulty = self.world, self.faulty
        jobs = {name: Repository(JOB, self.write_context(name)) for name in SUBSCRIPTIONS}
        rows, accounts = faulty("jobs", w.job_table), faulty("accounts", w.account_table)
        results, inputs = faulty("results", w.results), faulty("inputs", w.inputs)
        store = self.cold.store
        write_context = self.write_context("annotator")
        scheduler = FairScheduler(
            leases=faulty("leases", w.leases),
            accounts=accounts,
            job_table=rows,
            progress=faulty("progress", w.progress),
            log=write_context.log,
            bus=write_context.bus,
            now=w.now,
            new_id=w.new_id,
            limits=LIMITS,
        )
        annotating = annotator.ports.Ports(
            jobs=jobs["annotator"],
            job_table=rows,
            accounts=accounts,
            progress=faulty("progress", w.progress),
            inputs=inputs,
            results=results,
            annotate=self.engine,
            scheduler=scheduler,
            bundle_cache=BundleCache(EMBEDDED, Path("/nowhere")),
            now=w.now,
            new_id=w.new_id,
            is_stopping=lambda: False,
            grace=GRACE,
            settings=_SETTINGS,
        )
        archiving = archiver.handler.Ports(
            jobs["archiver"],
            rows,
            accounts,
            results,
            inputs,
            store,
            FanOut(faulty("queue", self.queues["archiver"])),
            w.now,
            GRACE,
        )
        restoring = restorer.handler.Ports(
            jobs["restorer"],
            rows,
            accounts,
            store,
            FanOut(faulty("queue", self.queues["restorer"])),
            w.now,
        )
        thawing = thawer.handler.Ports(jobs["thawer"], results, store, w.now, w.new_id)
        mailing = notifier.handler.Ports(
            job_table=rows,
            account_table=accounts,
            profiles=faulty("profiles", self.profiles),
            effect_claims=faulty("claims", self.effect_claims),
            mail_sender=faulty("post", self.post),
            public_url="http://gas",
            mail_from="gas@example.org",
            now=w.now,
        )

        def events(module: Any, ports: Any) -> Callable[[str], None]:
            return event_handler(lambda event: module.handle(event, ports))

        def fan_out(module: Any, ports: Any) -> Callable[[str], None]:
            return fan_out_handler(
                lambda event, fan_out_job_id: module.handle(event, fan_out_job_id, ports)
            )

        annotators = (
            events(annotator.handler, annotating),
            lambda body, reason: annotator.handler.give_up(body, reason, annotating),
        )
        return {
            "annotator": annotators,
            "annotator-large": annotators,
            "archiver": (fan_out(archiver.handler, archiving), ignore_given_up),
            "restorer": (fan_out(restorer.handler, restoring), ignore_given_up),
            "thawer": (lambda body: thawer.handler.handle(body, thawing), ignore_given_up),
            "notifier": (events(notifier.handler, mailing), ignore_given_up),
        }

    def _make_web(self) -> None:
        w, faulty = self.world, self.faulty
        write_context = self.write_context("web")
        rows = faulty("jobs", w.job_table)
        self.accounts = AccountService(
            Repository(ACCOUNT, write_context),
            faulty("accounts", w.account_table),
            faulty("profiles", self.profiles),
            SandboxBilling(),
            w.now,
        )
        self.submission = Submission(
            jobs=Repository(JOB, write_context),
            table=rows,
            uploads=faulty("uploads", w.uploads),
            inputs=faulty("inputs", w.inputs),
            storage=Storage(),
            now=w.now,
            new_id=w.new_id,
            limits={Plan.FREE: 1 << 20, Plan.PREMIUM: 1 << 20},
            bundles=("human-mt",),
            large_file_bytes=LARGE_BYTES,
        )
        self.job_service = JobService(
            jobs=Repository(JOB, write_context),
            table=rows,
            log=write_context.log,
            progress=faulty("progress", w.progress),
            results=faulty("results", w.results),
            storage=Storage(),
            grace=GRACE,
        )

    def check_archival(self, event: Event) -> None:
        """The plan must be Free and the grace period over, at the moment of the commit."""
        assert isinstance(event.data, JobArchived)
        account = self.world.account_table.get(event.data.user_id)
        if account is None or account.plan is not Plan.FREE:
            raise Violation(f"a result of a Premium user was archived: {event.subject}")
        before = JOB.fold(self.log.read(event.subject)[:-1])
        assert before is not None
        assert before.available_since is not None
        if event.time < max(before.available_since, account.plan_since) + GRACE:
            raise Violation(f"archived before the grace period was over: {event.subject}")

    def thaw(self, archive_id: str, *, silently: bool) -> None:
        """Cold storage is done with what was asked, and says so unless its word is lost."""
        for notice in self.cold.finish(archive_id):
            if not silently:
                for _ in range(self.simulator.rng.choice([1, 1, 2])):
                    self.queues["thawer"].publish(notice)

    def reconciliation(self) -> reconciler_ports.Ports:
        """What reconciliation works with."""
        w, faulty, write_context = self.world, self.faulty, self.write_context("reconciler")
        return reconciler_ports.Ports(
            jobs=Repository(JOB, write_context),
            job_table=faulty("jobs", w.job_table),
            log=write_context.log,
            bus=write_context.bus,
            progress=faulty("progress", w.progress),
            uploads=faulty("uploads", w.uploads),
            inputs=faulty("inputs", w.inputs),
            results=faulty("results", w.results),
            store=self.cold.store,
            notices=faulty("queue", self.queues["thawer"]),
            claims=faulty("claims", self.reconciler_claims),
            now=w.now,
        )


_SETTINGS = AnnotatorSettings(work_folder=Path("/dev/shm") if Path("/dev/shm").is_dir() else None)
