import gzip
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from annotator import bundle as bundles
from annotator.handler import give_up, handle
from annotator.processes.pipes import EngineFailed
from annotator.runner.parent import Stopped, annotate
from annotator.runner.protocol import Task
from annotator.scatter.workplace import Annotate
from annotator.settings import AnnotatorSettings
from gas.domain.account import Upgrade
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import Cancel
from gas.events import Event, FailureCode, ResultKind
from gas.memory.queue import MemoryQueue
from gas.messaging.delivery import (
    AlreadyDone,
    ConsumerPolicy,
    Interrupted,
    MessageDelivery,
    Postponed,
)
from gas.messaging.event_handlers import event_handler
from tests.support.annotator_ports import ports_of
from tests.support.world import GRACE, World, warm_vcf

OnTick = Callable[[float, int], None]
VCF = (
    b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    b"MT\t11778\t.\tG\tA\t.\t.\t.\n"
)
MT = VCF.replace(b"#CHROM", b"##contig=<ID=chrM,length=16569>\n#CHROM", 1)


def submitted(content: bytes = VCF) -> tuple[World, Job, Event]:
    """A submitted job with that file, and its event."""
    world = World()
    job = world.submit(world.register(), content)
    return world, job, world.last_event()


def test_a_submitted_job_is_annotated_by_the_real_engine() -> None:
    world, job, event = submitted()
    handle(event, ports_of(world))
    done = world.job(job.job_id)
    assert done.status is JobStatus.COMPLETED
    assert {file.kind for file in done.results} == set(ResultKind)
    assert b"|R/H|cGc/cAc|" in gzip.decompress(world.results.objects[warm_vcf(done).key])
    assert done.archive_after == world.time + GRACE
    assert [e.type.split(".")[2] for e in world.log.read(f"job/{job.job_id}")] == [
        "submitted",
        "started",
        "completed",
    ]


def test_the_bundle_is_recognised_from_the_header() -> None:
    world = World()
    job = world.submit(world.register(), MT, bundle="auto")
    handle(world.last_event(), ports_of(world))
    done = world.job(job.job_id)
    assert done.status is JobStatus.COMPLETED
    assert done.bundle_version == bundles.find("human-mt").version


def test_records_are_split_on_request() -> None:
    world = World()
    multiallelic = VCF.replace(b"G\tA", b"G\tA,C")
    job = world.submit(world.register(), multiallelic, split=True)
    handle(world.last_event(), ports_of(world))
    counts = world.job(job.job_id).counts
    assert counts is not None
    assert counts["records"] == 2


def test_a_file_that_fits_no_bundle_fails_before_it_starts() -> None:
    world = World()
    other = b"##fileformat=VCFv4.2\n##contig=<ID=chr7,length=9>\n#CHROM\n"
    job = world.submit(world.register(), other, bundle="auto")
    handle(world.last_event(), ports_of(world))
    done = world.job(job.job_id)
    assert done.error is not None
    assert done.error.code is FailureCode.WRONG_BUILD
    assert done.started_at is None


def test_a_premium_users_result_has_no_archival_date() -> None:
    world, job, event = submitted()
    world.accounts.execute("user-1", Upgrade("p"))
    handle(event, ports_of(world))
    assert world.job(job.job_id).archive_after is None


def test_a_second_delivery_does_nothing() -> None:
    world, job, event = submitted()
    handle(event, ports_of(world))
    version, objects = world.job(job.job_id).version, dict(world.results.objects)
    handle(event, ports_of(world))
    assert world.job(job.job_id).version == version
    assert world.results.objects == objects


def test_bad_input_fails_the_job_with_a_message_for_its_owner() -> None:
    world, job, event = submitted(b"hello\n")
    handle(event, ports_of(world))
    done = world.job(job.job_id)
    assert done.status is JobStatus.FAILED
    assert done.error is not None
    assert (done.error.code, done.error.line) == (FailureCode.NOT_VCF, 1)
    assert world.results.objects == {}


def test_a_missing_upload_fails_the_job() -> None:
    world, job, event = submitted()
    world.inputs.erase(job.input.key)
    handle(event, ports_of(world))
    assert world.job(job.job_id).status is JobStatus.FAILED


def test_an_engine_failure_leaves_the_job_to_the_next_attempt() -> None:
    world, job, event = submitted()

    def broken(*_: object, **__: object) -> dict[str, int]:
        raise EngineFailed("exit status -11")

    with pytest.raises(EngineFailed):
        handle(event, ports_of(world, broken))
    assert world.job(job.job_id).status is JobStatus.RUNNING
    handle(event, ports_of(world))
    assert world.job(job.job_id).status is JobStatus.COMPLETED
    assert world.job(job.job_id).attempt == 2


def test_a_job_that_is_given_up_fails_with_an_internal_error() -> None:
    world, job, event = submitted()
    give_up(event.to_json(), "EngineFailed", ports_of(world))
    done = world.job(job.job_id)
    assert done.error is not None
    assert done.error.code is FailureCode.INTERNAL
    give_up(event.to_json(), "EngineFailed", ports_of(world))
    assert world.job(job.job_id).version == done.version


