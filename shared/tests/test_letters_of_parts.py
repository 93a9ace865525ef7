"""A dead letter of a part: which job it is about, and what sending it back does."""

import json

import pytest

from gas.domain.job import JobStatus
from gas.domain.job_rules import Fail, Start
from gas.domain.job_split import SplitIntoParts
from gas.events import FailureCode
from gas.messaging.dead_letters import reopen
from gas.messaging.executions import job_of
from gas.messaging.queue import Message
from tests.support.world import World


def part_of(job_id: str) -> str:
    return json.dumps({"kind": "part", "job_id": job_id, "split": 3, "number": 0, "token": "t"})


def test_sending_the_letter_of_a_part_back_lets_its_job_be_cut_anew() -> None:
    world = World()
    job = world.submit(world.register())
    world.jobs.execute(job.job_id, Start("e", "b"))
    world.jobs.execute(job.job_id, SplitIntoParts(1, 2, "plan"))
    world.jobs.execute(job.job_id, Fail(FailureCode.INTERNAL, "given up"))
    letter, published = Message("", part_of(job.job_id), "", 1), len(world.bus.published)
    reopen(letter, world.jobs)
    again = world.job(job.job_id)
    assert (again.status, again.split) == (JobStatus.SUBMITTED, None)
    reopen(letter, world.jobs)  # a second letter of the same job
    assert world.job(job.job_id).version == again.version
    # Each letter says so, as a crash may come before.
    types = [event.type for event in world.bus.published[published:]]
    assert types == ["gas.job.reopened.v1", "gas.job.submitted.v1", "gas.job.submitted.v1"]


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"kind": "part"}', '{"job_id": "x"}'])
def test_other_letters_are_of_no_part(body: str) -> None:
    assert job_of(body) is None
    assert job_of(part_of("a-job")) == "a-job"
