"""Repositories on AWS: the DynamoDB event log, the SNS bus, the clock and the ids."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from gas.aws.clients import Aws
from gas.events import new_id
from gas.eventstore.dynamo_log import DynamoEventLog
from gas.eventstore.publisher import SnsEventBus
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
    return WriteContext(
        log=DynamoEventLog(aws.dynamodb(), settings.prefix),
        bus=SnsEventBus(aws.sns(), settings.topic_arn("events")),
        now=now,
        new_id=new_id,
        source=f"/gas/{service}",
    )


def job_repository(write_context: WriteContext) -> JobRepository:
    """The repository of jobs."""
    return Repository(JOB, write_context)


def account_repository(write_context: WriteContext) -> AccountRepository:
    """The repository of accounts."""
    return Repository(ACCOUNT, write_context)
