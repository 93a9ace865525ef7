"""All services on one installation of the emulator, which one case after another uses.

Each delivery, each request of a user and each sweep that a fault may kill runs in a forked process,
with the clients and the wiring of production. Nothing waits: tests move the clock instead.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

import annotator.__main__ as annotator_service
import archiver.__main__ as archiver_service
import notifier.__main__ as notifier_service
import restorer.__main__ as restorer_service
import thawer.__main__ as thawer_service
from annotator.handler import give_up, handle
from annotator.part_queue import handler as part_queue
from annotator.ports import Ports as AnnotatorPorts
from annotator.scatter.workplace import Annotate
from annotator.settings import AnnotatorSettings
from gas.aws.clients import Aws
from gas.eventstore.outbox_relay import OutboxRelay
from gas.files import versions
from gas.messaging.dead_letters import DeadLetters, UnreadableEventQueue
from gas.messaging.delivery import ConsumerPolicy, MessageDelivery, Postponed
from gas.messaging.event_handlers import event_handler
from gas.messaging.executions import MACHINE, StepFunctions
from gas.messaging.queue import SqsQueue
from gas.runtime.repositories import write_context_for
from gas.runtime.worker import ConsumerSpec, Stopping, Worker
from gas.settings import ColdSettings, Settings
from local.deploy import allow_sender, deploy
from notifier.settings import NotifierSettings
from reconciler.loop import reconcile
from reconciler.parallel import one_after_another
from reconciler.wiring import ports_of as reconciler_ports
from restorer.settings import RestorerSettings
from tests.crash.clock import Clock
from tests.crash.depths import depths_of
from tests.crash.engines import engine
from tests.crash.faults import FaultInjector, never_pause
from tests.crash.processes import ALIVE, Processes
from web.accounts import terms
from web.accounts.service import Identity
from web.accounts.tokens import make_token
from web.app import create_app
from web.ports import wire
from web.settings import WebSettings

GRACE_SECONDS = 300
_MOST_TRIES = 4
PART_BYTES = 5 << 20
"""The smallest part that S3 allows: larger results are copied in several."""


OnCall = Callable[[str, str, Any], None]
"""Gets the service, the operation (``sqs:SendMessage``) and the parameters of each AWS call."""


class Installation:
    """All services on one installation of the emulator."""

    def __init__(self, endpoint_url: str, *, vault: bool) -> None:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        never_pause()
        self.clock = Clock()
        self.postponed: Counter[str] = Counter()
        self.injector = FaultInjector()
        self.processes = Processes(self.injector)
        self.on_call: OnCall = lambda *_: None
        self.prefix = f"c{secrets.token_hex(4)}"
        self._common: dict[str, Any] = {
            "prefix": self.prefix,
            "endpoint_url": endpoint_url,
            "grace_seconds": GRACE_SECONDS,
            "fetch_private": True,
        }
        self.settings = Settings(**self._common)
        deploy(self.settings, "http://127.0.0.1")
        allow_sender(self.settings, NotifierSettings().mail_from)
        self.aws = Aws(self.settings)  # of the test itself: without faults
        self.executions = StepFunctions(self.aws.states(), self.settings.machine_arn(MACHINE))
        # The grace period of a queue cannot be moved with the clock.
        archiver_url = self.aws.sqs().get_queue_url(QueueName=f"{self.prefix}-archiver")["QueueUrl"]
        self.aws.sqs().set_queue_attributes(QueueUrl=archiver_url, Attributes={"DelaySeconds": "0"})
        self.has_vault = vault
        self._cold: dict[str, Any] = {"copy_part_bytes": PART_BYTES}
        if vault:
            self._cold |= {"archive_store": "vault", "vault": f"{self.prefix}-archive"}
            self.aws.glacier().create_vault(vaultName=f"{self.prefix}-archive")
        self._wire()

    def _wire(self) -> None:
        cold = ColdSettings(**self._common, **self._cold)
        restoring = RestorerSettings(**self._common, **self._cold)
        annotating = AnnotatorSettings(**self._common, quiet_seconds=0)
        mailing = NotifierSettings(**self._common)
        self.annotator_ports = replace(
            annotator_service.ports_of(self._worker("annotator", annotating), annotating),
            annotate=engine,
        )
        specs = [
            *annotator_consumers(self.annotator_ports),
            archiver_service.consumer_spec(self._worker("archiver", cold), cold),
            restorer_service.consumer_spec(self._worker("restorer", restoring), restoring),
            thawer_service.consumer_spec(self._worker("thawer", cold), cold),
            notifier_service.consumer_spec(self._worker("notifier", mailing), mailing),
        ]
        self.consumers = {spec.queue: spec for spec in specs}
        worker = self._worker("restorer", restoring)
        self._reconciliation = replace(
            # In one thread, so that the calls have the same order each time.
            reconciler_ports(worker, restoring),
            in_parallel=one_after_another,
        )
        self.relay = OutboxRelay(
            worker.write_context.log,
            worker.write_context.bus,
            UnreadableEventQueue(worker.aws.sqs(), self.settings.prefix),
            seconds=10,
            now=self.clock,
        )
        client = self._aws(self.settings, "worker").sqs()
        self.queues = {name: SqsQueue(client, self.settings.named(name)) for name in self.consumers}
        web = WebSettings(**self._common, billing="open")
        self.web_ports = wire(web, self._aws(web, "web"), self.clock)
        self.app = create_app(web, self.web_ports)

    @contextlib.contextmanager
    def annotating_with(self, annotate: Annotate, **settings: float) -> Iterator[None]:
        """Annotate with another engine, and some other settings, within the block."""
        before = self.annotator_ports
        changed = before.settings.model_copy(update=settings)
        self._annotate_by(replace(before, annotate=annotate, settings=changed))
        try:
            yield
        finally:
            self._annotate_by(before)

    def _annotate_by(self, ports: AnnotatorPorts) -> None:
        self.annotator_ports = ports
        self.consumers |= {spec.queue: spec for spec in annotator_consumers(ports)}

    def _aws(self, settings: Settings, service: str) -> Aws:
        aws = Aws(settings)
        self.injector.hook_into(aws.events)

        def observe(params: Any, model: Any, **_: Any) -> None:
            self.on_call(service, f"{model.service_model.service_name}:{model.name}", params)

        aws.events.register("before-parameter-build", observe)
        return aws

    def _worker(self, service: str, settings: Any) -> Worker:
        aws = self._aws(settings, service)
        return Worker(
            service,
            settings,
            aws,
            write_context_for(service, settings, aws, self.clock),
            Stopping(),
        )

    def begin(self) -> str:
        """Begin a new case, without faults yet; returns the id of a new user."""
        self.processes.stop_counting()
        self.injector.counters.clear()
        self.injector.process_starts.clear()
        self.injector.is_early = False
        self.injector.before_call = None
        name = secrets.token_hex(8)
        identity = Identity("http://issuer", name, f"{name}@example.org", name)
        accounts = self.web_ports.accounts
        return accounts.accept_terms(accounts.sign_in(identity).user_id, terms.VERSION).user_id

    def request(
        self, user_id: str, method: str, path: str, body: Any = None, key: str | None = None
    ) -> Any:
        """One request of a user, who tries again when the server dies or answers 5xx.

        ``key`` is the Idempotency-Key of all tries.
        """

        def ask() -> Any:
            client = self.app.test_client()
            headers = {"Authorization": f"Bearer {token}"}
            if key:
                headers["Idempotency-Key"] = key
            answer = client.open(f"/api/v1{path}", method=method, json=body, headers=headers)
            return answer.status_code, answer.get_json(silent=True)

        token, stored = make_token(user_id, self.clock())
        self.web_ports.accounts.profiles.add_token(user_id, stored, most=1_000)
        for _ in range(_MOST_TRIES):
            status, returned = self.processes.run(ask)
            if status == ALIVE and returned[0] < 500:
                return returned
        raise AssertionError(f"{method} {path} got no answer")

    def deliver(self, name: str) -> bool:
        """Handle one message of that queue, if it has one that is not postponed."""
        if self.depths()[name] <= self.postponed[name]:
            return False
        self._deliver(name)
        return True

    def _deliver(self, name: str) -> None:
        # Visible again at once: the message of a dead process is delivered again without a wait.
        policy = ConsumerPolicy(
            visibility_seconds=0, retry_seconds=0.001, jitter=lambda low, high: 0.0
        )
        spec, queue = self.consumers[name], self.queues[name]

        def later() -> datetime:
            return self.clock() + timedelta(days=7)  # so that no message is sent with a delay

        def receive() -> bool:
            postponed: list[Postponed] = []

            def handle(body: str) -> None:
                try:
                    spec.handle(body)
                except Postponed as due:
                    postponed.append(due)
                    raise

            for message in queue.receive(1, 0, 0):
                MessageDelivery(queue, handle, spec.give_up, policy, later).deliver(message)
            return bool(postponed)

        _, is_postponed = self.processes.run(receive)
        self.postponed[name] = self.postponed[name] + 1 if is_postponed else 0

    def depths(self) -> Counter[str]:
        """How many messages are in each queue and dead-letter queue, from one request."""
        return depths_of(f"{self.settings.endpoint_url}", f"{self.prefix}-")

    def reasons(self, name: str) -> list[str | None]:
        """Why messages of that queue became dead letters."""
        letters = DeadLetters.of(self.aws.sqs(), self.settings.named(name))
        return [letter.reason for letter in letters.peek(10)]

    def lose_messages(self, name: str) -> None:
        """Delete every message of that queue."""
        queue = SqsQueue(self.aws.sqs(), self.settings.named(name))
        while messages := queue.receive(10, 0, 30):
            for message in messages:
                queue.delete(message)

    def sweep(self) -> None:
        """Run what runs beside the consumers: the relay and the reconciliation."""
        self.processes.run(self.relay.sweep)
        self.processes.run(lambda: reconcile(self._reconciliation))

    def deliver_all(self) -> bool:
        """Handle one message of each queue that has one; True if there was any."""
        depths = self.depths()
        waiting = [name for name in self.consumers if depths[name] > self.postponed[name]]
        for name in waiting:
            self._deliver(name)
        return bool(waiting)

    def forget(self, user_id: str) -> None:
        """Erase the user's files, so that the sweeps of later cases need not read them."""
        for name in ("inputs", "results", "archive", "parts"):
            versions.erase(self.aws.s3(), self.settings.bucket(name), f"{user_id}/")

    def keys(self, bucket: str, user_id: str) -> set[str]:
        """The keys of all that the user has in a bucket."""
        name, prefix = self.settings.bucket(bucket), f"{user_id}/"
        page = self.aws.s3().list_objects_v2(Bucket=name, Prefix=prefix)
        return {found["Key"] for found in page.get("Contents", [])}

    def pass_time(self, seconds: float) -> None:
        """Move the clock forward; postponed messages may be due now."""
        self.postponed.clear()
        self.clock.ahead += timedelta(seconds=seconds)


def annotator_consumers(ports: AnnotatorPorts) -> tuple[ConsumerSpec, ...]:
    """The annotator's queues of small files and of parts."""
    submitted = event_handler(partial(handle, ports=ports))
    to_do = partial(part_queue.handle_message, ports=ports)
    return (
        ConsumerSpec("annotator", submitted, 1, partial(give_up, ports=ports)),
        ConsumerSpec("annotator-parts", to_do, 1, partial(part_queue.give_up, ports=ports)),
    )
