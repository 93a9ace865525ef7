"""Wiring of reconciliation."""

from functools import partial

from gas.archive.wiring import archive_store
from gas.files.s3 import S3Files
from gas.messaging.effect_claims import DynamoEffectClaims
from gas.messaging.queue import SqsQueue
from gas.recovery.periods import DynamoLostPeriods
from gas.recovery.witness import DynamoWitness
from gas.runtime.background import Background
from gas.runtime.repositories import job_repository
from gas.runtime.worker import Worker
from gas.settings import ColdSettings
from gas.tables.accounts import DynamoAccountTable
from gas.tables.jobs import DynamoJobTable
from gas.tables.progress import DynamoProgressTable
from gas.tables.uploads import DynamoUploadTable
from reconciler import loop
from reconciler.parallel import in_threads
from reconciler.ports import Ports

# Longer than any task takes, so a task never runs in two processes at once. If a process dies
# during a task, the task runs again in its next period.
_CLAIM_SECONDS = 3600


def reconciliation(worker: Worker, settings: ColdSettings, seconds: float) -> Background:
    """The loop that runs beside the consumers of ``worker`` and acts every ``seconds``."""
    return partial(loop.run, wire=partial(ports_of, worker, settings), seconds=seconds)


def ports_of(worker: Worker, settings: ColdSettings) -> Ports:
    """What reconciliation works with, on AWS."""
    s3, dynamodb = worker.aws.s3(), worker.aws.dynamodb()
    prefix, now = settings.prefix, worker.now
    return Ports(
        jobs=job_repository(worker.write_context),
        job_table=DynamoJobTable(dynamodb, prefix),
        accounts=DynamoAccountTable(dynamodb, prefix),
        log=worker.write_context.log,
        progress=DynamoProgressTable(dynamodb, prefix, now),
        uploads=DynamoUploadTable(dynamodb, prefix),
        inputs=S3Files(s3, settings.bucket("inputs")),
        results=S3Files(s3, settings.bucket("results")),
        parts=S3Files(s3, settings.bucket("parts")),
        store=archive_store(settings, worker.aws, now),
        notices=SqsQueue(worker.aws.sqs(), settings.named("thawer")),
        claims=DynamoEffectClaims(
            dynamodb, prefix, "reconciliation", claim_seconds=_CLAIM_SECONDS, now=now
        ),
        periods=DynamoLostPeriods(dynamodb, prefix),
        witness=DynamoWitness(dynamodb, prefix),
        now=now,
        in_parallel=in_threads,
    )
