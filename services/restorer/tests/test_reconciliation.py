"""What reconciliation finds, with everything in memory and time in our hands."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gas.archive.restore_request import request_restore
from gas.archive.store import parse_own_notice
from gas.domain.account import Upgrade
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import Archive, Delete, Start
from gas.events import FailureCode, ResultKind
from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.queue import MemoryQueue
from gas.tables.uploads import Upload
from reconciler.jobs import LOST_AFTER, MOST_ATTEMPTS
from reconciler.leftovers import SAFE_AGE
from reconciler.loop import reconcile
from reconciler.ports import Ports
from tests.support.world import World

BEFORE_SAFE_AGE = SAFE_AGE - timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ports(world: World) -> Ports:
    return Ports(
        jobs=world.jobs,
        job_table=world.job_table,
        log=world.log,
        bus=world.bus,
        progress=world.progress,
        uploads=world.uploads,
        inputs=world.inputs,
        results=world.results,
        store=world.store,
        notices=MemoryQueue(world.now),
        claims=MemoryEffectClaims(world.now, claim_seconds=3600),
        now=world.now,
    )


def restoring(world: World) -> Job:
    job = world.completed(world.register())
    warm = job.result(ResultKind.VCF)
    assert warm
    job = world.jobs.execute(job.job_id, Archive(world.store.put(job.user_id, job.job_id, warm)))
    world.results.delete(job.freed_keys)
    world.accounts.execute(job.user_id, Upgrade("p"))
    request_restore(job, world.store, world.jobs)
    return now(world, job)


def now(world: World, job: Job) -> Job:
    found = world.jobs.load(job.job_id)
    assert found
    return found


def later(world: World, ports: Ports, time: timedelta) -> None:
    world.pass_time(time)
    reconcile(ports)


def notices(ports: Ports) -> list[str]:
    return [message.body for message in ports.notices.receive(10, 0, 30)]


def test_a_restore_whose_notice_was_lost_is_announced_by_the_reconciler(
    world: World, ports: Ports
) -> None:
    job = restoring(world)
    assert job.archive
    world.store.thaw(job.archive.archive_id)  # and the notice is lost
    reconcile(ports)
    assert notices(ports) == [], "it is not overdue yet"
    later(world, ports, timedelta(minutes=16))
    (body,) = notices(ports)
    notice = parse_own_notice(body)
    assert notice
    assert (notice.job_id, notice.archive_id) == (job.job_id, job.archive.archive_id)


def test_a_slow_restore_gets_a_new_date_and_is_not_paid_for_again(
    world: World, ports: Ports
) -> None:
    job = restoring(world)
    later(world, ports, timedelta(minutes=16))
    slow = now(world, job)
    assert slow.restore_expected_by
    assert slow.restore_expected_by > world.time
    assert slow.version == job.version + 1
    assert notices(ports) == []
    assert len(world.store.asked) == 1


def test_a_restore_that_failed_is_requested_again(world: World, ports: Ports) -> None:
    restoring(world)
    world.store._in_progress.clear()
    later(world, ports, timedelta(minutes=16))
    assert len(world.store.asked) == 2


def test_a_running_job_without_a_heartbeat_is_published_again_once_in_a_while(
    world: World, ports: Ports
) -> None:
    job = world.submit(world.register())
    world.jobs.execute(job.job_id, Start("engine/1", "human-mt@1"))
    later(world, ports, LOST_AFTER + timedelta(minutes=1))
    told = [event for event in world.bus.published if event.subject == f"job/{job.job_id}"]
    assert [event.type for event in told].count("gas.job.submitted.v1") == 2
    later(world, ports, timedelta(minutes=1))
    assert len(world.bus.published) == len(told) + 1  # and the account's


def test_a_running_job_with_a_heartbeat_is_left_alone(world: World, ports: Ports) -> None:
    job = world.submit(world.register())
    world.jobs.execute(job.job_id, Start("engine/1", "human-mt@1"))
    before = len(world.bus.published)
    world.pass_time(LOST_AFTER + timedelta(minutes=1))
    world.progress.record(job.job_id, 0.5, 1, 1)
    reconcile(ports)
    assert len(world.bus.published) == before


def test_a_job_that_was_lost_too_often_fails_with_an_internal_error(
    world: World, ports: Ports
) -> None:
    job = world.submit(world.register())
    for _ in range(MOST_ATTEMPTS):
        world.jobs.execute(job.job_id, Start("engine/1", "human-mt@1"))
    later(world, ports, LOST_AFTER + timedelta(minutes=1))
    failed = now(world, job)
    assert failed.status is JobStatus.FAILED
    assert failed.error
    assert failed.error.code is FailureCode.INTERNAL


def test_a_submitted_job_whose_message_was_lost_is_published_again(
    world: World, ports: Ports
) -> None:
    job = world.submit(world.register())
    reconcile(ports)
    assert world.last_event().type == "gas.job.submitted.v1"
    before = len(world.bus.published)
    later(world, ports, LOST_AFTER + timedelta(minutes=5))
    assert len(world.bus.published) == before + 1
    assert world.last_event().subject == f"job/{job.job_id}"


def test_an_upload_that_was_never_submitted_is_deleted_after_a_day(
    world: World, ports: Ports
) -> None:
    job = world.submit(world.register())
    world.uploads.put(Upload(job.job_id, job.user_id, job.input.key, "f", 1, None, job.job_id))
    world.uploads.put(Upload("upload-1", "user-1", "user-1/upload-1", "f", 1, 1))
    world.inputs.write("user-1/upload-1", b"x")
    later(world, ports, BEFORE_SAFE_AGE)
    assert "user-1/upload-1" in world.inputs.objects
    later(world, ports, timedelta(days=1))
    assert list(world.inputs.objects) == [job.input.key]
    assert world.uploads.get("upload-1") is None


def test_orphaned_files_are_deleted_and_files_of_jobs_are_kept(world: World, ports: Ports) -> None:
    job = restoring(world)
    other = world.completed("user-1")
    warm = other.result(ResultKind.VCF)
    assert warm
    world.store.put(other.user_id, other.job_id, warm)  # the archiver died before it said so
    world.results.write(f"user-1/{other.job_id}/attempt/my.vcf", b"x")  # so did an annotator
    named = {file.key for held in (job, other) for file in held.results}
    later(world, ports, BEFORE_SAFE_AGE)
    assert len(world.store.copies) == 2
    later(world, ports, timedelta(days=1))
    assert job.archive
    assert set(world.store.copies) == {job.archive.archive_id}
    assert set(world.results.objects) == named


def test_leftover_files_of_a_deleted_job_are_deleted(world: World, ports: Ports) -> None:
    job = world.completed(world.register())
    world.jobs.execute(job.job_id, Delete("u", "r"))
    later(world, ports, 2 * SAFE_AGE)
    assert world.results.objects == {}


def test_one_of_many_concurrent_reconcilers_does_the_work(world: World, ports: Ports) -> None:
    job = restoring(world)
    assert job.archive
    world.store.thaw(job.archive.archive_id)
    world.pass_time(timedelta(minutes=16))
    for _ in range(3):
        reconcile(replace(ports))
    assert len(notices(ports)) == 1


def test_a_copy_whose_state_is_unknown_does_not_delay_other_users(
    world: World, ports: Ports
) -> None:
    first = restoring(world)
    world.register("user-2")
    warm = world.completed("user-2")
    kept = warm.result(ResultKind.VCF)
    assert kept
    warm = world.jobs.execute(warm.job_id, Archive(world.store.put("user-2", warm.job_id, kept)))
    world.accounts.execute("user-2", Upgrade("p"))
    request_restore(warm, world.store, world.jobs)
    assert first.archive
    assert warm.archive
    del world.store.copies[first.archive.archive_id]
    world.store.thaw(warm.archive.archive_id)
    later(world, ports, timedelta(minutes=16))
    assert [warm.job_id in body for body in notices(ports)] == [True]


def test_a_key_of_another_form_is_left_alone(world: World, ports: Ports) -> None:
    world.results.write("a-stray-object", b"x")
    world.results.write(f"user-1/{'0' * 8}/attempt/my.vcf", b"x")
    later(world, ports, 2 * SAFE_AGE)
    assert set(world.results.objects) == {"a-stray-object"}
