"""The loop of reconciliation: lost notices, lost attempts, lost messages, files left by crashes.

Each task runs once in each of its periods, in the process that claims it first. A task that runs
twice, or is interrupted, does no harm: each loads the job before it acts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from gas.aws.errors import AwsError
from gas.messaging.effect_claims import Claim
from reconciler.jobs import resend_lost_submissions, retry_lost_attempts
from reconciler.leftovers import delete_orphans, delete_unused_uploads
from reconciler.ports import Ports
from reconciler.restores import check_overdue_restores

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Task:
    """A task and how often it runs. ``name`` is part of the stored claim, so it never changes."""

    name: str
    period: timedelta
    run: Callable[[Ports], None]


def reconcile(ports: Ports) -> None:
    """Run each task that no process has run in the task's current period."""
    for task in TASKS:
        period = int(ports.now().timestamp() // task.period.total_seconds())
        claim_id = f"{task.name}/{period}"
        try:
            if ports.claims.claim(claim_id) in {Claim.OURS, Claim.INHERITED}:
                task.run(ports)
                ports.claims.complete(claim_id)
        except Exception as error:
            # A task that fails must stop neither the other tasks nor its own next period.
            logger.exception("reconciliation task failed", task=task.name, error=str(error))


def run(stop: threading.Event, *, wire: Callable[[], Ports], seconds: float) -> None:
    """Reconcile every ``seconds`` until ``stop`` is set. ``wire`` makes the ports.

    The ports are made here, not at start: while AWS does not answer, the restorer must start
    anyway.
    """
    # This thread's log lines; the rest of the process logs as `restorer`.
    structlog.contextvars.bind_contextvars(service="reconciler")
    ports: Ports | None = None
    while not stop.wait(seconds):
        try:
            ports = ports or wire()
            reconcile(ports)
        except AwsError as error:
            logger.warning("reconciliation not possible, AWS does not answer", error=str(error))


TASKS = (
    Task("log", timedelta(minutes=1), lambda ports: ports.watch.follow()),
    Task("restores", timedelta(minutes=1), check_overdue_restores),
    Task("attempts", timedelta(minutes=1), retry_lost_attempts),
    Task("submissions", timedelta(minutes=5), resend_lost_submissions),
    Task("uploads", timedelta(days=1), delete_unused_uploads),
    Task("orphans", timedelta(days=1), delete_orphans),
)
