"""How a job in parts ends otherwise: refused, cancelled, given up, or cut anew."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from annotator.handler import give_up as give_up_job
from annotator.handler import handle
from annotator.part_queue.handler import give_up, handle_message
from annotator.runner.parent import Stopped
from annotator.scatter.plan import SplitPlan
from annotator.scatter.splitting import Asked
from annotator.scatter.workplace import Workplace
from gas.domain.job import Job, JobStatus
from gas.domain.job_operations import HandOut
from gas.domain.job_rules import GIVEN_UP, Cancel
from gas.events import FailureCode, InvalidEvent
from gas.messaging.delivery import AlreadyDone, Interrupted
from tests.support.jobs_in_parts import TEXT, Parts, handle_failure, is_complete
from tests.support.lines_in_parts import BAD, UNPROVED


@pytest.fixture
def parts() -> Parts:
    return Parts()


def test_the_first_fault_of_the_file_fails_the_job_whichever_part_is_first(parts: Parts) -> None:
    job = parts.begin(b"one\n" + BAD + b"\n" + BAD + b"\nfour\n")
    parts.work(lambda found: [*reversed(found)])
    failed = parts.world.job(job.job_id)
    assert failed.error
    assert (failed.error.code, failed.error.line) == (FailureCode.NOT_VCF, 2)
    handle_failure(parts, failed)


def test_parts_behind_a_refused_one_are_answered_and_not_begun(parts: Parts) -> None:
    job = parts.begin(b"one\n" + BAD + b"\nthree\n" + BAD + b"\nfive\n")
    parts.work()
    assert parts.lines.done == [0, 1]
    failed = parts.world.job(job.job_id)
    assert failed.error
    assert (failed.error.code, failed.error.line) == (FailureCode.NOT_VCF, 2)
    handle_failure(parts, failed)


def test_parts_before_a_refused_one_are_done_as_they_may_be_refused_too(parts: Parts) -> None:
    job = parts.begin(b"one\n" + BAD + b"\nthree\n" + BAD + b"\nfive\n")
    parts.work(lambda found: [*found[3:], *found[:3]])
    assert parts.lines.done == [3, 0, 1]
    failed = parts.world.job(job.job_id)
    assert failed.error
    assert failed.error.line == 2
    handle_failure(parts, failed)


def test_a_cancelled_job_stops_its_execution_and_its_parts(parts: Parts) -> None:
    job = parts.begin()
    first, second, third = parts.messages()
    handle_message(first, parts.ports)
    parts.world.jobs.execute(job.job_id, Cancel(job.user_id, "mistake"))
    cancelled = parts.world.last_event()
    handle_message(second, parts.ports)  # came before the event
    handle_message(cancelled.to_json(), parts.ports)
    handle_message(third, parts.ports)
    assert parts.lines.done == [0]
    assert parts.world.job(job.job_id).status is JobStatus.CANCELLED
    handle_failure(parts, parts.world.job(job.job_id))


def test_a_part_at_work_ends_when_its_job_is_cancelled(parts: Parts) -> None:
    job = parts.begin()
    body = parts.messages()[0]
    split = parts.lines.annotate_part

    def cancelled_meanwhile(root: str, number: int, place: object) -> object:
        parts.world.jobs.execute(job.job_id, Cancel(job.user_id, "mistake"))
        return split(root, number, place)  # type: ignore[arg-type]

    steps = replace(parts.lines.steps, annotate_part=cancelled_meanwhile)  # type: ignore[arg-type]
    handle_message(body, replace(parts.ports, steps=steps))
    assert parts.lines.done == []
    assert not parts.has_execution(job)
    assert not parts.world.part_leases.held(job.user_id)


def test_a_part_that_is_written_after_the_end_of_its_job_is_deleted(parts: Parts) -> None:
    job = parts.begin()
    *others, last = parts.messages()

    def cancelled_meanwhile(_: int) -> None:
        parts.world.jobs.execute(job.job_id, Cancel(job.user_id, "mistake"))
        for body in (parts.world.last_event().to_json(), *others):
            handle_message(body, parts.ports)
        assert not parts.world.parts.objects

    parts.lines.before_done = cancelled_meanwhile
    handle_message(last, parts.ports)
    assert parts.lines.done == [2]
    assert not parts.world.parts.objects


def test_a_process_that_stops_gives_its_part_back(parts: Parts) -> None:
    job = parts.begin()
    body = parts.messages()[0]

    def stopped(_: int) -> None:
        raise Stopped

    parts.lines.before_done = stopped
    with pytest.raises(Interrupted):
        handle_message(body, parts.ports)
    assert not parts.world.part_leases.held(job.user_id)
    parts.lines.before_done = lambda _: None
    handle_message(body, parts.ports)
    assert parts.lines.done == [0]


def test_a_part_that_always_dies_fails_the_job_with_what_users_are_told(parts: Parts) -> None:
    job = parts.begin()
    body = parts.messages()[0]
    give_up(body, "exit status -9", parts.ports)
    failed = parts.world.job(job.job_id)
    assert failed.error
    assert (failed.error.code, failed.error.message) == (FailureCode.INTERNAL, GIVEN_UP)
    handle_failure(parts, failed)
    give_up(body, "again", parts.ports)  # a dead letter of a job that has ended
    assert parts.world.job(job.job_id).version == failed.version


def test_a_part_that_is_done_is_answered_when_its_deliveries_run_out(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = parts.begin()
    first, *others = parts.messages()
    with monkeypatch.context() as patch:
        # The worker dies between the last write and the answer.
        patch.setattr(parts.world.executions, "answer", _dies)
        with pytest.raises(ConnectionError):
            handle_message(first, parts.ports)
    assert parts.lines.done == [0]
    with pytest.raises(AlreadyDone):
        give_up(first, "its worker died", parts.ports)
    assert parts.world.job(job.job_id).status is JobStatus.RUNNING
    for body in others:
        handle_message(body, parts.ports)
    parts.work()
    assert sorted(parts.lines.done) == [0, 1, 2]
    assert is_complete(parts, job)


def _dies(token: str) -> None:
    raise ConnectionError


def test_a_job_that_runs_in_parts_does_not_fail_when_deliveries_of_its_own_message_run_out(
    parts: Parts,
) -> None:
    job = parts.begin()
    with pytest.raises(AlreadyDone):
        give_up_job(parts.submitted.to_json(), "its worker died", parts.ports)
    parts.work()
    assert is_complete(parts, job)


def test_a_message_of_an_execution_before_does_not_fail_the_job(parts: Parts) -> None:
    job = parts.begin()
    body = json.loads(parts.messages()[0])
    give_up(json.dumps({**body, "split": body["split"] - 1}), "late", parts.ports)
    assert parts.world.job(job.job_id).status is JobStatus.RUNNING


def test_answered_parts_that_are_missing_end_the_execution_so_that_they_are_begun_anew(
    parts: Parts,
) -> None:
    job = parts.begin()
    for body in parts.messages():
        handle_message(body, parts.ports)
    lost = next(key for key in parts.world.parts.objects if key.endswith("done.json"))
    parts.world.parts.delete([lost])
    parts.work()
    assert parts.world.job(job.job_id).status is JobStatus.RUNNING
    assert not parts.has_execution(job)
    handle(parts.submitted, parts.ports)
    parts.work()
    assert is_complete(parts, job)
    assert sorted(parts.lines.done) == [0, 0, 1, 2]


def test_a_file_that_is_not_as_its_plan_supposed_is_cut_anew_and_looked_at_carefully(
    parts: Parts,
) -> None:
    text = b"one\n" + UNPROVED + b"\n"
    job = parts.begin(text)
    parts.work()
    assert is_complete(parts, job, text)
    done = parts.world.job(job.job_id)
    assert done.split
    assert done.attempt == 2
    assert job.split
    assert done.split.plan_key != job.split.plan_key


def test_an_upload_that_was_replaced_fails_the_job_as_for_a_whole_file(parts: Parts) -> None:
    job = parts.world.submit(parts.world.register(), TEXT)
    submitted = parts.world.last_event()
    (key,) = parts.world.inputs.objects
    parts.world.inputs.erase(key)
    parts.world.inputs.write(key, b"something else")
    handle(submitted, parts.ports)
    failed = parts.world.job(job.job_id)
    assert failed.error
    assert failed.error.code is FailureCode.INPUT_CHANGED


@pytest.mark.parametrize("body", ["", "[]", '{"kind": "part"}', '{"kind": "other"}', "not JSON"])
def test_a_message_that_is_nothing_of_ours_is_a_dead_letter(body: str, parts: Parts) -> None:
    with pytest.raises(InvalidEvent):
        handle_message(body, parts.ports)
    give_up(body, "why", parts.ports)


def test_a_job_that_is_handed_out_again_is_cut_anew_and_its_execution_of_before_ends(
    parts: Parts,
) -> None:
    job = parts.begin()
    old = parts.messages()
    parts.world.jobs.execute(job.job_id, HandOut("ops", "stuck", job.version))
    handle(parts.submitted, parts.ports)
    for body in old:
        handle_message(body, parts.ports)
    assert parts.lines.done == []
    assert not parts.has_execution(job)
    parts.work()
    assert is_complete_without(parts, job)


def is_complete_without(parts: Parts, first: Job) -> bool:
    """The job is complete; of the plan before, reconciliation deletes what is left."""
    assert first.split
    folder = first.split.plan_key.rpartition("/")[0]
    left = [key for key in parts.world.parts.objects if key.startswith(folder)]
    parts.world.parts.delete(left)
    return is_complete(parts, first)


def test_the_plan_of_an_attempt_that_another_of_the_same_number_overtook_is_deleted(
    parts: Parts,
) -> None:
    job = parts.world.submit(parts.world.register(), TEXT)
    submitted = parts.world.last_event()
    split = parts.lines.split

    def overtaken(asked: Asked, root: str, place: Workplace) -> SplitPlan:
        plan = split(asked, root, place)
        parts.world.pass_time(timedelta(hours=1))  # the lease of this attempt has expired
        version = parts.world.job(job.job_id).version
        parts.world.jobs.execute(job.job_id, HandOut("ops", "stuck", version))
        handle(submitted, parts.ports)
        return plan

    steps = replace(parts.lines.steps, split=overtaken)
    handle(submitted, replace(parts.ports, steps=steps))
    parts.work()
    assert is_complete(parts, job)
