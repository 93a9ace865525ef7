"""Wiring of the restorer, and of the reconciliation that runs beside it."""

from functools import partial

from gas.archive.wiring import archive_store
from gas.messaging.fan_out import FanOut, fan_out_handler
from gas.messaging.queue import SqsQueue
from gas.runtime.repositories import job_repository
from gas.runtime.worker import ConsumerSpec, Worker
from gas.settings import load
from gas.tables.accounts import DynamoAccountTable
from gas.tables.jobs import DynamoJobTable
from reconciler.wiring import reconciliation
from restorer.handler import Ports, handle
from restorer.settings import RestorerSettings


def consumer_spec(worker: Worker, settings: RestorerSettings) -> ConsumerSpec:
    """The restorer's queue and its handler."""
    dynamodb = worker.aws.dynamodb()
    ports = Ports(
        jobs=job_repository(worker.write_context),
        job_table=DynamoJobTable(dynamodb, settings.prefix),
        accounts=DynamoAccountTable(dynamodb, settings.prefix),
        store=archive_store(settings, worker.aws, worker.now),
        fan_out=FanOut(SqsQueue(worker.aws.sqs(), settings.named("restorer"))),
        now=worker.now,
    )
    return ConsumerSpec(
        "restorer", fan_out_handler(partial(handle, ports=ports)), settings.concurrency
    )


def main() -> int:
    """Consume until SIGTERM; returns the exit status."""
    settings = load(RestorerSettings)
    worker = Worker.start("restorer", settings)
    reconciliation_loop = reconciliation(worker, settings, settings.reconcile_seconds)
    return worker.run(consumer_spec(worker, settings), beside=[reconciliation_loop])


if __name__ == "__main__":
    raise SystemExit(main())