def test_giving_up_a_job_that_completed_meanwhile_changes_nothing() -> None:
    world, job, event = submitted()
    handle(event, ports_of(world))
    with pytest.raises(AlreadyDone):
        give_up(event.to_json(), "late", ports_of(world))
    assert world.job(job.job_id).status is JobStatus.COMPLETED


def test_stopping_returns_the_message() -> None:
    world, _, event = submitted()

    def stopped(*_: object, **__: object) -> dict[str, int]:
        raise Stopped

    with pytest.raises(Interrupted):
        handle(event, ports_of(world, stopped))


def test_many_deployments_do_not_fail_a_long_job(capsys: pytest.CaptureFixture[str]) -> None:
    world, job, event = submitted()
    interrupted = 0

    def engine(task: Task, on_tick: OnTick, should_stop: Callable[[], bool]) -> dict[str, int]:
        nonlocal interrupted
        if interrupted == 12:
            return annotate(task, on_tick=on_tick, should_stop=should_stop)
        interrupted += 1
        on_tick(0.625, 1)
        raise Stopped

    ports, queue = ports_of(world, engine), MemoryQueue(world.now)
    queue.send(event.to_json())
    delivery = MessageDelivery(
        queue,
        event_handler(partial(handle, ports=ports)),
        partial(give_up, ports=ports),
        ConsumerPolicy(),
        world.now,
    )
    while messages := queue.receive(1, 0, 120):
        delivery.deliver(messages[0])
    assert queue.dead == []
    assert world.job(job.job_id).status is JobStatus.COMPLETED
    assert capsys.readouterr().out.count("fraction=0.625") == 12


def during(world: World, act: Callable[[], object]) -> Annotate:
    """An engine that calls ``act`` while it runs."""

    def engine(task: Task, on_tick: OnTick, should_stop: Callable[[], bool]) -> dict[str, int]:
        counts = annotate(task, on_tick=on_tick, should_stop=should_stop)
        act()
        on_tick(0.9, 1)
        return counts

    return engine


def test_a_job_cancelled_while_it_runs_leaves_no_files() -> None:
    world, job, event = submitted()
    engine = during(world, lambda: world.jobs.execute(job.job_id, Cancel("u", "r")))
    handle(event, ports_of(world, engine))
    assert world.job(job.job_id).status is JobStatus.CANCELLED
    assert world.results.objects == {}


def test_two_attempts_at_once_leave_one_result() -> None:
    world, job, event = submitted()

    def engine(task: Task, on_tick: OnTick, should_stop: Callable[[], bool]) -> dict[str, int]:
        world.pass_time(timedelta(seconds=world.leases.lease_seconds + 1))
        handle(event, ports_of(world))
        return annotate(task, on_tick=lambda *_: None, should_stop=should_stop)

    with pytest.raises(Interrupted):  # its lease was lost, so it stores nothing
        handle(event, ports_of(world, engine))
    done = world.job(job.job_id)
    assert done.status is JobStatus.COMPLETED
    assert sorted(file.key for file in done.results) == sorted(world.results.objects)


def test_a_running_job_is_not_started_a_second_time() -> None:
    world, _, event = submitted()
    seen: list[datetime] = []

    def second() -> None:
        with pytest.raises(Postponed) as later:
            handle(event, ports_of(world))
        seen.append(later.value.due)

    handle(event, ports_of(world, during(world, second)))
    assert seen == [world.time + timedelta(seconds=world.leases.lease_seconds)]


def test_a_users_third_job_waits_until_one_of_two_has_ended_and_is_published_again() -> None:
    world = World()
    user = world.register()
    first, second, third = (world.submit(user, VCF) for _ in range(3))
    events = {e.data.stream: e for e in world.bus.published if e.type == "gas.job.submitted.v1"}

    def others() -> None:
        with pytest.raises(Postponed):
            handle(events[f"job/{third.job_id}"], ports_of(world))

    def one_more() -> None:
        handle(events[f"job/{second.job_id}"], ports_of(world, during(world, others)))

    handle(events[f"job/{first.job_id}"], ports_of(world, during(world, one_more)))
    assert world.job(third.job_id).status is JobStatus.SUBMITTED
    assert world.last_event().subject == f"job/{third.job_id}"
    handle(world.last_event(), ports_of(world))
    assert world.job(third.job_id).status is JobStatus.COMPLETED


def test_an_event_that_cannot_be_read_is_given_up_without_an_error() -> None:
    world, job, event = submitted()
    for body in (event.to_json().replace("submitted.v1", "submitted.v9"), "{", ""):
        give_up(body, "it killed its processes", ports_of(world))
    assert world.job(job.job_id) == job


def test_a_small_file_has_a_shorter_time_limit_than_a_large_one() -> None:
    settings = AnnotatorSettings(max_annotation_seconds=7200)
    assert settings.seconds_for(1_000) == 600
    assert settings.seconds_for(100_000_000) == 2600
    assert settings.seconds_for(5_000_000_000) == 7200
