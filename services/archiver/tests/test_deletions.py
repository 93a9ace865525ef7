from datetime import timedelta

import pytest

from gas.domain.job import JobStatus
from gas.domain.job_deletion import RequestDeletion, WithdrawDeletion
from gas.domain.job_rules import Delete
from gas.events import JobDeleted
from gas.messaging.delivery import Postponed
from gas.tables.personal import PersonalRow
from tests.support.archiver_ports import archiver_of, due, handle


def test_a_deletion_waits_until_it_is_due_and_does_not_happen_if_it_was_taken_back() -> None:
    world, job, _ = due()
    until = world.now() + timedelta(seconds=10)
    world.jobs.execute(job.job_id, RequestDeletion("u", "r", until))
    requested = world.last_event()
    with pytest.raises(Postponed):
        handle(world, requested, archiver_of(world))
    world.jobs.execute(job.job_id, WithdrawDeletion("u", "r"))
    world.pass_time(timedelta(seconds=10))
    handle(world, requested, archiver_of(world))
    assert world.job(job.job_id).status is JobStatus.COMPLETED
    world.jobs.execute(job.job_id, RequestDeletion("u", "r", world.now()))
    requested = world.last_event()
    for _ in range(2):  # a second delivery changes nothing
        handle(world, requested, archiver_of(world))
        assert world.job(job.job_id).status is JobStatus.DELETED
    deleted = world.last_event().data
    assert isinstance(deleted, JobDeleted)
    assert deleted.by == "u"


def test_a_deleted_job_leaves_no_file() -> None:
    world, job, event = due()
    handle(world, event, archiver_of(world))
    world.jobs.execute(job.job_id, Delete("u", "r"))
    handle(world, world.last_event(), archiver_of(world))
    assert world.results.objects == {}
    assert world.inputs.objects == {}
    assert world.store.copies == {}


def test_a_deleted_job_leaves_no_mark_and_no_share_and_other_jobs_keep_theirs() -> None:
    world, job, _ = due()
    other = world.completed(job.user_id)
    for one in (job, other):
        for entry in (f"mark/{one.job_id}/1", f"mark/{one.job_id}/2", f"share/{one.job_id}/1"):
            world.personal.add([PersonalRow(one.user_id, entry, 1, {})], {}, of_job=one.job_id)
    world.jobs.execute(job.job_id, Delete("u", "r"))
    for _ in range(2):  # a second delivery finds nothing to do
        handle(world, world.last_event(), archiver_of(world))
        left = [row.entry for row in world.personal.page(job.user_id, "", 10)]
        assert left == [
            f"mark/{other.job_id}/1",
            f"mark/{other.job_id}/2",
            f"share/{other.job_id}/1",
        ]
