"""What nobody else notices: notices that never came, attempts that were lost, what crashes left.

Each task is done once in each of its periods, by whichever process claims it first; done twice, or
cut short, it does no harm.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeGuard

import structlog

from gas.domain.errors import IllegalStep
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import GIVEN_UP, Fail
from gas.events import ArchiveCopy, FailureCode, Lane, first_id_at
from gas.platform.archive.asking import ask
from gas.platform.archive.store import ArchiveStore, AskedByAnother, Notice, Readiness
from gas.platform.aws import AwsError
from gas.platform.bus import Bus
from gas.platform.files import Files, NoSuchFile
from gas.platform.inbox import Claim, Inbox
from gas.platform.journal import Jobs
from gas.platform.log import EventLog
from gas.platform.progress import ProgressTable
from gas.platform.queue import Queue
from gas.platform.rows import RESTORING, running, sortable, waiting
from gas.platform.tables import JobTable, OpenJob
from gas.platform.uploads import UploadTable

logger = structlog.get_logger()

LOST_AFTER = timedelta(minutes=20)
"""Longer than the longest pause between two attempts, so that an attempt that is late is lost."""
SAFE_AGE = timedelta(days=1)
"""Twice as long as a message can be held: what was stored before that will not be named now."""
MOST_ATTEMPTS = 10
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Ports:
    """What reconciliation works with; ``notices`` is the thawer's queue."""

    jobs: Jobs
    job_table: JobTable
    log: EventLog
    bus: Bus
    progress: ProgressTable
    uploads: UploadTable
    inputs: Files
    results: Files
    store: ArchiveStore
    notices: Queue
    claims: Inbox
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Task:
    """Something to look after, every so often."""

    name: str
    period: timedelta
    run: Callable[[Ports], None]


