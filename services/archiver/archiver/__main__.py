"""Wiring of the archiver."""

from functools import partial

from archiver.handler import handle
from archiver.ports import Ports
from gas.archive.wiring import archive_store
from gas.files.s3 import S3Files
from gas.messaging.fan_out import FanOut, fan_out_handler
from gas.messaging.queue import SqsQueue
from gas.runtime.repositories import account_repository, job_repository
from gas.runtime.worker import ConsumerSpec, Worker
from gas.settings import ColdSettings, load
from gas.tables.accounts import DynamoAccountTable
from gas.tables.jobs import DynamoJobTable
from gas.tables.personal_dynamo import DynamoPersonalTable
from gas.tables.profiles import DynamoProfileTable
from gas.tables.sessions import DynamoSessionTable
from gas.tables.uploads import DynamoUploadTable


def consumer_spec(worker: Worker, settings: ColdSettings) -> ConsumerSpec:
    """The archiver's queue and its handler."""
    s3, dynamodb = worker.aws.s3(), worker.aws.dynamodb()
    ports = Ports(
        jobs=job_repository(worker.write_context),
        job_table=DynamoJobTable(dynamodb, settings.prefix),
        accounts=DynamoAccountTable(dynamodb, settings.prefix),
        results=S3Files(s3, settings.bucket("results")),
        inputs=S3Files(s3, settings.bucket("inputs")),
        store=archive_store(settings, worker.aws, worker.now),
        fan_out=FanOut(SqsQueue(worker.aws.sqs(), settings.named("archiver"))),
        personal=DynamoPersonalTable(dynamodb, settings.prefix),
        now=worker.now,
        policy=settings.archive_policy,
        account_streams=account_repository(worker.write_context),
        sessions=DynamoSessionTable(dynamodb, settings.prefix),
        profiles=DynamoProfileTable(dynamodb, settings.prefix),
        uploads=DynamoUploadTable(dynamodb, settings.prefix),
        parts=S3Files(s3, settings.bucket("parts")),
    )
    return ConsumerSpec(
        "archiver", fan_out_handler(partial(handle, ports=ports)), settings.concurrency
    )


def main() -> int:
    """Consume until SIGTERM; returns the exit status."""
    settings = load(ColdSettings)
    worker = Worker.start("archiver", settings)
    return worker.run(consumer_spec(worker, settings))


if __name__ == "__main__":
    raise SystemExit(main())
