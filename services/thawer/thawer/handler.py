"""The thawer's handler. The order of effects is: copy back, check, append, delete the cold copy.

The warm copy is checked before ``job.restored`` is appended, so the projection never refers to a
file that does not exist; the cold copy is deleted last, so a complete copy exists at every instant.
The warm copy gets a new key each time, so a late delete of the key that was archived cannot hit it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gas.archive.restore_request import request_restore
from gas.archive.store import ArchiveStore, Notice, RestoreRequestPending, parse_own_notice
from gas.domain.errors import IllegalStep
from gas.domain.job import COLD, Job
from gas.domain.job_rules import Restore
from gas.events import ArchiveCopy, ResultFile, ResultKind
from gas.eventstore.repository import JobRepository
from gas.files.bucket import Files
from gas.messaging.delivery import POSTPONED, Postponed
from gas.observability import tracing

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ports:
    """What the thawer works with."""

    jobs: JobRepository
    results: Files
    store: ArchiveStore
    now: Callable[[], datetime]
    new_id: Callable[[], str]


def handle(body: str, ports: Ports) -> None:
    """Thaw every result that a message announces: the store's own notice, or reconciliation's.

    Raises Postponed where a failed retrieval is being requested again by another process,
    InvalidEvent for a message that is no notice.
    """
    own = parse_own_notice(body)
    for notice in [own] if own else ports.store.parse_notice(body):
        with (
            tracing.noticed(notice.job_id, "process restore notice", POSTPONED),
            structlog.contextvars.bound_contextvars(job_id=notice.job_id),
        ):
            try:
                thaw(notice, ports)
            except RestoreRequestPending as pending:
                raise Postponed(ports.now() + timedelta(seconds=pending.seconds)) from None


def thaw(notice: Notice, ports: Ports) -> None:
    """Thaw one result, or finish a thaw that a crash interrupted.

    Raises StillCold if the copy is not readable yet, RestoreRequestPending.
    """
    job = ports.jobs.load(notice.job_id)
    if job is None:
        logger.warning("notice for an unknown job", archive_id=notice.archive_id)
        return
    if job.freed_archive and job.freed_archive.archive_id == notice.archive_id:
        # Thawed before; the process may have died before it deleted the cold copy.
        ports.store.delete(job.freed_archive)
        return
    copy = job.archive
    if job.status not in COLD or copy is None or copy.archive_id != notice.archive_id:
        logger.info("notice for another copy", archive_id=notice.archive_id)
        return
    if notice.succeeded:
        _bring_back(job, copy, notice.retrieval, ports)
    elif notice.retrieval == job.retrieval:  # an older retrieval's failure changes nothing
        logger.warning("retrieval failed, requesting it again", archive_id=notice.archive_id)
        request_restore(job, ports.store, ports.jobs)


def _bring_back(job: Job, copy: ArchiveCopy, retrieval: str | None, ports: Ports) -> None:
    # The user's file name, from the key that the archiver freed.
    name = job.freed_keys[-1].rsplit("/", 1)[-1]
    warm = ResultFile(
        kind=ResultKind.VCF,
        key=f"{job.user_id}/{job.job_id}/{ports.new_id()}/{name}",
        size_bytes=copy.size_bytes,
        sha256=copy.sha256,
    )
    with tracing.span("copy back from cold storage", bytes=copy.size_bytes):
        ports.store.fetch(copy, warm, retrieval)
    try:
        restored = ports.jobs.execute(job.job_id, Restore(warm), known=job)
    except IllegalStep as reason:
        # The user deleted the job meanwhile.
        logger.info("not restored", reason=str(reason))
        ports.results.delete([warm.key])
        return
    if warm not in restored.results:
        # Another delivery was first: its warm copy is the job's, and no event names ours.
        ports.results.delete([warm.key])
    if restored.freed_archive == copy:
        # Also if another delivery was first: it may have died before its own delete.
        ports.store.delete(copy)
    # A notice may overtake job.restore_requested: then the time is unknown and counts as 0.
    requested_at = job.restore_requested_at or ports.now()
    seconds = (ports.now() - requested_at).total_seconds()
    logger.info("restored", archive_id=copy.archive_id, metrics={"restore_seconds": seconds})
