"""A deletion that can be taken back: the rules alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gas.domain.errors import AlreadyFinished, NotFinished
from gas.domain.job import JobStatus
from gas.domain.job_deletion import CarryOutDeletion, RequestDeletion, WithdrawDeletion
from gas.domain.job_operations import Reopen
from gas.domain.job_rules import Cancel, Delete, Start
from tests.support.world import World, archive_id

UNDO = timedelta(seconds=10)


def test_a_job_stays_what_it_is_until_its_deletion_is_carried_out() -> None:
    world = World()
    job = world.completed(world.register())
    due = world.now() + UNDO
    requested = world.jobs.execute(job.job_id, RequestDeletion("u", "r", due))
    assert (requested.status, requested.is_gone) == (JobStatus.COMPLETED, True)
    assert requested.stored_bytes == 0
    again = world.jobs.execute(job.job_id, RequestDeletion("u", "r", due + UNDO))
    assert again == requested
    archived = world.archive(again)  # what else happens meanwhile is not lost
    kept = world.jobs.execute(job.job_id, WithdrawDeletion("u", "r"))
    assert (kept.status, archive_id(kept)) == (JobStatus.ARCHIVED, archive_id(archived))
    assert kept.stored_bytes > 0


def test_only_the_deletion_that_is_still_wanted_is_carried_out() -> None:
    world = World()
    job = world.completed(world.register())
    first, second = world.now() + UNDO, world.now() + 2 * UNDO
    world.jobs.execute(job.job_id, RequestDeletion("u", "r", first))
    world.jobs.execute(job.job_id, WithdrawDeletion("u", "r"))
    assert not world.jobs.execute(job.job_id, CarryOutDeletion("u", "r", first)).is_gone
    world.jobs.execute(job.job_id, RequestDeletion("u", "r", second))
    assert world.jobs.execute(job.job_id, CarryOutDeletion("u", "r", first)).deletion_due == second
    gone = world.jobs.execute(job.job_id, CarryOutDeletion("u", "r", second))
    assert (gone.status, gone.deletion_due) == (JobStatus.DELETED, None)
    with pytest.raises(AlreadyFinished):
        world.jobs.execute(job.job_id, WithdrawDeletion("u", "r"))
    assert world.jobs.execute(job.job_id, CarryOutDeletion("u", "r", second)) == gone
    assert world.jobs.execute(job.job_id, Delete("u", "r")) == gone


def test_a_running_job_is_not_deleted_and_a_deleted_one_not_reopened() -> None:
    world = World()
    job = world.submit(world.register())
    world.jobs.execute(job.job_id, Start("e", "b"))
    with pytest.raises(NotFinished):
        world.jobs.execute(job.job_id, RequestDeletion("u", "r", world.now()))
    world.jobs.execute(job.job_id, Cancel("u", "r"))
    world.jobs.execute(job.job_id, RequestDeletion("u", "r", world.now()))
    with pytest.raises(AlreadyFinished):
        world.jobs.execute(job.job_id, Reopen("ops", "r"))
