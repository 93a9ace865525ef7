"""Jobs whose attempt or message was lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog

from gas.domain.errors import IllegalStep
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import GIVEN_UP, Fail
from gas.events import FailureCode, Lane, first_id_at
from gas.eventstore.rows import running, sortable_time, waiting
from gas.messaging.effect_claims import Claim
from gas.tables.jobs import UnfinishedJob
from reconciler.ports import BATCH, Ports

logger = structlog.get_logger()

LOST_AFTER = timedelta(minutes=20)
"""Longer than the longest pause between two attempts, so that an attempt that is late is lost."""


MOST_ATTEMPTS = 10


def lost_attempts(ports: Ports) -> None:
    """Have every running job without a heartbeat run again; give up one that was lost too often."""
    for found in _of_both_lanes(running, sortable_time(ports.now() - LOST_AFTER), ports):
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


def _of_both_lanes(kind: Callable[[Lane], str], before: str, ports: Ports) -> list[UnfinishedJob]:
    return [job for lane in Lane for job in ports.job_table.open(kind(lane), before, BATCH)]


def _submit_again(job: Job, ports: Ports) -> None:
    turn = int(ports.now().timestamp() // LOST_AFTER.total_seconds())
    claim_id = f"{job.job_id}/{job.version}/{turn}"
    if ports.claims.claim(claim_id) in {Claim.OURS, Claim.INHERITED}:
        logger.warning("a job is told of again", job_id=job.job_id, status=job.status)
        ports.bus.publish(ports.log.read(f"job/{job.job_id}")[0])
        ports.claims.complete(claim_id)


def _give_up(job: Job, ports: Ports) -> None:
    logger.error(
        "giving a job up", job_id=job.job_id, attempts=job.attempt, metrics={"given_up": 1}
    )
    try:
        ports.jobs.execute(job.job_id, Fail(FailureCode.INTERNAL, GIVEN_UP), known=job)
    except IllegalStep as reason:
        logger.info("it had ended", reason=str(reason))
