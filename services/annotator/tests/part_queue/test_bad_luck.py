"""Jobs in parts when nothing goes right: what always dies ends after bounded tries, with words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from annotator.handler import give_up as give_up_job
from annotator.handler import handle
from annotator.part_queue.handler import give_up, handle_message
from annotator.processes.pipes import EngineFailed
from gas.domain.job import JobStatus
from gas.domain.job_rules import GIVEN_UP
from gas.events import CATALOGUE, FailureCode
from gas.memory.queue import MemoryQueue
from gas.messaging.delivery import ConsumerPolicy, MessageDelivery
from gas.messaging.executions import Scatter, execution_name
from reconciler.loop import reconcile
from tests.support.jobs_in_parts import Parts, handle_failure, is_complete
from tests.support.reconciler_ports import reconciler_of
from tests.support.world import World

_POLICY = ConsumerPolicy(visibility_seconds=60, jitter=lambda low, high: high)
_MOST_ROUNDS = 200


@pytest.fixture
def parts() -> Parts:
    return Parts()


def deliver_all(
    world: World, queue: MemoryQueue, run: Callable[[str], Any], gives_up: Callable[[str, str], Any]
) -> None:
    """Deliver messages, with the pauses between tries, until there are none."""
    delivery = MessageDelivery(queue, run, gives_up, _POLICY, world.now)
    for _ in range(_MOST_ROUNDS):
        if not queue.depth():
            return
        for message in queue.receive(10, 0, 60):
            delivery.deliver(message)
        world.pass_time(timedelta(minutes=16))  # longer than any pause
    raise AssertionError(f"{queue.depth()} messages are tried again and again")


def test_a_part_whose_engine_dies_each_time_fails_the_job_after_bounded_tries(parts: Parts) -> None:
    job = parts.begin()
    tried: list[int] = []

    def dies(number: int) -> None:
        if number == 1:
            tried.append(number)
            raise EngineFailed("exit status -9")

    parts.lines.before_done = dies
    queue = parts.world.part_queue
    run, gives_up = partial(handle_message, ports=parts.ports), partial(give_up, ports=parts.ports)
    deliver_all(parts.world, queue, run, gives_up)
    assert len(tried) == _POLICY.max_receives - 1
    assert sorted(parts.lines.done) == [0, 2], "the other parts are done"
    failed = parts.world.job(job.job_id)
    assert failed.error
    assert (failed.error.code, failed.error.message) == (FailureCode.INTERNAL, GIVEN_UP)
    assert [reason for _, reason in queue.dead] == ["EngineFailed: exit status -9"]
    handle_failure(parts, failed)


def test_a_state_machine_that_is_gone_fails_the_job_after_bounded_tries(parts: Parts) -> None:
    job = parts.begin()
    assert job.split
    world = parts.world
    parts.messages()
    world.executions.vanish(execution_name(job.job_id, job.split.version))
    starts: list[Scatter] = []

    class Gone:
        """Executions of a machine that was deleted: none runs, none can be started."""

        def start(self, scatter: Scatter) -> None:
            starts.append(scatter)
            raise ClientError({"Error": {"Code": "StateMachineDoesNotExist"}}, "StartExecution")

        def __getattr__(self, name: str) -> Any:
            return getattr(world.executions, name)

    ports = replace(parts.ports, executions=Gone())
    queue = MemoryQueue(world.now)
    queue.send(parts.submitted.to_json())  # as reconciliation does that misses its life
    deliver_all(
        world,
        queue,
        lambda body: handle(CATALOGUE.parse(body), ports),
        partial(give_up_job, ports=ports),
    )
    assert len(starts) == _POLICY.max_receives - 1
    failed = world.job(job.job_id)
    assert failed.status is JobStatus.FAILED
    assert failed.error
    assert failed.error.message == GIVEN_UP
    handle_failure(parts, failed)


def test_a_state_machine_that_is_deleted_and_made_anew_goes_on_with_what_is_done(
    parts: Parts,
) -> None:
    job = parts.begin()
    first, *_ = parts.messages()
    handle_message(first, parts.ports)
    assert job.split
    parts.world.executions.vanish(execution_name(job.job_id, job.split.version))
    parts.world.pass_time(timedelta(minutes=21))
    reconcile(reconciler_of(parts.world))
    again = [event for event in parts.world.bus.published if event == parts.submitted]
    assert len(again) == 2, "reconciliation misses a sign of life"
    handle(parts.submitted, parts.ports)
    parts.work()
    assert is_complete(parts, job)
    assert sorted(parts.lines.done) == [0, 1, 2]
