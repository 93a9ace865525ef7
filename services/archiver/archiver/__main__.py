"""Wiring of the archiver."""

from functools import partial

from archiver.handler import Ports, handle
from gas.platform.archive.wiring import archive_store
from gas.platform.errands import Errands, reading_errands
from gas.platform.files import S3Files
from gas.platform.queue import SqsQueue
from gas.platform.settings import ColdSettings, load
from gas.platform.tables import DynamoAccountTable, DynamoJobTable
from gas.platform.worker import Line, Worker, jobs_of


def line(worker: Worker, settings: ColdSettings) -> Line:
    """The archiver's queue and what handles it."""
    s3, dynamodb = worker.aws.s3(), worker.aws.dynamodb()
    ports = Ports(
        jobs=jobs_of(worker.pen),
        job_table=DynamoJobTable(dynamodb, settings.prefix),
        accounts=DynamoAccountTable(dynamodb, settings.prefix),
        results=S3Files(s3, settings.bucket("results")),
        inputs=S3Files(s3, settings.bucket("inputs")),
        store=archive_store(settings, worker.aws, worker.now),
        errands=Errands(SqsQueue(worker.aws.sqs(), settings.named("archiver"))),
        now=worker.now,
        grace=settings.grace,
    )
    return Line("archiver", reading_errands(partial(handle, ports=ports)), settings.concurrency)


def main() -> int:
    """Run until told to stop; gives the exit status."""
    settings = load(ColdSettings)
    worker = Worker.start("archiver", settings)
    return worker.run(line(worker, settings))


if __name__ == "__main__":
    raise SystemExit(main())
