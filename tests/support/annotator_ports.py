"""What the annotator's handler is given, in a world in memory."""

from pathlib import Path

from annotator import bundle as bundles
from annotator.bundle_cache import BundleCache
from annotator.fair_scheduling import FairScheduler
from annotator.ports import Annotate, Ports
from annotator.runner.parent import annotate
from annotator.settings import AnnotatorSettings
from gas.domain.job_rules import ArchivePolicy
from gas.events import Plan
from tests.support.world import GRACE, World


def scheduler_of(world: World) -> FairScheduler:
    return FairScheduler(
        leases=world.leases,
        job_table=world.job_table,
        progress=world.progress,
        log=world.log,
        bus=world.bus,
        now=world.now,
        new_id=world.new_id,
        limits={Plan.FREE: 2, Plan.PREMIUM: 8},
    )


def ports_of(world: World, engine: Annotate = annotate) -> Ports:
    return Ports(
        jobs=world.jobs,
        job_table=world.job_table,
        accounts=world.account_table,
        progress=world.progress,
        inputs=world.inputs,
        results=world.results,
        annotate=engine,
        scheduler=scheduler_of(world),
        bundle_cache=BundleCache(bundles.EMBEDDED, Path("/nowhere")),
        now=world.now,
        new_id=world.new_id,
        is_stopping=lambda: False,
        archive_policy=ArchivePolicy(GRACE),
        settings=AnnotatorSettings(quiet_seconds=0),
    )
