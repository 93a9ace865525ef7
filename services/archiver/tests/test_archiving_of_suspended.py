"""Nothing of a suspended account is archived; after the suspension everything is that is due."""

from __future__ import annotations

from functools import partial

import pytest

from archiver import handler
from gas.domain.account import Reinstate, Suspend
from gas.domain.job import Job, JobStatus
from gas.events import Event, JobCompleted
from gas.messaging.delivery import Postponed
from tests.support.archiver_ports import archiver_of
from tests.support.world import GRACE, World


def completed_event(world: World, job: Job) -> Event:
    events = world.log.read(f"job/{job.job_id}")
    return next(event for event in events if isinstance(event.data, JobCompleted))


def test_a_suspended_users_result_stays_until_a_grace_period_after_the_suspension() -> None:
    world = World()
    job = world.completed(world.register())
    handle = partial(handler.handle, ports=archiver_of(world))
    world.accounts.execute(job.user_id, Suspend("ops", "abuse"))
    world.pass_time(10 * GRACE)
    world.deliver(handle, completed_event(world, job))
    assert world.job(job.job_id).status is JobStatus.COMPLETED
    assert not world.store.copies
    world.accounts.execute(job.user_id, Reinstate("ops", "cleared"))
    reinstated = world.last_event()
    with pytest.raises(Postponed):
        world.deliver(handle, reinstated)
    assert world.job(job.job_id).status is JobStatus.COMPLETED
    world.pass_time(GRACE)
    world.deliver(handle, reinstated)
    assert world.job(job.job_id).status is JobStatus.ARCHIVED


def test_a_suspension_between_the_copy_and_the_append_is_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    job = world.completed(world.register())
    world.pass_time(GRACE)
    put = world.store.put

    def suspended_meanwhile(*arguments: object) -> object:
        copy = put(*arguments)  # type: ignore[arg-type]
        world.accounts.execute(job.user_id, Suspend("ops", "abuse"))
        return copy

    monkeypatch.setattr(world.store, "put", suspended_meanwhile)
    handler.handle(completed_event(world, job), None, archiver_of(world))
    assert world.job(job.job_id).status is JobStatus.COMPLETED
    assert not world.store.copies
