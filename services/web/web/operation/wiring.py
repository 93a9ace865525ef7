"""Wiring of what operators see and do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from gas.aws.clients import Aws
from gas.dead_letter_administration import DeadLetterAdministration
from gas.eventstore.recent import DynamoRecentEvents
from gas.eventstore.repository import LETTER, JobRepository, Repository, WriteContext
from gas.files.s3 import S3Files
from gas.messaging.concurrency_leases import PARTS, DynamoConcurrencyLeases
from gas.messaging.dead_letters import OUTBOX, DeadLetters, put_into_outbox
from gas.messaging.queue_counts import SqsQueueCounter
from gas.tables.accounts import DynamoAccountTable
from gas.tables.jobs import DynamoJobTable
from gas.tables.presence import DynamoPresenceTable
from gas.tables.progress import DynamoProgressTable
from gas.tables.stored import DynamoStoredTable
from gas.tables.uploads import DynamoUploadTable
from web.operation import readings, stuck
from web.operation.bundles import bundles
from web.operation.costs import costs
from web.operation.shared_readings import Reader, SharedReadings
from web.operation.sources import Sources
from web.published_bundles import OfferedBundles
from web.settings import WebSettings

OVERVIEW = ("queues", "states", "stuck", "workers", "at_work", "outbox", "throughput", "health")
"""The boxes of the overview."""

_MOST_PATIENCE_SECONDS = 4.0
_SECONDS, _HISTORY_SECONDS, _COSTS_SECONDS = 4.0, 60.0, 600.0


@dataclass(frozen=True, slots=True)
class Operation:
    """``addresses`` are the operators' e-mail addresses, in lower case."""

    addresses: frozenset[str]
    sources: Sources
    readings: SharedReadings
    letters: DeadLetterAdministration
    write_context: WriteContext


def operation_of(
    settings: WebSettings,
    aws: Aws,
    jobs: JobRepository,
    offered: OfferedBundles,
    *,
    write_context: WriteContext,
) -> Operation:
    """What operators work with, on AWS."""
    dynamodb, sqs, prefix = aws.dynamodb(), aws.sqs(), settings.prefix
    accounts, uploads = DynamoAccountTable(dynamodb, prefix), DynamoUploadTable(dynamodb, prefix)

    def letters_of(name: str) -> DeadLetters:
        send_back = partial(put_into_outbox, log=write_context.log) if name == OUTBOX else None
        return DeadLetters.of(sqs, settings.named(name), send_back)

    sources = Sources(
        counter=SqsQueueCounter(sqs, prefix),
        job_table=DynamoJobTable(dynamodb, prefix),
        progress=DynamoProgressTable(dynamodb, prefix, write_context.now),
        # Only read here, so the length of a lease does not matter.
        leases=DynamoConcurrencyLeases(dynamodb, prefix, lease_seconds=1, now=write_context.now),
        part_leases=DynamoConcurrencyLeases(
            dynamodb, prefix, lease_seconds=1, now=write_context.now, kind=PARTS
        ),
        log=write_context.log,
        recent=DynamoRecentEvents(dynamodb, prefix),
        stored=DynamoStoredTable(dynamodb, prefix),
        results=S3Files(aws.s3(), settings.bucket("results")),
        offered=offered,
        presence=DynamoPresenceTable(dynamodb, prefix),
        check=lambda: accounts.get("readiness"),
        now=write_context.now,
    )
    return operation_with(
        settings,
        sources,
        DeadLetterAdministration(
            letters_of, Repository(LETTER, write_context), jobs, write_context, uploads
        ),
    )


def operation_with(
    settings: WebSettings, sources: Sources, letters: DeadLetterAdministration
) -> Operation:
    """What operators work with, on those ports."""
    return Operation(
        frozenset(address.lower() for address in settings.operators),
        sources,
        SharedReadings(readers(sources), min(settings.aws_seconds, _MOST_PATIENCE_SECONDS)),
        letters,
        letters.write_context,
    )


def readers(sources: Sources) -> dict[str, Reader]:
    """How each box is read, and how long it is kept."""
    read = {
        "queues": Reader(partial(readings.queues, sources), _SECONDS),
        "states": Reader(partial(readings.states, sources), _SECONDS),
        "stuck": Reader(partial(stuck.stuck, sources), _SECONDS),
        "workers": Reader(partial(readings.workers, sources), _SECONDS),
        "at_work": Reader(partial(stuck.at_work, sources), _SECONDS),
        "outbox": Reader(partial(readings.outbox, sources), _SECONDS),
        "throughput": Reader(partial(readings.throughput, sources), _HISTORY_SECONDS),
        "health": Reader(partial(readings.health, sources), _SECONDS),
    }
    read["bundles"] = Reader(partial(bundles, sources), _SECONDS)
    return read | {"costs": Reader(partial(costs, sources), _COSTS_SECONDS)}
