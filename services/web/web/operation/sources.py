"""What the readings are made from: ports, all of them only read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gas.eventstore.log import EventLog
from gas.eventstore.recent import RecentEvents
from gas.files.bucket import Files
from gas.messaging.concurrency_leases import ConcurrencyLeases
from gas.messaging.queue_counts import QueueCounter
from gas.tables.jobs import JobTable
from gas.tables.presence import PresenceTable
from gas.tables.progress import ProgressTable
from gas.tables.stored import StoredTable
from web.published_bundles import OfferedBundles


@dataclass(frozen=True, slots=True)
class Sources:
    """``check`` raises an AwsError if the database does not answer.

    ``part_leases`` are of parts of files, ``leases`` of jobs.
    """

    counter: QueueCounter
    job_table: JobTable
    progress: ProgressTable
    leases: ConcurrencyLeases
    part_leases: ConcurrencyLeases
    log: EventLog
    recent: RecentEvents
    stored: StoredTable
    results: Files
    offered: OfferedBundles
    presence: PresenceTable
    check: Callable[[], object]
    now: Callable[[], datetime]
