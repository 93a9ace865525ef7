"""From the append over topic and filters to the queues; and the relay."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from gas.aws.clients import Aws
from gas.domain.account import Register, Upgrade
from gas.domain.job_rules import Cancel, Start, Submit
from gas.events import Event, InputFile, Plan, new_id
from gas.eventstore.outbox_relay import OutboxRelay
from gas.messaging.dead_letters import UnreadableEventQueue
from gas.runtime.repositories import (
    account_repository,
    deferring_marks,
    job_repository,
    utc_now,
    write_context_for,
)
from local.deploy import deploy
from tests.integration.deployed import DeployedGas, eventually

pytestmark = pytest.mark.integration


def test_deploying_the_template_again_changes_nothing(deployed: DeployedGas) -> None:
    user, _ = deployed.submitted()
    deploy(deployed.settings, "http://127.0.0.1:5000")
    assert deployed.accounts.load(user) is not None
    deployed.drain("annotator")


def test_each_queue_gets_the_events_of_its_filter_and_no_others(deployed: DeployedGas) -> None:
    for name in ("annotator", "archiver", "restorer", "notifier"):
        deployed.drain(name)
    user, job_id = deployed.submitted()
    deployed.jobs.execute(job_id, Start("e", "b"))
    deployed.jobs.execute(job_id, Cancel("u", "r"))
    deployed.accounts.execute(user, Upgrade("p"))
    assert [event["type"] for event in deployed.drain("annotator")] == ["gas.job.submitted.v1"]
    assert [event["type"] for event in deployed.drain("restorer")] == ["gas.account.upgraded.v1"]
    assert [event["type"] for event in deployed.drain("notifier")] == ["gas.account.upgraded.v1"]
    assert deployed.drain("archiver") == []


def test_what_many_threads_publish_at_once_arrives_in_few_requests(
    deployed: DeployedGas,
) -> None:
    deployed.drain("restorer")
    users = [new_id() for _ in range(24)]
    for user in users:
        deployed.accounts.execute(user, Register(user))
    calls: Counter[str] = Counter()
    aws = Aws(deployed.settings)
    aws.events.register("before-call", lambda model, **_: calls.update([model.name]))
    context = deferring_marks(write_context_for("test", deployed.settings, aws), 0.1)
    accounts = account_repository(context)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda user: accounts.execute(user, Upgrade("p")), users))
    arrived: list[object] = []

    def have_all_arrived() -> bool:
        arrived.extend(event["subject"] for event in deployed.drain("restorer"))
        return set(arrived) == {f"account/{user}" for user in users}

    eventually(have_all_arrived)
    assert len(arrived) == len(users)
    log = context.log
    later = utc_now() + timedelta(minutes=1)
    eventually(
        lambda: (
            not {f"account/{u}" for u in users}
            & {entry.stream for entry in log.unpublished(later, 1000) if entry.version == 2}
        )
    )
    assert calls["PublishBatch"] > 0
    assert calls["Publish"] + calls["PublishBatch"] < len(users)
    assert 0 < calls["BatchExecuteStatement"] < len(users) / 2


class ProcessDied(BaseException):
    """No handler of errors may catch it, as nothing survives a killed process."""


class CrashingBus:
    """The process dies between the commit and the publication."""

    def publish(self, event: Event) -> None:
        raise ProcessDied


def test_an_event_left_unpublished_by_a_crash_is_relayed(deployed: DeployedGas) -> None:
    deployed.drain("annotator")
    crashing = job_repository(replace(deployed.write_context, bus=CrashingBus()))
    job_id = new_id()
    file = InputFile(bucket="b", key="k", size_bytes=1, etag="e", filename="f")
    with pytest.raises(ProcessDied):
        crashing.execute(job_id, Submit(job_id, new_id(), file, "human-mt", Plan.FREE))
    assert deployed.drain("annotator") == []
    later = OutboxRelay(
        deployed.write_context.log,
        deployed.write_context.bus,
        UnreadableEventQueue(deployed.aws.sqs(), deployed.settings.prefix),
        seconds=10,
        now=lambda: utc_now() + timedelta(minutes=1),
    )
    eventually(lambda: later.sweep() == 1)
    assert [event["subject"] for event in deployed.drain("annotator")] == [f"job/{job_id}"]
    assert later.sweep() == 0
