"""A bundle that cannot be used fails the job at once, in words for its owner."""

from pathlib import Path

import pytest

from annotator import bundle as bundles
from annotator.bundle_cache import BundleCache
from annotator.consequences.engine import DatabaseUnusable, EngineMissing
from annotator.fair_scheduling import FairScheduler
from annotator.handler import handle
from annotator.ports import Ports
from annotator.settings import AnnotatorSettings
from gas.domain.job import JobStatus
from gas.events import FailureCode, Plan
from tests.support.annotation import record, vcf
from tests.support.world import GRACE, World


@pytest.mark.parametrize("error", [DatabaseUnusable, EngineMissing])
def test_a_bundle_that_cannot_be_used_fails_the_job(error: type[Exception]) -> None:
    world = World()
    job = world.submit(world.register(), vcf(record("3460\t.\tG\tA")))

    def annotate(*_: object, **__: object) -> dict[str, int]:
        raise error("transcripts.parquet is of format 0, not 1; build the bundle again")

    handle(world.last_event(), _ports_of(world, annotate))
    found = world.jobs.load(job.job_id)
    assert found
    assert found.status is JobStatus.FAILED
    assert found.error
    assert found.error.code is FailureCode.INTERNAL
    assert job.bundle in found.error.message
    assert "parquet" not in found.error.message, "the operator's words are for the log"


def _ports_of(world: World, annotate: object) -> Ports:
    scheduler = FairScheduler(
        leases=world.leases,
        accounts=world.account_table,
        job_table=world.job_table,
        progress=world.progress,
        log=world.log,
        bus=world.bus,
        now=world.now,
        new_id=world.new_id,
        limits={Plan.FREE: 2, Plan.PREMIUM: 8},
    )
    return Ports(
        jobs=world.jobs,
        job_table=world.job_table,
        accounts=world.account_table,
        progress=world.progress,
        inputs=world.inputs,
        results=world.results,
        annotate=annotate,  # type: ignore[arg-type]
        scheduler=scheduler,
        bundle_cache=BundleCache(bundles.EMBEDDED, Path("/nowhere")),
        now=world.now,
        new_id=world.new_id,
        is_stopping=lambda: False,
        grace=GRACE,
        settings=AnnotatorSettings(),
    )
