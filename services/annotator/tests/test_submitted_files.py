"""The file that a job annotates is the one that was submitted, and says so in its results."""

from __future__ import annotations

import gzip

import pytest

from annotator.handler import handle
from gas.domain.job import JobStatus
from gas.domain.job_rules import Submit
from gas.events import FailureCode, InputFile, InvalidEvent, Plan
from gas.recovery.origin import submitted_in
from tests.support.annotator_ports import ports_of
from tests.support.world import World, warm_vcf

VCF = (
    b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    b"MT\t11778\t.\tG\tA\t.\t.\t.\n"
)


def test_a_file_that_is_replaced_after_its_submission_changes_nothing() -> None:
    world = World()
    job = world.submit(world.register(), VCF)
    event = world.last_event()
    world.inputs.write(job.input.key, VCF.replace(b"11778", b"11779"))
    handle(event, ports_of(world))
    done = world.job(job.job_id)
    assert done.status is JobStatus.COMPLETED
    assert b"|R/H|cGc/cAc|" in gzip.decompress(world.results.objects[warm_vcf(done).key])


@pytest.mark.parametrize("kept", [{"version_id": None}, {"version_id": "gone"}, {"size_bytes": 1}])
def test_a_job_whose_submitted_file_is_no_longer_kept_fails_with_a_code_of_its_own(
    kept: dict[str, object],
) -> None:
    world = World()
    user_id, job_id = world.register(), world.new_id()
    world.inputs.write("key", VCF)
    info = world.inputs.info("key")
    file = InputFile(
        bucket="inputs",
        key="key",
        size_bytes=len(VCF),
        etag=info.etag.strip('"'),
        filename="my.vcf",
        version_id=info.version_id,
    )
    world.jobs.execute(
        job_id, Submit(job_id, user_id, file.model_copy(update=kept), "human-mt", Plan.FREE)
    )
    event = world.last_event()
    if "size_bytes" not in kept:
        world.inputs.write("key", VCF.replace(b"11778", b"11779"))
    handle(event, ports_of(world))
    error = world.job(job_id).error
    assert error is not None
    assert error.code is FailureCode.INPUT_CHANGED
    assert "Upload the file again" in error.message


def test_a_message_about_a_job_that_the_log_has_lost_is_kept() -> None:
    world = World()
    job = world.submit(world.register(), VCF)
    event = world.last_event()
    del world.db.streams[f"job/{job.job_id}"]
    with pytest.raises(InvalidEvent, match="lost"):
        handle(event, ports_of(world))


def test_results_carry_the_event_that_their_job_can_be_submitted_again_from() -> None:
    world = World()
    job = world.submit(world.register(), VCF)
    event = world.last_event()
    handle(event, ports_of(world))
    for file in world.job(job.job_id).results:
        assert submitted_in(world.results.info(file.key).metadata) == event
