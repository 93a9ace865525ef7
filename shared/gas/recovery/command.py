"""The operator's command ``python -m gas recover``: what is left of a lost period."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

from gas.archive.wiring import archive_store
from gas.aws.clients import Aws
from gas.eventstore.repository import JOB, Repository, WriteContext
from gas.files.s3 import S3Files
from gas.recovery.files import bring_back_deleted, keep_unknown, unknown_uploads
from gas.recovery.jobs import submit_lost_again
from gas.recovery.periods import DynamoLostPeriods, LostPeriod, described
from gas.recovery.ports import Ports
from gas.settings import ColdSettings
from gas.tables.uploads import DynamoUploadTable


def ports_for(settings: ColdSettings, aws: Aws, context: WriteContext) -> Ports:
    """What recovery works with, on AWS."""
    s3, dynamodb = aws.s3(), aws.dynamodb()
    return Ports(
        jobs=Repository(JOB, context),
        write_context=context,
        uploads=DynamoUploadTable(dynamodb, settings.prefix),
        inputs=S3Files(s3, settings.bucket("inputs")),
        results=S3Files(s3, settings.bucket("results")),
        store=archive_store(settings, aws, context.now),
        periods=DynamoLostPeriods(dynamodb, settings.prefix),
        now=context.now,
    )


def recover(since: datetime, ports: Ports) -> Iterator[dict[str, str | None]]:
    """Open the period from ``since`` until now, and save what can be saved of it.

    Yields what was done, and what an operator has to look at. Can be repeated: the period then ends
    later.
    """
    reason = "an operator restored the log"
    period = LostPeriod(f"restored-to-{since.isoformat()}", since, ports.now(), reason)
    # First of all: from now on nothing of the period is deleted.
    ports.periods.open(period)
    yield {"what": "period opened", **described(period)}
    # Unknown files first: a result that is adopted needs no archive any more.
    for finding in keep_unknown(period, ports):
        yield asdict(finding)
    for finding in bring_back_deleted(period, ports):
        yield asdict(finding)
    for event in submit_lost_again(period, ports):
        yield {"what": "submitted again", "user_id": event.data.user_id, "stream": event.subject}
    for finding in unknown_uploads(period, ports):
        yield asdict(finding)


def print_recovery(arguments: argparse.Namespace, ports: Ports) -> int:
    """Recover, and print one JSON object on each line."""
    for line in recover(arguments.since, ports):
        print(json.dumps(line))
    return 0


def print_periods(ports: Ports) -> int:
    """Print the open periods, one JSON object on each line; exit status 1 if there is one."""
    periods = ports.periods.all()
    for period in periods:
        print(json.dumps(described(period)))
    return 1 if periods else 0


def moment(text: str) -> datetime:
    """A moment in ISO 8601, with its offset from UTC. Raises argparse.ArgumentTypeError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time in ISO 8601, such as 2026-11-29T05:00:00Z"
        ) from None
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} has no time zone: add Z or +00:00")
    return found.astimezone(UTC)
