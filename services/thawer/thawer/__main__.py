"""Wiring of the thawer."""

from functools import partial

from gas.archive.wiring import archive_store
from gas.events import new_id
from gas.files.s3 import S3Files
from gas.runtime.repositories import job_repository
from gas.runtime.worker import ConsumerSpec, Worker
from gas.settings import ColdSettings, load
from thawer.handler import Ports, handle


def consumer_spec(worker: Worker, settings: ColdSettings) -> ConsumerSpec:
    """The thawer's queue and its handler."""
    ports = Ports(
        jobs=job_repository(worker.write_context),
        results=S3Files(worker.aws.s3(), settings.bucket("results")),
        store=archive_store(settings, worker.aws, worker.now),
        now=worker.now,
        new_id=new_id,
    )
    return ConsumerSpec("thawer", partial(handle, ports=ports), settings.concurrency)


def main() -> int:
    """Consume until SIGTERM; returns the exit status."""
    settings = load(ColdSettings)
    worker = Worker.start("thawer", settings)
    return worker.run(consumer_spec(worker, settings))


if __name__ == "__main__":
    raise SystemExit(main())
