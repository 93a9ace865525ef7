"""Reconciliation of jobs whose attempt or message was lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, islice

import structlog

from gas.domain.errors import IllegalStep
from gas.domain.job import Job, JobStatus
from gas.domain.job_rules import GIVEN_UP, Fail
from gas.events import FailureCode, Lane, first_id_at
from gas.eventstore.rows import running, sortable_time, waiting
from gas.messaging.delivery import MAX_INTERRUPTIONS
from gas.messaging.effect_claims import Claim
from gas.tables.jobs import UnfinishedJob
from reconciler.loading import loaded
from reconciler.ports import BATCH, Ports

logger = structlog.get_logger()

LOST_AFTER = timedelta(minutes=20)
"""A job without a sign of life for this long is lost.

Longer than the longest pause between two deliveries of a message (15 minutes, SQS's longest delay):
a shorter time would start jobs again that are only waiting for their retry.
"""

_MAX_PAGES = 100  # of waiting jobs that one run looks through

MAX_ATTEMPTS = 10 + MAX_INTERRUPTIONS
"""A job that was lost after this many attempts fails, so that it does not run for ever.

Attempts that a deployment interrupted are among them, and none of these may cost the job.
"""


def retry_lost_attempts(ports: Ports) -> None:
    """Publish ``job.submitted`` again for running jobs without a heartbeat; fail hopeless ones."""
    before = ports.now() - LOST_AFTER
    lanes = (ports.job_table.open(running(lane), sortable_time(before), BATCH) for lane in Lane)
    silent = (
        (found, found.job_id)
        for found in chain.from_iterable(lanes)
        if not ((progress := ports.progress.get(found.job_id)) and progress.heartbeat_at > before)
    )
    # The index lags: only the stream shows whether the job still runs.
    for _, job in loaded(silent, ports):
        if job is None or job.status is not JobStatus.RUNNING:
            continue
        if job.attempt < MAX_ATTEMPTS:
            _publish_again(job, ports)
        else:
            _give_up(job, ports)


def resend_lost_submissions(ports: Ports) -> None:
    """Publish ``job.submitted`` again for jobs that have waited long: their message may be lost.

    If it is not lost the job gets a second message, which finds the job running or ended.
    """
    for lane in Lane:
        found = islice(_allowed_to_start(lane, ports), BATCH)
        for _, job in loaded(((one, one.job_id) for one in found), ports):
            if job and job.status is JobStatus.SUBMITTED:
                _publish_again(job, ports)


def _allowed_to_start(lane: Lane, ports: Ports) -> Iterator[UnfinishedJob]:
    """The jobs that have waited long and not for the end of a suspension, oldest first.

    A suspended user's job keeps its message, which comes back every quarter of an hour. A second
    one in each period would add up, and many such jobs would hide those whose message is lost.
    """
    before, after = first_id_at(ports.now() - LOST_AFTER), ""
    suspended: dict[str, bool] = {}
    for _ in range(_MAX_PAGES):
        page = ports.job_table.open(waiting(lane), before, BATCH, after)
        for found in page:
            if found.user_id not in suspended:
                account = ports.accounts.get(found.user_id)
                suspended[found.user_id] = account is not None and account.is_stopped
            if not suspended[found.user_id]:
                yield found
        if len(page) < BATCH:
            return
        after = page[-1].at


def _publish_again(job: Job, ports: Ports) -> None:
    # The claim limits this to once in LOST_AFTER for each version of the job. Without it every run
    # of the task would add a message for a job that waits in a long queue.
    period = int(ports.now().timestamp() // LOST_AFTER.total_seconds())
    claim_id = f"{job.job_id}/{job.version}/{period}"
    if ports.claims.claim(claim_id) in {Claim.OURS, Claim.INHERITED}:
        logger.warning("job.submitted published again", job_id=job.job_id, status=job.status)
        ports.jobs.publish_again(job.job_id)
        ports.claims.complete(claim_id)


def _give_up(job: Job, ports: Ports) -> None:
    logger.error(
        "gave up on the job",
        job_id=job.job_id,
        attempts=job.attempt,
        code=FailureCode.INTERNAL,
        metrics={"given_up": 1, "failed_jobs": 1},
        metrics_by="code",
    )
    try:
        ports.jobs.execute(job.job_id, Fail(FailureCode.INTERNAL, GIVEN_UP), known=job)
    except IllegalStep as reason:
        logger.info("the job had already ended", job_id=job.job_id, reason=str(reason))
