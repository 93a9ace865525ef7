"""Everything that the archiver works with, passed in so that tests can replace it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gas.archive.store import ArchiveStore
from gas.domain.job_rules import ArchivePolicy
from gas.eventstore.repository import AccountRepository, JobRepository
from gas.files.bucket import Files
from gas.messaging.fan_out import FanOut
from gas.tables.accounts import AccountTable
from gas.tables.jobs import JobTable
from gas.tables.personal import PersonalTable
from gas.tables.profiles import ProfileTable
from gas.tables.sessions import SessionTable
from gas.tables.uploads import UploadTable


@dataclass(frozen=True, slots=True)
class Ports:
    """What the archiver works with.

    ``account_streams`` and the tables from ``sessions`` on are for the end of accounts. ``parts``
    is the bucket of files that are annotated in some.
    """

    jobs: JobRepository
    job_table: JobTable
    accounts: AccountTable
    results: Files
    inputs: Files
    store: ArchiveStore
    fan_out: FanOut
    personal: PersonalTable
    now: Callable[[], datetime]
    policy: ArchivePolicy
    account_streams: AccountRepository
    sessions: SessionTable
    profiles: ProfileTable
    uploads: UploadTable
    parts: Files
