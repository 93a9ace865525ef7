"""Thaw what a notice names. The order is: copy back, check, append, free the cold copy.

The warm copy gets a new key each time, so a late delete of an old one cannot hit it.
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
    """Thaw every result that a message of cold storage announces. Raises Later."""
    ours = parse_own_notice(body)
    for notice in [ours] if ours else ports.store.parse_notice(body):
        with (
            tracing.noticed(notice.job_id, "process restore notice", POSTPONED),
            structlog.contextvars.bound_contextvars(job_id=notice.job_id),
        ):
            try:
                thaw(notice, ports)
            except RestoreRequestPending as asked:
                raise Postponed(ports.now() + timedelta(seconds=asked.seconds)) from None


def thaw(notice: Notice, ports: Ports) -> None:
    """Thaw one result, or finish a thaw that was cut short."""
    job = ports.jobs.load(notice.job_id)
    if job is None:
        logger.warning("a notice for a job that does not exist", archive_id=notice.archive_id)
        return
    if job.freed_archive and job.freed_archive.archive_id == notice.archive_id:
        ports.store.delete(job.freed_archive)
        return
    copy = job.archive
    if job.status not in COLD or copy is None or copy.archive_id != notice.archive_id:
        logger.info("a notice for a copy that is not the job's", archive_id=notice.archive_id)
        return
    if notice.succeeded:
        _bring_back(job, copy, notice.retrieval, ports)
    elif notice.retrieval == job.retrieval:
        logger.warning("cold storage failed to give a copy back", archive_id=notice.archive_id)
        request_restore(job, ports.store, ports.jobs)


def _bring_back(job: Job, copy: ArchiveCopy, retrieval: str | None, ports: Ports) -> None:
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
        logger.info("no longer to be restored", reason=str(reason))
        ports.results.delete([warm.key])
        return
    if warm not in restored.results:
        # Another delivery was first: its warm copy is the job's, ours is one too many.
        ports.results.delete([warm.key])
    if restored.freed_archive == copy:
        # Also where another was first: it may have died before it came to this.
        ports.store.delete(copy)
    asked_at = job.restore_requested_at or ports.now()
    seconds = (ports.now() - asked_at).total_seconds()
    logger.info("restored", archive_id=copy.archive_id, metrics={"restore_seconds": seconds})
