"""The production handlers and services, wired to in-memory ports that may fail at every call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import annotator.handler
import annotator.ports
import archiver.handler
import archiver.ports
import notifier.handler
import notifier.ports
import restorer.handler
import thawer.handler
from annotator.bundle import EMBEDDED
from annotator.bundle_cache import BundleCache
from annotator.fair_scheduling import FairScheduler
from annotator.part_queue import handler as part_queue
from annotator.part_scheduling import PartScheduler
from annotator.settings import AnnotatorSettings
from gas.account_commands import AccountAdministration
from gas.domain.job_rules import ArchivePolicy
from gas.events import Plan
from gas.eventstore.repository import ACCOUNT, Repository
from gas.job_administration import JobAdministration
from gas.memory.suppressions import MemorySuppressionTable
from gas.memory.users import MemoryCallerTables, MemoryRecipientTables
from gas.messaging.delivery import (
    ConsumerPolicy,
    GivenUpHandler,
    MessageDelivery,
    MessageHandler,
    ignore_given_up,
)
from gas.messaging.event_handlers import event_handler
from gas.messaging.fan_out import FanOut, fan_out_handler
from notifier.contents import Site
from reconciler import ports as reconciler_ports
from tests.simulation.engine import Engine
from tests.simulation.installation import SUBSCRIPTIONS, Installation
from tests.simulation.part_work import LEASE_SECONDS, PART_LIMITS, best_plan
from tests.simulation.tasks import Simulator
from tests.support.world import GRACE
from web.accounts.billing import OpenBilling
from web.accounts.service import AccountService
from web.accounts.sessions import Sessions
from web.bundles import described
from web.jobs.listing import JobLists
from web.jobs.service import JobService
from web.jobs.submission import Submission
from web.quotas.quotas import Quota, Quotas

VISIBILITY_SECONDS = LEASE_SECONDS
LARGE_BYTES, SPLIT_BYTES = 100, 160  # keys alone, of which files consist, have 77
UNDO = timedelta(seconds=10)
LIMITS = {Plan.FREE: 1, Plan.PREMIUM: 2}
MANY = Quota(open_uploads=1_000, waiting_jobs=1_000, stored_bytes=1 << 40)
_MOST_RUNNING = dict(LIMITS)
_BUNDLES = described(("human-mt",))


class UnusedStorage:
    """Links for uploads and downloads, which the simulation does not follow."""

    def upload_form(self, key: str, size_bytes: int) -> dict[str, Any]:
        return {"url": "", "fields": {"key": key}}

    def part_url(self, key: str, bucket_id: str, number: int, size_bytes: int) -> str:
        return key

    def download_url(self, key: str, filename: str) -> str:
        return key

    def reading_url(self, key: str) -> str:
        return key


class System(Installation):
    """An installation with the handlers of every worker and the services behind web requests."""

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        self.engine = Engine(simulator, self._most_running, self.part_work)
        self.deliveries = {
            name: self._delivery(name, *handlers) for name, handlers in self._handlers().items()
        }
        self._make_web()

    def _most_running(self, user_id: str) -> int:
        """The limit of the best plan that the user ever had: a job keeps its lease after that."""
        return _MOST_RUNNING[best_plan(user_id, self.world)]

    def _delivery(
        self, name: str, handle: MessageHandler, give_up: GivenUpHandler
    ) -> MessageDelivery:
        policy = ConsumerPolicy(
            visibility_seconds=VISIBILITY_SECONDS, jitter=self.simulator.rng.uniform
        )
        queue = self.faulty("queue", self.queues[name])
        return MessageDelivery(queue, handle, give_up, policy, self.world.now)

    def _handlers(self) -> dict[str, tuple[MessageHandler, GivenUpHandler]]:
        w, faulty = self.world, self.faulty
        jobs = {name: self.jobs(name) for name in SUBSCRIPTIONS}
        rows, accounts = faulty("jobs", w.job_table), faulty("accounts", w.account_table)
        results, inputs = faulty("results", w.results), faulty("inputs", w.inputs)
        store = self.cold.store
        write_context = self.write_context("annotator")
        scheduler = FairScheduler(
            leases=faulty("leases", w.leases),
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
            uploads=faulty("uploads", w.uploads),
            inputs=inputs,
            results=results,
            parts=faulty("parts", w.parts),
            annotate=self.engine,
            fetcher=self.addresses,
            scheduler=scheduler,
            part_scheduler=PartScheduler(
                faulty("part_leases", w.part_leases), w.now, w.new_id, PART_LIMITS
            ),
            executions=faulty("executions", self.executions),
            steps=self.engine.parts.steps,
            bundle_cache=BundleCache(EMBEDDED, Path("/nowhere")),
            now=w.now,
            new_id=w.new_id,
            is_stopping=lambda: False,
            archive_policy=ArchivePolicy(GRACE),
            settings=_SETTINGS,
        )
        archiving = archiver.ports.Ports(
            jobs["archiver"],
            rows,
            accounts,
            results,
            inputs,
            store,
            FanOut(faulty("queue", self.queues["archiver"])),
            faulty("personal", w.personal),
            w.now,
            ArchivePolicy(GRACE),
            Repository(ACCOUNT, self.write_context("archiver")),
            faulty("sessions", w.sessions),
            faulty("profiles", w.profiles),
            faulty("uploads", w.uploads),
            faulty("parts", w.parts),
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
        mailing = notifier.ports.Ports(
            job_table=rows,
            recipients=MemoryRecipientTables(
                faulty("profiles", w.profiles),
                accounts,
                rows,
                faulty("suppressions", MemorySuppressionTable()),
            ),
            profiles=faulty("profiles", w.profiles),
            effect_claims=faulty("claims", self.effect_claims),
            mail_sender=faulty("post", self.mails),
            site=Site("http://gas"),
            archive_policy=ArchivePolicy(GRACE),
            mail_from="gas@example.org",
            now=w.now,
        )

        def events(module: Any, ports: Any) -> Callable[[str], None]:
            return event_handler(lambda event: module.handle(event, ports))

        def fan_out(module: Any, ports: Any) -> Callable[[str], None]:
            return fan_out_handler(
                lambda event, fan_out_job_id: module.handle(event, fan_out_job_id, ports)
            )

        archive = fan_out(archiver.handler, archiving)
        annotators = (
            events(annotator.handler, annotating),
            lambda body, reason: annotator.handler.give_up(body, reason, annotating),
        )
        return {
            "annotator": annotators,
            "annotator-large": annotators,
            "annotator-parts": (
                lambda body: self.part_work.handle(body, annotating),
                lambda body, reason: part_queue.give_up(body, reason, annotating),
            ),
            "archiver": (
                lambda body: self.part_work.handle_deletion(body, archive),
                ignore_given_up,
            ),
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
            faulty("profiles", w.profiles),
            MemoryCallerTables(
                faulty("profiles", w.profiles),
                faulty("accounts", w.account_table),
                faulty("sessions", w.sessions),
            ),
            OpenBilling(),
            w.now,
        )
        self.sessions = Sessions(faulty("sessions", w.sessions), w.now, w.new_id)
        operator = self.write_context("operator")
        self.administration = AccountAdministration(
            Repository(ACCOUNT, operator), operator.log, w.profiles, by="an operator"
        )
        self.job_administration = JobAdministration(self.jobs("operator"), "an operator")
        self.submission = Submission(
            jobs=self.jobs("web"),
            table=rows,
            uploads=faulty("uploads", w.uploads),
            inputs=faulty("inputs", w.inputs),
            storage=UnusedStorage(),
            now=w.now,
            new_id=w.new_id,
            limits={Plan.FREE: 1 << 20, Plan.PREMIUM: 1 << 20},
            bundles=lambda: _BUNDLES,
            large_file_bytes=LARGE_BYTES,
            # Without faults: where a count fails, nothing has begun yet.
            quotas=Quotas(dict.fromkeys(Plan, MANY), w.job_table, w.uploads, w.now),
            check_terms=lambda _: None,
        )
        self.job_service = JobService(
            jobs=self.jobs("web"),
            table=rows,
            log=write_context.log,
            progress=faulty("progress", w.progress),
            results=faulty("results", w.results),
            storage=UnusedStorage(),
            archive_policy=ArchivePolicy(GRACE),
            lists=JobLists(w.job_list, w.now),
            now=w.now,
            undo=UNDO,
        )

    def reconciliation(self) -> reconciler_ports.Ports:
        """The ports of the reconciler."""
        w, faulty, write_context = self.world, self.faulty, self.write_context("reconciler")
        return reconciler_ports.Ports(
            jobs=self.jobs("reconciler"),
            job_table=faulty("jobs", w.job_table),
            accounts=faulty("accounts", w.account_table),
            log=write_context.log,
            progress=faulty("progress", w.progress),
            uploads=faulty("uploads", w.uploads),
            inputs=faulty("inputs", w.inputs),
            results=faulty("results", w.results),
            parts=faulty("parts", w.parts),
            store=self.cold.store,
            notices=faulty("queue", self.queues["thawer"]),
            claims=faulty("claims", self.reconciler_claims),
            periods=faulty("periods", w.periods),
            witness=faulty("witness", w.witness),
            now=w.now,
        )


_SETTINGS = AnnotatorSettings(
    work_folder=Path("/dev/shm") if Path("/dev/shm").is_dir() else None,
    quiet_seconds=0,
    split_bytes=SPLIT_BYTES,
    fetch_pause_seconds=0,
)
