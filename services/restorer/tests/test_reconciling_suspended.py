"""Waiting jobs of suspended accounts are not lost, and do not hide those that are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gas.domain.account import Reinstate, Suspend
from gas.events import JobSubmitted
from reconciler import jobs
from reconciler.jobs import LOST_AFTER
from reconciler.loop import reconcile
from reconciler.ports import Ports
from tests.support.reconciler_ports import reconciler_of
from tests.support.world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ports(world: World) -> Ports:
    return reconciler_of(world)


def sent_again(world: World, ports: Ports) -> list[str]:
    """The jobs whose submission reconciliation publishes in the next period."""
    world.pass_time(LOST_AFTER + timedelta(minutes=5))
    known = len(world.bus.published)
    reconcile(ports)
    events = world.bus.published[known:]
    return [event.data.job_id for event in events if isinstance(event.data, JobSubmitted)]


def test_a_job_that_waits_for_the_end_of_a_suspension_is_not_sent_again_and_again(
    world: World, ports: Ports
) -> None:
    job = world.submit(world.register())
    world.accounts.execute(job.user_id, Suspend("ops", "abuse"))
    assert sent_again(world, ports) == []
    world.accounts.execute(job.user_id, Reinstate("ops", "cleared"))
    assert sent_again(world, ports) == [job.job_id]


def test_many_of_them_do_not_hide_a_job_whose_message_is_lost(
    world: World, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BATCH", 3)
    suspended, other = world.register(), world.register("user-2")
    for _ in range(10):
        world.submit(suspended)
    world.accounts.execute(suspended, Suspend("ops", "abuse"))
    lost = [world.submit(other).job_id for _ in range(4)]
    assert sent_again(world, ports) == lost[:3]
