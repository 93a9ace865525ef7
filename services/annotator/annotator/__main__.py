"""Wiring of the annotator, and its commands."""

import os
import sys
import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path

from annotator import commands
from annotator.engine.runner import annotate
from annotator.handler import Ports, give_up, handle
from annotator.protection import AGENT, TaskProtection
from annotator.settings import AnnotatorSettings
from annotator.shelf import Shelf
from annotator.turns import Turns
from gas.events import Plan, new_id
from gas.platform.files import S3Files
from gas.platform.progress import DynamoProgressTable
from gas.platform.settings import load
from gas.platform.slots import DynamoSlots
from gas.platform.tables import DynamoAccountTable, DynamoJobTable
from gas.platform.worker import Line, Worker, jobs_of, reading_events


def ports_of(worker: Worker, settings: AnnotatorSettings) -> Ports:
    """What the annotator works with, on AWS."""
    s3, dynamodb = worker.aws.s3(), worker.aws.dynamodb()
    job_table = DynamoJobTable(dynamodb, settings.prefix)
    accounts = DynamoAccountTable(dynamodb, settings.prefix)
    progress = DynamoProgressTable(dynamodb, settings.prefix, worker.now)
    turns = Turns(
        # As long as a message is hidden: who takes a dead process's message finds its slot free.
        slots=DynamoSlots(
            dynamodb,
            settings.prefix,
            lease_seconds=settings.visibility_seconds,
            now=worker.now,
        ),
        accounts=accounts,
        job_table=job_table,
        progress=progress,
        log=worker.pen.log,
        bus=worker.pen.bus,
        now=worker.now,
        new_id=new_id,
        limits={Plan.FREE: settings.free_running, Plan.PREMIUM: settings.premium_running},
    )
    protection = TaskProtection(
        os.environ.get(AGENT), timedelta(seconds=settings.max_annotation_seconds)
    )
    return Ports(
        jobs=jobs_of(worker.pen),
        job_table=job_table,
        accounts=accounts,
        progress=progress,
        inputs=S3Files(s3, settings.bucket("inputs")),
        results=S3Files(s3, settings.bucket("results")),
        annotate=annotate,
        turns=turns,
        shelf=shelf_of(settings, worker),
        now=worker.now,
        new_id=new_id,
        # What would end soon may end; the rest is given back while there is time to.
        is_stopping=partial(worker.stopping.is_overdue, settings.stop_seconds / 2),
        grace=settings.grace,
        settings=settings,
        protect=protection.hold,
    )


def shelf_of(settings: AnnotatorSettings, worker: Worker) -> Shelf:
    """The bundles that are installed here, and those of the bucket if there is one."""
    work = settings.work_folder or Path(tempfile.gettempdir())
    bucket = settings.bundle_bucket
    return Shelf(
        settings.bundle_folder,
        work / "gas-bundles",
        S3Files(worker.aws.s3(), bucket) if bucket else None,
        settings.bundle_cache_bytes,
    )


def lines(worker: Worker, settings: AnnotatorSettings) -> tuple[Line, Line]:
    """The queues of small and of large files; neither takes the other's places."""
    ports = ports_of(worker, settings)
    handling = reading_events(partial(handle, ports=ports))
    giving_up = partial(give_up, ports=ports)
    return (
        Line("annotator", handling, settings.concurrency, giving_up),
        Line("annotator-large", handling, settings.large_concurrency, giving_up),
    )


def main() -> int:
    """Run until told to stop, or do what the arguments say; gives the exit status."""
    if len(sys.argv) > 1:
        return commands.main(sys.argv[1:])
    settings = load(AnnotatorSettings)
    worker = Worker.start("annotator", settings)
    return worker.run(*lines(worker, settings))


if __name__ == "__main__":
    raise SystemExit(main())
