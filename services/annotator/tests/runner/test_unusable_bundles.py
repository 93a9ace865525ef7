"""A bundle that cannot be used fails the job at once, in words for its owner."""

import pytest

from annotator.consequences.engine import DatabaseUnusable, EngineMissing
from annotator.handler import handle
from gas.domain.job import JobStatus
from gas.events import FailureCode
from tests.support.annotation import record, vcf
from tests.support.annotator_ports import ports_of
from tests.support.world import World


@pytest.mark.parametrize("error", [DatabaseUnusable, EngineMissing])
def test_a_bundle_that_cannot_be_used_fails_the_job(error: type[Exception]) -> None:
    world = World()
    job = world.submit(world.register(), vcf(record("3460\t.\tG\tA")))

    def annotate(*_: object, **__: object) -> dict[str, int]:
        raise error("transcripts.parquet is of format 0, not 1; build the bundle again")

    handle(world.last_event(), ports_of(world, annotate))
    found = world.jobs.load(job.job_id)
    assert found
    assert found.status is JobStatus.FAILED
    assert found.error
    assert found.error.code is FailureCode.INTERNAL
    assert job.bundle in found.error.message
    assert "parquet" not in found.error.message, "the operator's words are for the log"
