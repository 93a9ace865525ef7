"""What the annotator's handler is given, in a world in memory."""

from pathlib import Path

from annotator import bundle as bundles
from annotator.bundle_cache import BundleCache
from annotator.fair_scheduling import FairScheduler
from annotator.part_scheduling import PartScheduler
from annotator.ports import Ports
from annotator.runner.parent import annotate
from annotator.scatter.workplace import Annotate
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
        uploads=world.uploads,
        inputs=world.inputs,
        results=world.results,
        parts=world.parts,
        annotate=engine,
        scheduler=scheduler_of(world),
        part_scheduler=PartScheduler(
            world.part_leases, world.now, world.new_id, {Plan.FREE: 8, Plan.PREMIUM: 200}
        ),
        executions=world.executions,
        bundle_cache=BundleCache(bundles.EMBEDDED, Path("/nowhere")),
        now=world.now,
        new_id=world.new_id,
        is_stopping=lambda: False,
        archive_policy=ArchivePolicy(GRACE),
        settings=AnnotatorSettings(quiet_seconds=0),
    )