def reconcile(ports: Ports) -> None:
    """Do each task that nobody has done in this period of it."""
    for task in TASKS:
        turn = int(ports.now().timestamp() // task.period.total_seconds())
        claim_id = f"{task.name}/{turn}"
        try:
            if ports.claims.claim(claim_id) in {Claim.OURS, Claim.INHERITED}:
                task.run(ports)
                ports.claims.settle(claim_id)
        except Exception as error:
            # One task that fails keeps neither the others nor the next period from their work.
            logger.exception("reconciliation was cut short", task=task.name, error=str(error))


def run(stop: threading.Event, *, wire: Callable[[], Ports], seconds: float) -> None:
    """Reconcile every ``seconds`` until ``stop`` is set."""
    ports: Ports | None = None
    while not stop.wait(seconds):
        try:
            ports = ports or wire()
            reconcile(ports)
        except AwsError as error:
            logger.warning("reconciliation cannot begin", error=str(error))


def overdue_restores(ports: Ports) -> None:
    """Ask cold storage itself about every restore that it has not announced in time."""
    for found in ports.job_table.open(RESTORING, sortable(ports.now()), _BATCH):
        job = ports.jobs.load(found.job_id)
        if job is None or job.archive is None or job.status is not JobStatus.RESTORING:
            continue
        if job.restore_expected_by is None or job.restore_expected_by > ports.now():
            continue
        try:
            _overdue(job, job.archive, ports)
        except (*AwsError, NoSuchFile) as error:
            # A copy that cannot be asked about holds up nobody else's; its turn comes again.
            logger.warning("a restore stays overdue", job_id=job.job_id, error=str(error))


def _overdue(job: Job, archive: ArchiveCopy, ports: Ports) -> None:
    readiness = ports.store.readiness(archive, job.retrieval)
    logger.warning(
        "a restore is overdue",
        job_id=job.job_id,
        it_is=readiness.value,
        metrics={"overdue_restores": 1},
    )
    if readiness is Readiness.READABLE:
        ports.notices.send(Notice(job.job_id, archive.archive_id, job.retrieval).to_json())
    with contextlib.suppress(AskedByAnother):
        ask(job, ports.store, ports.jobs)  # what was asked before is promised anew, not paid


def lost_attempts(ports: Ports) -> None:
    """Have every running job without a heartbeat run again; give up one that was lost too often."""
    for found in _of_both_lanes(running, sortable(ports.now() - LOST_AFTER), ports):
        told = ports.progress.get(found.job_id)
        if told and told.heartbeat_at > ports.now() - LOST_AFTER:
            continue
        job = ports.jobs.load(found.job_id)
        if job is None or job.status is not JobStatus.RUNNING:
            continue
        if job.attempt < MOST_ATTEMPTS:
            _submit_again(job, ports)
        else:
            _give_up(job, ports)


def lost_submissions(ports: Ports) -> None:
    """Tell the annotators of jobs that have waited long: their message may be lost."""
    for found in _of_both_lanes(waiting, first_id_at(ports.now() - LOST_AFTER), ports):
        job = ports.jobs.load(found.job_id)
        if job and job.status is JobStatus.SUBMITTED:
            _submit_again(job, ports)


def _of_both_lanes(kind: Callable[[Lane], str], before: str, ports: Ports) -> list[OpenJob]:
    return [job for lane in Lane for job in ports.job_table.open(kind(lane), before, _BATCH)]


def _submit_again(job: Job, ports: Ports) -> None:
    turn = int(ports.now().timestamp() // LOST_AFTER.total_seconds())
    claim_id = f"{job.job_id}/{job.version}/{turn}"
    if ports.claims.claim(claim_id) in {Claim.OURS, Claim.INHERITED}:
        logger.warning("a job is told of again", job_id=job.job_id, status=job.status)
        ports.bus.publish(ports.log.read(f"job/{job.job_id}")[0])
        ports.claims.settle(claim_id)


def _give_up(job: Job, ports: Ports) -> None:
    logger.error(
        "giving a job up", job_id=job.job_id, attempts=job.attempt, metrics={"given_up": 1}
    )
    try:
        ports.jobs.execute(job.job_id, Fail(FailureCode.INTERNAL, GIVEN_UP), known=job)
    except IllegalStep as reason:
        logger.info("it had ended", reason=str(reason))


def unused_uploads(ports: Ports) -> None:
    """Remove every upload that was not submitted for a day."""
    for key in ports.inputs.stored_before(ports.now() - SAFE_AGE):
        upload_id = key.rsplit("/", 1)[-1]
        if ports.uploads.forget(upload_id):
            logger.info("an upload was never submitted", upload_id=upload_id)
            ports.inputs.delete([key])


def orphans(ports: Ports) -> None:
    """Remove results and archives that no job names: a crash fell between the copy and the log."""
    before = ports.now() - SAFE_AGE
    for copy in ports.store.stored_before(before):
        job = ports.jobs.load(copy.job_id)
        if not _is_alive(job) or job.archive is None or job.archive.archive_id != copy.archive_id:
            logger.warning("an archive of no job", archive_id=copy.archive_id)
            ports.store.delete(copy)
    for key in ports.results.stored_before(before):
        _, _, rest = key.partition("/")
        if not rest:
            logger.warning("a key that is not ours", key=key)
            continue
        job = ports.jobs.load(rest.partition("/")[0])
        if not _is_alive(job) or key not in {file.key for file in job.results}:
            logger.warning("a result of no job", key=key)
            ports.results.delete([key])


def _is_alive(job: Job | None) -> TypeGuard[Job]:
    return job is not None and job.status is not JobStatus.DELETED


TASKS = (
    Task("restores", timedelta(minutes=1), overdue_restores),
    Task("attempts", timedelta(minutes=1), lost_attempts),
    Task("submissions", timedelta(minutes=5), lost_submissions),
    Task("uploads", timedelta(days=1), unused_uploads),
    Task("orphans", timedelta(days=1), orphans),
)
