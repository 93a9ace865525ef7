"""Parts of large files that nobody needs any more."""

from datetime import timedelta

import pytest

from gas.domain.job import Job
from gas.domain.job_rules import Cancel, Start
from gas.domain.job_split import SplitIntoParts
from reconciler.leftovers import SAFE_AGE, delete_orphans
from tests.support.reconciler_ports import reconciler_of
from tests.support.world import World


@pytest.fixture
def world() -> World:
    return World()


def in_parts(world: World) -> Job:
    """A job that runs in parts, with those of a plan before, of which it made none."""
    job = world.submit(world.register())
    world.jobs.execute(job.job_id, Start("e", "b"))
    folder = f"{job.user_id}/{job.job_id}"
    for key in ("new/plan.json", "new/parts/000000/one/done.json", "old/plan.json"):
        world.parts.write(f"{folder}/{key}", b"{}")
    return world.jobs.execute(job.job_id, SplitIntoParts(1, 2, f"{folder}/new/plan.json"))


def reconcile_after(world: World, time: timedelta) -> set[str]:
    """What is left then, by the folder of its plan."""
    world.pass_time(time)
    delete_orphans(reconciler_of(world))
    return {key.split("/")[2] for key in world.parts.objects}


def test_a_running_job_keeps_the_parts_of_its_plan_alone(world: World) -> None:
    in_parts(world)
    assert reconcile_after(world, SAFE_AGE - timedelta(minutes=1)) == {"new", "old"}
    assert reconcile_after(world, timedelta(minutes=2)) == {"new"}


def test_a_job_that_has_ended_keeps_none(world: World) -> None:
    job = in_parts(world)
    world.jobs.execute(job.job_id, Cancel("u", "r"))
    assert reconcile_after(world, SAFE_AGE + timedelta(minutes=1)) == set()


def test_what_is_of_no_job_goes_as_well(world: World) -> None:
    world.parts.write("user-1/no-job/plan/plan.json", b"{}")
    assert reconcile_after(world, SAFE_AGE + timedelta(minutes=1)) == set()
