"""Wiring of the annotator: a worker without arguments, a command of ``commands`` with some."""

import os
import socket
import sys
import tempfile
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path

from annotator import bundle as bundles
from annotator import commands, start_up
from annotator.bundle_cache import BundleCache
from annotator.consequences.bundled import must_be_current
from annotator.fair_scheduling import FairScheduler
from annotator.fetching.reading import Fetcher
from annotator.handler import give_up, handle
from annotator.part_queue import handler as part_queue
from annotator.part_scheduling import PartScheduler
from annotator.ports import Ports
from annotator.protection import AGENT, TaskProtection
from annotator.references import publish_if_possible
from annotator.runner import sandbox
from annotator.runner.children import SpareChildren
from annotator.runner.parent import annotate
from annotator.runner.warm.pool import WarmEngines
from annotator.scatter.workplace import Annotate
from annotator.settings import AnnotatorSettings
from gas.events import Plan, new_id
from gas.files.s3 import S3Files
from gas.messaging.concurrency_leases import PARTS, DynamoConcurrencyLeases
from gas.messaging.event_handlers import event_handler
from gas.messaging.executions import MACHINE, StepFunctions
from gas.runtime.repositories import job_repository
from gas.runtime.worker import ConsumerSpec, Worker
from gas.settings import load
from gas.tables.accounts import DynamoAccountTable
from gas.tables.jobs import DynamoJobTable
from gas.tables.progress import DynamoProgressTable
from gas.tables.uploads import DynamoUploadTable


def ports_of(worker: Worker, settings: AnnotatorSettings, annotate: Annotate = annotate) -> Ports:
    """What the annotator works with, on AWS."""
    s3, dynamodb = worker.aws.s3(), worker.aws.dynamodb()
    job_table = DynamoJobTable(dynamodb, settings.prefix)
    accounts = DynamoAccountTable(dynamodb, settings.prefix)
    progress = DynamoProgressTable(dynamodb, settings.prefix, worker.now)
    scheduler = FairScheduler(
        # As long as the visibility timeout: when a dead process's message is delivered again its
        # lease has expired as well.
        leases=DynamoConcurrencyLeases(
            dynamodb,
            settings.prefix,
            lease_seconds=settings.visibility_seconds,
            now=worker.now,
        ),
        job_table=job_table,
        progress=progress,
        log=worker.write_context.log,
        bus=worker.write_context.bus,
        now=worker.now,
        # The host too: operators see which task works at a job.
        new_id=_holder,
        limits={Plan.FREE: settings.free_running, Plan.PREMIUM: settings.premium_running},
    )
    protection = TaskProtection(
        os.environ.get(AGENT), timedelta(seconds=settings.max_annotation_seconds)
    )
    return Ports(
        jobs=job_repository(worker.write_context),
        job_table=job_table,
        accounts=accounts,
        progress=progress,
        uploads=DynamoUploadTable(dynamodb, settings.prefix),
        inputs=S3Files(s3, settings.bucket("inputs")),
        results=S3Files(s3, settings.bucket("results"), worker.aws.s3_for_copies()),
        parts=S3Files(s3, settings.bucket("parts")),
        annotate=annotate,
        scheduler=scheduler,
        part_scheduler=part_scheduler_of(worker, settings),
        executions=StepFunctions(worker.aws.states(), settings.machine_arn(MACHINE)),
        bundle_cache=bundle_cache_of(settings, worker),
        now=worker.now,
        new_id=new_id,
        # Half of the stop timeout lets short jobs finish; the other half is for returning the rest
        # to the queue.
        is_stopping=partial(worker.stopping.is_overdue, settings.stop_seconds / 2),
        archive_policy=settings.archive_policy,
        settings=settings,
        fetcher=Fetcher(settings.fetch_rules),
        protect=protection.hold,
    )


def _holder() -> str:
    """Who holds a lease: operators are shown the host."""
    return f"{socket.gethostname()}/{new_id()}"


def part_scheduler_of(worker: Worker, settings: AnnotatorSettings) -> PartScheduler:
    """Leases of parts, as long as the visibility timeout for the same reason as those of jobs."""
    return PartScheduler(
        leases=DynamoConcurrencyLeases(
            worker.aws.dynamodb(),
            settings.prefix,
            lease_seconds=settings.visibility_seconds,
            now=worker.now,
            kind=PARTS,
        ),
        now=worker.now,
        new_id=_holder,
        limits={Plan.FREE: settings.free_parts, Plan.PREMIUM: settings.premium_parts},
    )


def bundle_cache_of(settings: AnnotatorSettings, worker: Worker) -> BundleCache:
    """The installed bundles, and those in the bucket if one is set."""
    work = settings.work_folder or Path(tempfile.gettempdir())
    bucket = settings.bundle_bucket
    return BundleCache(
        settings.bundle_folder,
        work / "gas-bundles",
        S3Files(worker.aws.s3(), bucket) if bucket else None,
        settings.bundle_cache_bytes,
        partial(publish_if_possible, results=S3Files(worker.aws.s3(), settings.bucket("results"))),
    )


def warm_engines_of(settings: AnnotatorSettings) -> WarmEngines:
    """The warm engines; none runs before it is needed."""
    return WarmEngines(
        settings.warm_engines,
        settings.warm_engine_bytes,
        servers=settings.cores,
        seconds=settings.warm_engine_seconds,
    )


def consumer_specs(
    worker: Worker, settings: AnnotatorSettings, annotate: Annotate
) -> tuple[ConsumerSpec, ...]:
    """The queues of small files, of large files and of parts, each with threads of its own.

    So small files never wait for large ones.
    """
    ports = ports_of(worker, settings, annotate)
    on_event = event_handler(partial(handle, ports=ports))
    on_given_up = partial(give_up, ports=ports)
    return (
        ConsumerSpec("annotator", on_event, settings.concurrency, on_given_up),
        ConsumerSpec("annotator-large", on_event, settings.large_concurrency, on_given_up),
        ConsumerSpec(
            "annotator-parts",
            partial(part_queue.handle_message, ports=ports),
            settings.part_concurrency,
            partial(part_queue.give_up, ports=ports),
        ),
    )


def main() -> int:
    """Consume until SIGTERM, or run the command in the arguments; returns the exit status."""
    if len(sys.argv) > 1:
        return commands.main(sys.argv[1:])
    settings = load(AnnotatorSettings)
    for bundle in bundles.installed(settings.bundle_folder):
        must_be_current(bundle)  # a worker that cannot annotate with it must not take its jobs
    worker = Worker.start("annotator", settings)
    sandbox.hide_from_children()
    engines = warm_engines_of(settings)
    children = SpareChildren(settings.spare_processes)
    # Beside the first jobs, which need not wait for it.
    results = S3Files(worker.aws.s3(), settings.bucket("results"))
    looking = (settings, engines, children, results)
    threading.Thread(target=start_up.look, args=looking, daemon=True).start()
    try:
        annotating = partial(annotate, engines=engines, children=children)
        return worker.run(*consumer_specs(worker, settings, annotating))
    finally:
        children.stop()
        engines.stop()


if __name__ == "__main__":
    raise SystemExit(main())
