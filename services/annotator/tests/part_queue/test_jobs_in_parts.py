"""The life of a job in parts, with everything in memory and simple steps."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from annotator.handler import handle
from annotator.part_queue.handler import give_up, handle_message
from annotator.ports import Ports
from annotator.runner.parent import Stopped
from annotator.settings import AnnotatorSettings
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import GIVEN_UP, Cancel
from gas.events import Event, FailureCode, InvalidEvent
from gas.messaging.delivery import Interrupted, Postponed
from gas.messaging.executions import execution_name
from tests.support.annotator_ports import ports_of
from tests.support.lines_in_parts import BAD, UNPROVED, LinesInParts, result_of
from tests.support.world import World, warm_vcf

TEXT = b"one\ntwo\nthree\n"
LATER = timedelta(minutes=2, seconds=1)


class Parts:
    """A world where files of five bytes and more are cut into their lines."""

    def __init__(self) -> None:
        self.world = World()
        self.lines = LinesInParts()
        self.ports: Ports = replace(
            ports_of(self.world),
            steps=self.lines.steps,
            settings=AnnotatorSettings(quiet_seconds=0, split_bytes=5),
        )
        self.submitted: Event

    def begin(self, text: bytes = TEXT) -> Job:
        job = self.world.submit(self.world.register(), text)
        self.submitted = self.world.last_event()
        handle(self.submitted, self.ports)
        return self.world.job(job.job_id)

    def messages(self) -> list[str]:
        """The bodies that wait, which are taken."""
        found = self.world.part_queue.receive(100, 0, 60)
        for message in found:
            self.world.part_queue.delete(message)
        return [message.body for message in found]

    def work(self, change: Callable[[list[str]], list[str]] = list) -> None:
        """Handle messages until there are none."""
        while found := self.messages():
            for body in change(found):
                handle_message(body, self.ports)

    def has_execution(self, job: Job) -> bool:
        assert job.split
        name = execution_name(job.job_id, job.split.version)
        return self.world.executions.is_running(name)


@pytest.fixture
def parts() -> Parts:
    return Parts()


def is_complete(parts: Parts, job: Job, text: bytes = TEXT) -> bool:
    done = parts.world.job(job.job_id)
    assert done.status is JobStatus.COMPLETED, done
    assert parts.world.results.objects[warm_vcf(done).key] == result_of(text)
    assert {file.key for file in done.results} == set(parts.world.results.objects)
    assert not parts.world.parts.objects, "parts are deleted once nobody needs them"
    return not parts.has_execution(done)


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


def test_the_first_fault_of_the_file_fails_the_job_whichever_part_is_first(parts: Parts) -> None:
    job = parts.begin(b"one\n" + BAD + b"\n" + BAD + b"\nfour\n")
    parts.work(lambda found: [*reversed(found)])
    failed = parts.world.job(job.job_id)
    assert failed.error
    assert (failed.error.code, failed.error.line) == (FailureCode.NOT_VCF, 2)
    handle_failure(parts, failed)


def handle_failure(parts: Parts, job: Job) -> None:
    """Deliver the event of the job's end, and see that nothing is left of it."""
    handle_message(parts.world.last_event().to_json(), parts.ports)
    assert not parts.has_execution(job)
    assert not parts.world.parts.objects
    assert not parts.world.results.objects


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
