"""What a process writes events with, on AWS."""

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
    """The clock of every process."""
    return datetime.now(UTC)


def write_context_for(
    service: str, settings: Settings, aws: Aws, now: Callable[[], datetime] = utc_now
) -> WriteContext:
    """What ``service`` writes with, on AWS."""
    return WriteContext(
        log=DynamoEventLog(aws.dynamodb(), settings.prefix),
        bus=SnsEventBus(aws.sns(), settings.topic_arn("events")),
        now=now,
        new_id=new_id,
        source=f"/gas/{service}",
    )


def job_repository(write_context: WriteContext) -> JobRepository:
    """The job streams."""
    return Repository(JOB, write_context)


def account_repository(write_context: WriteContext) -> AccountRepository:
    """The account streams."""
    return Repository(ACCOUNT, write_context)
