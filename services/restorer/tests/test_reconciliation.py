"""The reconciler, with everything in memory and a clock that tests move."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gas.archive.restore_request import request_restore
from gas.archive.store import parse_own_notice
from gas.domain.account import Upgrade
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import Delete, Start
from gas.events import FailureCode, Tier
from gas.files.references import sequence_key
from gas.messaging.delivery import MAX_INTERRUPTIONS
from gas.tables.uploads import Upload
from reconciler.jobs import LOST_AFTER, MAX_ATTEMPTS
from reconciler.leftovers import SAFE_AGE
from reconciler.loop import reconcile
from reconciler.ports import Ports
from tests.support.reconciler_ports import reconciler_of
from tests.support.world import World, archive_id, warm_vcf

BEFORE_SAFE_AGE = SAFE_AGE - timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ports(world: World) -> Ports:
    return reconciler_of(world)


def restoring(world: World) -> Job:
    """A job whose restore is requested."""
    job = world.completed(world.register())
    job = world.archive(job)
    world.results.delete(job.freed_keys)
    world.accounts.execute(job.user_id, Upgrade("p"))
    request_restore(job, world.store, world.jobs)
    return world.job(job.job_id)


def reconcile_after(world: World, ports: Ports, time: timedelta) -> None:
    world.pass_time(time)
    reconcile(ports)


def notices(ports: Ports) -> list[str]:
    """The messages that the reconciler has sent to the thawer."""
    return [message.body for message in ports.notices.receive(10, 0, 30)]


def test_a_restore_whose_notice_was_lost_is_announced_by_the_reconciler(
    world: World, ports: Ports
) -> None:
    job = restoring(world)
    world.store.thaw(archive_id(job))  # and the notice is lost
    reconcile(ports)
    assert notices(ports) == [], "the restore is not overdue yet"
    reconcile_after(world, ports, timedelta(minutes=16))
    (body,) = notices(ports)
    notice = parse_own_notice(body)
    assert notice
    assert (notice.job_id, notice.archive_id) == (job.job_id, archive_id(job))


def test_a_slow_restore_gets_a_new_date_and_is_not_paid_for_again(
    world: World, ports: Ports
) -> None:
    job = restoring(world)
    reconcile_after(world, ports, timedelta(minutes=16))
    slow = world.job(job.job_id)
    assert slow.restore_expected_by
    assert slow.restore_expected_by > world.time
    assert slow.version == job.version + 1
    assert notices(ports) == []
    assert len(world.store.asked) == 1


@pytest.mark.parametrize("has_failed", [False, True])
def test_an_overdue_standard_restore_is_not_made_an_expedited_one(
    world: World, ports: Ports, has_failed: bool
) -> None:
    world.store.has_capacity = False
    job = restoring(world)
    world.store.has_capacity = True
    if has_failed:
        world.store._in_progress.clear()
    reconcile_after(world, ports, timedelta(hours=13))
    slow = world.job(job.job_id)
    assert slow.version == job.version + 1
    assert (job.restore_tier, slow.restore_tier) == (Tier.STANDARD, Tier.STANDARD)
    assert len(world.store.asked) == 1 + has_failed


def test_a_request_whose_event_was_lost_is_not_repeated_with_a_faster_tier(world: World) -> None:
    world.store.has_capacity = False
    job = restoring(world)
    assert job.archive
    world.store.has_capacity = True
    again = world.store.request_restore(job.user_id, job.job_id, job.archive)
    assert again.tier is Tier.STANDARD
    assert len(world.store.asked) == 1


def test_a_restore_that_failed_is_requested_again(world: World, ports: Ports) -> None:
    restoring(world)
    world.store._in_progress.clear()
    reconcile_after(world, ports, timedelta(minutes=16))
    assert len(world.store.asked) == 2


def test_a_running_job_without_a_heartbeat_is_published_again_once_in_a_while(
    world: World, ports: Ports
) -> None:
    job = world.submit(world.register())
    world.jobs.execute(job.job_id, Start("engine/1", "human-mt@1"))
    reconcile_after(world, ports, LOST_AFTER + timedelta(minutes=1))
    published = [event for event in world.bus.published if event.subject == f"job/{job.job_id}"]
    assert [event.type for event in published].count("gas.job.submitted.v1") == 2
    reconcile_after(world, ports, timedelta(minutes=1))
    assert len(world.bus.published) == len(published) + 1  # and that of the account


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
    for _ in range(MAX_ATTEMPTS):
        world.jobs.execute(job.job_id, Start("engine/1", "human-mt@1"))
    reconcile_after(world, ports, LOST_AFTER + timedelta(minutes=1))
    failed = world.job(job.job_id)
    assert failed.status is JobStatus.FAILED
    assert failed.error
    assert failed.error.code is FailureCode.INTERNAL


def test_attempts_that_deployments_ended_do_not_make_a_job_hopeless(
    world: World, ports: Ports
) -> None:
    job = world.submit(world.register())
    for _ in range(MAX_INTERRUPTIONS):
        world.jobs.execute(job.job_id, Start("engine/1", "human-mt@1"))
    reconcile_after(world, ports, LOST_AFTER + timedelta(minutes=1))
    assert world.job(job.job_id).status is JobStatus.RUNNING


def test_a_submitted_job_whose_message_was_lost_is_published_again(
    world: World, ports: Ports
) -> None:
    job = world.submit(world.register())
    reconcile(ports)
    assert world.last_event().type == "gas.job.submitted.v1"
    before = len(world.bus.published)
    reconcile_after(world, ports, LOST_AFTER + timedelta(minutes=5))
    assert len(world.bus.published) == before + 1
    assert world.last_event().subject == f"job/{job.job_id}"


def test_an_upload_that_was_never_submitted_is_deleted_after_a_day(
    world: World, ports: Ports
) -> None:
    job = world.submit(world.register())
    world.uploads.put(Upload(job.job_id, job.user_id, job.input.key, "f", 1, None, job.job_id))
    world.uploads.put(Upload("upload-1", "user-1", "user-1/upload-1", "f", 1, 1))
    world.inputs.write("user-1/upload-1", b"x")
    reconcile_after(world, ports, BEFORE_SAFE_AGE)
    assert "user-1/upload-1" in world.inputs.objects
    reconcile_after(world, ports, timedelta(days=1))
    assert list(world.inputs.objects) == [job.input.key]
    assert world.uploads.get("upload-1") is None


def test_the_input_of_a_deleted_job_is_deleted_if_the_archiver_failed_at_it(
    world: World, ports: Ports
) -> None:
    job, kept = world.completed(world.register()), world.completed("user-1")
    for one in (job, kept):
        upload_id = one.input.key.rpartition("/")[2]
        world.uploads.put(Upload(upload_id, "user-1", one.input.key, "f", 1, None, one.job_id))
    reconcile_after(world, ports, timedelta(days=365))
    assert set(world.inputs.objects) == {job.input.key, kept.input.key}, "no input is too old"
    world.jobs.execute(job.job_id, Delete("u", "r"))
    reconcile_after(world, ports, timedelta(days=1))
    assert set(world.inputs.objects) == {kept.input.key}


def test_orphaned_files_are_deleted_and_files_of_jobs_are_kept(world: World, ports: Ports) -> None:
    job = restoring(world)
    other = world.completed("user-1")
    world.store.put(other.user_id, other.job_id, warm_vcf(other))  # the archiver then died
    world.results.write(f"user-1/{other.job_id}/attempt/my.vcf", b"x")  # so did an annotator
    named = {file.key for owner in (job, other) for file in owner.results}
    sequence = sequence_key("human-mt@3")
    world.results.write(sequence, b"x")
    reconcile_after(world, ports, BEFORE_SAFE_AGE)
    assert len(world.store.copies) == 2
    reconcile_after(world, ports, timedelta(days=1))
    assert set(world.store.copies) == {archive_id(job)}
    assert set(world.results.objects) == {*named, sequence}


def test_leftover_files_of_a_deleted_job_are_deleted(world: World, ports: Ports) -> None:
    job = world.completed(world.register())
    world.jobs.execute(job.job_id, Delete("u", "r"))
    reconcile_after(world, ports, 2 * SAFE_AGE)
    assert world.results.objects == {}


def test_one_of_many_concurrent_reconcilers_does_the_work(world: World, ports: Ports) -> None:
    job = restoring(world)
    world.store.thaw(archive_id(job))
    world.pass_time(timedelta(minutes=16))
    for _ in range(3):
        reconcile(replace(ports))
    assert len(notices(ports)) == 1


def test_a_copy_whose_state_is_unknown_does_not_delay_other_users(
    world: World, ports: Ports
) -> None:
    first = restoring(world)
    world.register("user-2")
    second = world.archive(world.completed("user-2"))
    world.accounts.execute("user-2", Upgrade("p"))
    request_restore(second, world.store, world.jobs)
    del world.store.copies[archive_id(first)]
    world.store.thaw(archive_id(second))
    reconcile_after(world, ports, timedelta(minutes=16))
    assert [second.job_id in body for body in notices(ports)] == [True]


def test_a_key_of_another_form_is_left_alone(world: World, ports: Ports) -> None:
    world.results.write("a-stray-object", b"x")
    world.results.write(f"user-1/{'0' * 8}/attempt/my.vcf", b"x")
    reconcile_after(world, ports, 2 * SAFE_AGE)
    assert set(world.results.objects) == {"a-stray-object"}


def test_a_job_that_cannot_be_read_loses_nothing_and_holds_up_nobody(
    world: World, ports: Ports, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, whole = (world.archive(world.completed(world.register(f"u{n}"))) for n in range(2))
    lost = world.submit(world.register())
    hidden = world.submit(world.register())
    for job in (lost, hidden):
        world.jobs.execute(job.job_id, Start("engine/1", "human-mt@1"))
    for job in (broken, hidden):
        world.leave_in_outbox(f"job/{job.job_id}", '{"type": "gas.job.mended.v3"}', version=2)
    copies, results = set(world.store.copies), set(world.results.objects)
    world.results.write(f"{whole.user_id}/{whole.job_id}/attempt/orphan", b"")
    reconcile_after(world, ports, SAFE_AGE + timedelta(minutes=1))
    assert set(world.store.copies) == copies
    gone = set(whole.freed_keys)
    assert set(world.results.objects) == results - gone
    again = [event.subject for event in world.bus.published if event.subject.startswith("job/")]
    assert again.count(f"job/{lost.job_id}") == 3
    assert f"job_id={broken.job_id}" in (found := capsys.readouterr().out)
    assert "unreadable_jobs" in found


def test_copies_in_parts_that_a_crash_left_unfinished_are_aborted_after_a_day(
    world: World, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, datetime]] = []

    def abort(bucket: object, before: datetime, prefix: str = "") -> int:
        asked.append((bucket, before))
        return 1

    for kind in {type(ports.store), type(ports.results)}:
        monkeypatch.setattr(kind, "abort_unfinished", abort)
    reconcile_after(world, ports, timedelta(days=1))
    before = world.now() - SAFE_AGE
    buckets = (ports.store, ports.results, ports.inputs, ports.parts)
    assert asked == [(one, before) for one in buckets]
