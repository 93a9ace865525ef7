"""The archiver of a running stack at a later time: what it does hours after an account's end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

import archiver.__main__ as archiver_service
from archiver.closing import SETTLES_AFTER
from gas.aws.clients import Aws
from gas.domain.job import JobStatus
from gas.events import AccountClosed
from gas.eventstore.log import EventLog
from gas.runtime.repositories import utc_now, write_context_for
from gas.runtime.worker import Stopping, Worker
from gas.settings import ColdSettings, load
from gas.tables.jobs import DynamoJobTable
from local.stack import Stack

_SOON = timedelta(minutes=1)


class LateArchiver:
    """Works on the stack's tables and buckets; its clock is ahead of the stack's."""

    def __init__(self) -> None:
        self.settings = load(ColdSettings)
        self.aws = Aws(self.settings)
        context = write_context_for("archiver", self.settings, self.aws, _later)
        self.log: EventLog = context.log
        worker = Worker("archiver", self.settings, self.aws, context, Stopping())
        self._spec = archiver_service.consumer_spec(worker, self.settings)

    def follow_the_end(self, user_id: str) -> None:
        """Handle the account's end once more. Raises Postponed where something is left."""
        (closed,) = (
            event
            for event in self.log.read(f"account/{user_id}")
            if isinstance(event.data, AccountClosed)
        )
        self._spec.handle(closed.to_json())

    def jobs_of(self, user_id: str) -> list[str]:
        """The ids of the user's jobs that are not deleted."""
        table = DynamoJobTable(self.aws.dynamodb(), self.settings.prefix)
        alive = set(JobStatus) - {JobStatus.DELETED}
        return [job.job_id for status in alive for job in table.with_status(user_id, status)]

    def objects_of(self, user_id: str) -> list[str]:
        """Every version of every object of that user, deleted or not, and every copy half done."""
        s3, found = self.aws.s3(), []
        for name in ("inputs", "results", "archive"):
            bucket = self.settings.bucket(name)
            page = s3.list_object_versions(Bucket=bucket, Prefix=f"{user_id}/")
            versions = page.get("Versions", []) + page.get("DeleteMarkers", [])
            begun = s3.list_multipart_uploads(Bucket=bucket, Prefix=f"{user_id}/")
            found += [f"{name}: {one['Key']}" for one in versions + begun.get("Uploads", [])]
        return found


@contextmanager
def late_archiver(stack: Stack) -> Iterator[LateArchiver]:
    """The stack's archiver as it is when an account has settled."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in stack.environment().items():
            patch.setenv(name, value)
        yield LateArchiver()


def _later() -> datetime:
    return utc_now() + SETTLES_AFTER + _SOON
