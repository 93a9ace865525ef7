"""Jobs of a suspended account: who waits, waits on; who runs, ends; after it all go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from annotator.handler import handle
from gas.domain.account import Reinstate, Suspend
from gas.domain.job import JobStatus
from gas.domain.job_rules import Start
from gas.messaging.delivery import Postponed
from tests.support.annotator_ports import ports_of
from tests.support.world import World

QUARTER = timedelta(minutes=15)


def test_a_waiting_job_waits_until_the_suspension_is_over() -> None:
    world = World()
    job = world.submit(world.register())
    event = world.last_event()
    world.accounts.execute(job.user_id, Suspend("ops", "abuse"))
    ports = ports_of(world)
    for _ in range(3):
        with pytest.raises(Postponed) as later:
            handle(event, ports)
        assert later.value.due == world.now() + QUARTER
        assert world.job(job.job_id).status is JobStatus.SUBMITTED
        world.pass_time(QUARTER)
    world.accounts.execute(job.user_id, Reinstate("ops", "cleared"))
    handle(event, ports)
    assert not world.job(job.job_id).is_unfinished


def test_a_running_job_whose_process_died_is_still_brought_to_its_end() -> None:
    world = World()
    job = world.submit(world.register())
    event = world.last_event()
    world.jobs.execute(job.job_id, Start("e", "b"))
    world.accounts.execute(job.user_id, Suspend("ops", "abuse"))
    handle(event, ports_of(world))
    assert not world.job(job.job_id).is_unfinished
