"""How a job in parts begins and is done, with everything in memory and simple steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from annotator.handler import handle
from annotator.part_queue.handler import handle_message
from annotator.settings import AnnotatorSettings
from gas.events import FailureCode
from gas.messaging.delivery import Postponed
from gas.messaging.executions import execution_name
from tests.support.jobs_in_parts import Parts, is_complete

LATER = timedelta(minutes=2, seconds=1)


@pytest.fixture
def parts() -> Parts:
    return Parts()


def test_a_large_file_is_annotated_in_parts_and_completed_by_the_join(parts: Parts) -> None:
    job = parts.begin()
    assert job.running_split
    assert job.running_split.parts == 3
    assert not parts.world.leases.held(job.user_id), "other jobs of the user may start"
    parts.work()
    assert is_complete(parts, job)
    assert sorted(parts.lines.done) == [0, 1, 2]
    progress = parts.world.progress.get(job.job_id)
    assert progress is not None
    assert (round(progress.fraction, 6), progress.variants) == (1.0, 3)
    assert not parts.world.part_leases.held(job.user_id)


def test_a_small_file_and_one_that_makes_a_single_part_are_annotated_as_a_whole() -> None:
    for text in (b"one\n", b"a long line\n"):
        parts = Parts()
        job = parts.begin(text)  # which is no VCF
        assert job.split is None
        assert job.error
        assert job.error.code is FailureCode.NOT_VCF
        assert not parts.messages()
        assert not parts.world.parts.objects


def test_nothing_is_split_by_default(parts: Parts) -> None:
    parts.ports = replace(parts.ports, settings=AnnotatorSettings(quiet_seconds=0))
    assert parts.begin().split is None


def test_messages_that_come_twice_and_in_any_order_change_nothing(parts: Parts) -> None:
    job = parts.begin()
    first = parts.messages()
    for body in [*reversed(first), *first]:
        handle_message(body, parts.ports)
    joins = parts.messages()
    assert len(joins) == 1
    for body in [*joins, *joins, *first]:
        handle_message(body, parts.ports)
    assert is_complete(parts, job)
    assert sorted(parts.lines.done) == [0, 1, 2]
    assert not parts.messages()


def test_a_part_at_work_is_not_begun_a_second_time(parts: Parts) -> None:
    parts.begin()
    (first, *_) = parts.messages()

    def deliver_again(_: int) -> None:
        with pytest.raises(Postponed):
            handle_message(first, parts.ports)

    parts.lines.before_done = deliver_again
    handle_message(first, parts.ports)
    assert parts.lines.done == [0]


def test_the_parts_of_one_user_at_work_are_limited(parts: Parts) -> None:
    job = parts.begin()
    for number in range(8):
        parts.world.part_leases.acquire(job.user_id, f"other/{number}", f"holder-{number}", 8)
    body = parts.messages()[0]
    with pytest.raises(Postponed) as later:
        handle_message(body, parts.ports)
    assert later.value.due > parts.world.now()
    parts.world.pass_time(LATER)  # the others' leases have expired
    handle_message(body, parts.ports)
    assert parts.lines.done == [0]


def test_a_job_in_parts_is_not_begun_anew_while_its_execution_runs(parts: Parts) -> None:
    job = parts.begin()
    handle(parts.submitted, parts.ports)
    assert parts.world.job(job.job_id).version == job.version
    assert len(parts.messages()) == 3


def test_a_vanished_execution_is_begun_anew_and_what_is_done_is_not_done_again(
    parts: Parts,
) -> None:
    job = parts.begin()
    old = parts.messages()
    handle_message(old[0], parts.ports)
    assert job.split
    parts.world.executions.vanish(execution_name(job.job_id, job.split.version))
    handle(parts.submitted, parts.ports)
    again = parts.world.job(job.job_id)
    assert again.running_split
    assert (again.attempt, again.running_split.plan_key) == (2, job.split.plan_key)
    for body in old:  # of the execution before: their work is the new one's
        handle_message(body, parts.ports)
    parts.work()
    assert is_complete(parts, job)
    assert sorted(parts.lines.done) == [0, 1, 2]
    progress = parts.world.progress.get(job.job_id)
    assert progress
    assert progress.variants == 3


def test_a_part_whose_token_has_expired_leaves_the_work_to_the_message_sent_since(
    parts: Parts,
) -> None:
    job = parts.begin()
    old = parts.messages()
    assert job.split
    parts.world.executions.expire(execution_name(job.job_id, job.split.version))
    for body in old:
        handle_message(body, parts.ports)
    assert parts.lines.done == []
    parts.work()
    assert is_complete(parts, job)
