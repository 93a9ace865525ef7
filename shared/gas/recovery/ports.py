"""What recovery works with, passed in so that tests can replace it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gas.archive.store import ArchiveStore
from gas.eventstore.repository import JobRepository, WriteContext
from gas.files.bucket import Files
from gas.recovery.periods import LostPeriods
from gas.tables.uploads import UploadTable


@dataclass(frozen=True, slots=True)
class Ports:
    """The log, the buckets, and the table of uploads."""

    jobs: JobRepository
    write_context: WriteContext
    uploads: UploadTable
    inputs: Files
    results: Files
    store: ArchiveStore
    periods: LostPeriods
    now: Callable[[], datetime]
