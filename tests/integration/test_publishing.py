"""From the append over topic and filters to the queues; and the relay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gas.domain.account import Upgrade
from gas.domain.job_rules import Cancel, Start, Submit
from gas.events import Event, InputFile, Plan, new_id
from gas.eventstore.outbox_relay import OutboxRelay
from gas.messaging.dead_letters import UnreadableEventQueue
from gas.runtime.repositories import job_repository, utc_now
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
    assert deployed.drain("notifier") == []
    assert deployed.drain("archiver") == []


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
