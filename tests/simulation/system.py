"""The production handlers and requests, wired to ports in memory that may fail at every call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import annotator.handler
import archiver.handler
import restorer.handler
import thawer.handler
import web.notifier.handler
from annotator.bundle import EMBEDDED
from annotator.settings import AnnotatorSettings
from annotator.shelf import Shelf
from annotator.turns import Turns
from gas.events import Event, JobArchived, Lane, Plan
from gas.platform.bus import Relay
from gas.platform.errands import Errands, reading_errands
from gas.platform.journal import ACCOUNT, JOB, Jobs, Journal, Pen
from gas.platform.memory.log import MemoryEventLog
from gas.platform.memory.messages import MemoryInbox, MemoryQueue
from gas.platform.memory.people import MemoryProfileTable
from gas.platform.settling import Policy, Settler, nothing_to_say
from gas.platform.worker import reading_events
from restorer import reconciliation
from tests.simulation.cold import Cold, S3Cold, VaultCold
from tests.simulation.engine import LEASE_SECONDS, Engine
from tests.simulation.tasks import Faulty, Simulator, Violation
from tests.world import GRACE, World
from web.billing import SandboxBilling
from web.jobs import JobDesk
from web.people import People
from web.submission import Submission

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


class Post:
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
    """One installation: queues with their settlers, and what users call."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.world = World()
        self.committed: set[str] = set()
        self.contents: dict[str, bytes] = {}
        self.post = Post()
        self.profiles = MemoryProfileTable()
        self.inbox = MemoryInbox(self.world.now)
        self.reconciler_claims = MemoryInbox(self.world.now, claim_seconds=3600)
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
        self.settlers = {name: self._settler(name, *make) for name, make in self._wire().items()}
        self._make_web()

    def faulty(self, name: str, target: Any) -> Any:
        """The port ``target`` as a process sees it."""
        return Faulty(self.simulator, name, target)

    def pen(self, service: str) -> Pen:
        """What a service writes with."""
        log, bus = self.faulty("log", self.log), self.faulty("bus", WatchedBus(self))
        return Pen(log, bus, self.world.now, self.world.new_id, f"/gas/{service}")

    def operator_jobs(self) -> Jobs:
        """The jobs as an operator changes them, with whom nothing goes wrong."""
        w = self.world
        return Journal(JOB, Pen(self.log, WatchedBus(self), w.now, w.new_id, "/gas/operator"))

    def relay(self) -> Relay:
        """The background sweep of any worker."""
        pen = self.pen("relay")
        return Relay(pen.log, pen.bus, seconds=10, now=self.world.now)

    def _settler(
        self, name: str, handle: Callable[[str], None], give_up: Callable[[str, str], None]
    ) -> Settler:
        policy = Policy(visibility_seconds=VISIBILITY_SECONDS, jitter=self.simulator.rng.uniform)
        queue = self.faulty("queue", self.queues[name])
        return Settler(queue, handle, give_up, policy, self.world.now)

    def _wire(self) -> dict[str, tuple[Any, Any]]:
        w, faulty = self.world, self.faulty
        jobs = {name: Journal(JOB, self.pen(name)) for name in SUBSCRIPTIONS}
        rows, accounts = faulty("jobs", w.job_table), faulty("accounts", w.account_table)
        results, inputs = faulty("results", w.results), faulty("inputs", w.inputs)
        store = self.cold.store
        pen = self.pen("annotator")
        turns = Turns(
            slots=faulty("slots", w.slots),
            accounts=accounts,
            job_table=rows,
            progress=faulty("progress", w.progress),
            log=pen.log,
            bus=pen.bus,
            now=w.now,
            new_id=w.new_id,
            limits=LIMITS,
        )
        annotating = annotator.handler.Ports(
            jobs=jobs["annotator"],
            job_table=rows,
            accounts=accounts,
            progress=faulty("progress", w.progress),
            inputs=inputs,
            results=results,
            annotate=self.engine,
            turns=turns,
            shelf=Shelf(EMBEDDED, Path("/nowhere")),
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
            Errands(faulty("queue", self.queues["archiver"])),
            w.now,
            GRACE,
        )
        restoring = restorer.handler.Ports(
            jobs["restorer"],
            rows,
            accounts,
            store,
            Errands(faulty("queue", self.queues["restorer"])),
            w.now,
        )
        thawing = thawer.handler.Ports(jobs["thawer"], results, store, w.now, w.new_id)
        mailing = web.notifier.handler.Ports(
            job_table=rows,
            account_table=accounts,
            profiles=faulty("profiles", self.profiles),
            inbox=faulty("inbox", self.inbox),
            post=faulty("post", self.post),
            public_url="http://gas",
            mail_from="gas@example.org",
            now=w.now,
        )

        def events(module: Any, ports: Any) -> Callable[[str], None]:
            return reading_events(lambda event: module.handle(event, ports))

        def errands(module: Any, ports: Any) -> Callable[[str], None]:
            return reading_errands(lambda event, errand: module.handle(event, errand, ports))

        annotators = (
            events(annotator.handler, annotating),
            lambda body, reason: annotator.handler.give_up(body, reason, annotating),
        )
        return {
            "annotator": annotators,
            "annotator-large": annotators,
            "archiver": (errands(archiver.handler, archiving), nothing_to_say),
            "restorer": (errands(restorer.handler, restoring), nothing_to_say),
            "thawer": (lambda body: thawer.handler.handle(body, thawing), nothing_to_say),
            "notifier": (events(web.notifier.handler, mailing), nothing_to_say),
        }

    def _make_web(self) -> None:
        w, faulty = self.world, self.faulty
        pen = self.pen("web")
        rows = faulty("jobs", w.job_table)
        self.people = People(
            Journal(ACCOUNT, pen),
            faulty("accounts", w.account_table),
            faulty("profiles", self.profiles),
            SandboxBilling(),
            w.now,
        )
        self.submission = Submission(
            jobs=Journal(JOB, pen),
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
        self.desk = JobDesk(
            jobs=Journal(JOB, pen),
            table=rows,
            log=pen.log,
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

    def reconciliation(self) -> reconciliation.Ports:
        """What reconciliation works with."""
        w, faulty, pen = self.world, self.faulty, self.pen("reconciler")
        return reconciliation.Ports(
            jobs=Journal(JOB, pen),
            job_table=faulty("jobs", w.job_table),
            log=pen.log,
            bus=pen.bus,
            progress=faulty("progress", w.progress),
            uploads=faulty("uploads", w.uploads),
            inputs=faulty("inputs", w.inputs),
            results=faulty("results", w.results),
            store=self.cold.store,
            notices=faulty("queue", self.queues["thawer"]),
            claims=faulty("inbox", self.reconciler_claims),
            now=w.now,
        )


_SETTINGS = AnnotatorSettings(work_folder=Path("/dev/shm") if Path("/dev/shm").is_dir() else None)
