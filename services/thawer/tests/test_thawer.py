import pytest

from gas.archive.store import StillCold
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import Delete, RequestRestore, Restore
from gas.events import ArchiveCopy, InvalidEvent, ResultFile, Tier
from tests.support.world import World, archive_id, warm_vcf
from thawer.handler import Ports, handle


def archived() -> tuple[World, Job, Ports]:
    """An archived job without a warm copy."""
    world = World()
    job = world.archive(world.completed(world.register()))
    world.results.delete(job.freed_keys)
    return world, job, Ports(world.jobs, world.results, world.store, world.now, world.new_id)


@pytest.mark.parametrize("is_requested", [True, False], ids=["restoring", "early notice"])
def test_a_thawed_result_has_a_new_key_and_the_cold_copy_is_deleted(is_requested: bool) -> None:
    world, job, ports = archived()
    if is_requested:
        world.jobs.execute(job.job_id, RequestRestore(Tier.EXPEDITED, world.time))
    handle(world.store.thaw(archive_id(job)), ports)
    after = world.job(job.job_id)
    assert after.status is JobStatus.COMPLETED
    warm = warm_vcf(after)
    assert world.results.objects[warm.key] == b"result"
    assert warm.key not in job.freed_keys
    assert warm.key.endswith("/my.vcf")
    assert world.store.copies == {}


def test_a_second_notice_only_finishes_the_deletion() -> None:
    world, job, ports = archived()
    notice = world.store.thaw(archive_id(job))
    handle(notice, ports)
    world.store.copies[archive_id(job)] = b"result"  # as if the process had died before deleting
    objects = dict(world.results.objects)
    handle(notice, ports)
    assert world.store.copies == {}
    assert world.results.objects == objects


def test_a_copy_that_is_still_cold_is_tried_again_later() -> None:
    world, job, ports = archived()
    notice = world.store.thaw(archive_id(job))
    world.store._readable.clear()
    with pytest.raises(StillCold):
        handle(notice, ports)
    assert archive_id(job) in world.store.copies


def test_a_job_that_was_deleted_gets_no_file_back() -> None:
    world, job, ports = archived()
    notice = world.store.thaw(archive_id(job))
    world.jobs.execute(job.job_id, Delete("u", "r"))
    before = dict(world.results.objects)
    handle(notice, ports)
    assert world.results.objects == before


def test_a_result_thawed_by_a_concurrent_delivery_is_kept_and_ours_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, job, ports = archived()
    notice = world.store.thaw(archive_id(job))
    fetch = world.store.fetch
    theirs = job.freed_keys[0] + "-theirs"

    def fetch_second(copy: ArchiveCopy, to: ResultFile, retrieval: str | None) -> None:
        fetch(copy, to, retrieval)
        world.results.objects[theirs] = b"result"
        world.jobs.execute(job.job_id, Restore(to.model_copy(update={"key": theirs})))

    monkeypatch.setattr(world.store, "fetch", fetch_second)
    handle(notice, ports)
    kept = [key for key in world.results.objects if key.endswith((".vcf", "-theirs"))]
    assert kept == [theirs]


def test_a_message_that_no_store_sends_is_refused() -> None:
    _, _, ports = archived()
    with pytest.raises(InvalidEvent):
        handle("hello", ports)
