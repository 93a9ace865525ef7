"""A file that is cut into parts: what may follow, and what the row says."""

import pytest

from gas.domain.errors import AlreadyFinished, Superseded
from gas.domain.job import Job, Split
from gas.domain.job_operations import HandOut
from gas.domain.job_rules import Cancel, Start, decide
from gas.domain.job_split import SplitIntoParts
from gas.eventstore.rows import job_from, job_row
from tests.support.world import World

START = Start("engine/1", "human-mt@1")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def running(world: World) -> Job:
    job = world.submit(world.register())
    return world.jobs.execute(job.job_id, START)


def split(world: World, job: Job, attempt: int) -> Job:
    return world.jobs.execute(job.job_id, SplitIntoParts(attempt, 12, "user/job/one/plan.json"))


def test_the_parts_are_those_of_the_attempt_and_in_the_row(world: World, running: Job) -> None:
    job = split(world, running, 1)
    assert job.running_split == Split(12, "user/job/one/plan.json", attempt=1, version=3)
    assert job_from(job_row(job).item) == job
    assert world.job(job.job_id) == job


def test_the_same_attempt_is_split_once(world: World, running: Job) -> None:
    job = split(world, running, 1)
    assert decide(job, SplitIntoParts(1, 12, "user/job/one/plan.json")) == ()


def test_the_next_attempt_knows_the_plan_but_does_not_run_in_parts_yet(
    world: World, running: Job
) -> None:
    first = split(world, running, 1)
    begun = world.jobs.execute(running.job_id, START)
    assert begun.running_split is None
    assert begun.split == first.split
    again = split(world, begun, 2)
    assert again.running_split == Split(12, "user/job/one/plan.json", attempt=2, version=5)


def test_an_attempt_that_another_one_followed_splits_nothing(world: World, running: Job) -> None:
    world.jobs.execute(running.job_id, START)
    with pytest.raises(Superseded, match="at attempt 2"):
        split(world, running, 1)


def test_a_job_that_has_ended_is_not_split_and_runs_in_no_parts(world: World, running: Job) -> None:
    split(world, running, 1)
    ended = world.jobs.execute(running.job_id, Cancel("u", "r"))
    assert ended.running_split is None
    with pytest.raises(AlreadyFinished):
        split(world, running, 1)


def test_a_job_that_an_operator_hands_out_again_is_cut_anew_under_another_number(
    world: World, running: Job
) -> None:
    first = split(world, running, 1)
    handed = world.jobs.execute(running.job_id, HandOut("ops", "why", first.version))
    assert handed.split is None
    second = split(world, world.jobs.execute(running.job_id, START), 1)
    assert first.split
    assert second.split
    # The attempts have the same number: executions must not share a name.
    assert second.split.attempt == first.split.attempt
    assert second.split.version > first.split.version
