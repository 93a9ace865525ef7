"""Wiring of the restorer, and of the reconciliation that runs beside it."""

from functools import partial

from gas.platform.archive.wiring import archive_store
from gas.platform.errands import Errands, reading_errands
from gas.platform.files import S3Files
from gas.platform.inbox import DynamoInbox
from gas.platform.progress import DynamoProgressTable
from gas.platform.queue import SqsQueue
from gas.platform.settings import load
from gas.platform.tables import DynamoAccountTable, DynamoJobTable
from gas.platform.uploads import DynamoUploadTable
from gas.platform.worker import Line, Worker, jobs_of
from restorer import reconciliation
from restorer.handler import Ports, handle
from restorer.settings import RestorerSettings

# Longer than any of its tasks takes; a process that died at one leaves it to the next period.
_CLAIM_SECONDS = 3600


def line(worker: Worker, settings: RestorerSettings) -> Line:
    """The restorer's queue and what handles it."""
    dynamodb = worker.aws.dynamodb()
    ports = Ports(
        jobs=jobs_of(worker.pen),
        job_table=DynamoJobTable(dynamodb, settings.prefix),
        accounts=DynamoAccountTable(dynamodb, settings.prefix),
        store=archive_store(settings, worker.aws, worker.now),
        errands=Errands(SqsQueue(worker.aws.sqs(), settings.named("restorer"))),
        now=worker.now,
    )
    return Line("restorer", reading_errands(partial(handle, ports=ports)), settings.concurrency)


def reconciliation_ports(worker: Worker, settings: RestorerSettings) -> reconciliation.Ports:
    """What reconciliation works with, on AWS."""
    s3, dynamodb = worker.aws.s3(), worker.aws.dynamodb()
    prefix, now = settings.prefix, worker.now
    return reconciliation.Ports(
        jobs=jobs_of(worker.pen),
        job_table=DynamoJobTable(dynamodb, prefix),
        log=worker.pen.log,
        bus=worker.pen.bus,
        progress=DynamoProgressTable(dynamodb, prefix, now),
        uploads=DynamoUploadTable(dynamodb, prefix),
        inputs=S3Files(s3, settings.bucket("inputs")),
        results=S3Files(s3, settings.bucket("results")),
        store=archive_store(settings, worker.aws, now),
        notices=SqsQueue(worker.aws.sqs(), settings.named("thawer")),
        claims=DynamoInbox(
            dynamodb, prefix, "reconciliation", claim_seconds=_CLAIM_SECONDS, now=now
        ),
        now=now,
    )


def main() -> int:
    """Run until told to stop; gives the exit status."""
    settings = load(RestorerSettings)
    worker = Worker.start("restorer", settings)
    reconciling = partial(
        reconciliation.run,
        wire=partial(reconciliation_ports, worker, settings),
        seconds=settings.reconcile_seconds,
    )
    return worker.run(line(worker, settings), beside=[reconciling])


if __name__ == "__main__":
    raise SystemExit(main())
