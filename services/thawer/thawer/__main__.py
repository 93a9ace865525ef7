"""Wiring of the thawer."""

from functools import partial

from gas.events import new_id
from gas.platform.archive.wiring import archive_store
from gas.platform.files import S3Files
from gas.platform.settings import ColdSettings, load
from gas.platform.worker import Line, Worker, jobs_of
from thawer.handler import Ports, handle


def line(worker: Worker, settings: ColdSettings) -> Line:
    """The thawer's queue and what handles it."""
    ports = Ports(
        jobs=jobs_of(worker.pen),
        results=S3Files(worker.aws.s3(), settings.bucket("results")),
        store=archive_store(settings, worker.aws, worker.now),
        now=worker.now,
        new_id=new_id,
    )
    return Line("thawer", partial(handle, ports=ports), settings.concurrency)


def main() -> int:
    """Run until told to stop; gives the exit status."""
    settings = load(ColdSettings)
    worker = Worker.start("thawer", settings)
    return worker.run(line(worker, settings))


if __name__ == "__main__":
    raise SystemExit(main())
