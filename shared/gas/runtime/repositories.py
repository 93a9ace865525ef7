"""Repositories on AWS: the DynamoDB event log, the SNS bus, the clock and the ids."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from gas.aws.clients import Aws
from gas.events import new_id
from gas.eventstore.dynamo_log import DynamoEventLog
from gas.eventstore.publisher import DeferredMarks, SnsEventBus
from gas.eventstore.repository import (
    ACCOUNT,
    JOB,
    AccountRepository,
    JobRepository,
    Repository,
    WriteContext,
)
from gas.settings import Settings


def utc_now() -> datetime:
    """The current time in UTC: the clock of every process."""
    return datetime.now(UTC)


def write_context_for(
    service: str, settings: Settings, aws: Aws, now: Callable[[], datetime] = utc_now
) -> WriteContext:
    """The ports that ``service`` needs to write events."""
    log = DynamoEventLog(aws.dynamodb(), settings.prefix)
    return WriteContext(
        log=log,
        bus=SnsEventBus(aws.sns(), settings.topic_arn("events")),
        now=now,
        new_id=new_id,
        source=f"/gas/{service}",
    )


def deferring_marks(context: WriteContext, seconds: float) -> WriteContext:
    """The same ports, but published events leave the outbox ``seconds`` later, many in one request.

    Much less than the age at which the relay would publish them again. For a process that lives
    on; what is left at its orderly end is done then.
    """
    marks = DeferredMarks(context.log, seconds)
    atexit.register(marks.flush)
    return replace(context, marks=marks)


def job_repository(write_context: WriteContext) -> JobRepository:
    """The repository of jobs."""
    return Repository(JOB, write_context)


def account_repository(write_context: WriteContext) -> AccountRepository:
    """The repository of accounts."""
    return Repository(ACCOUNT, write_context)
