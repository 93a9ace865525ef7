"""What nobody else notices: notices that never came, attempts that were lost, what crashes left.

Each task is done once in each of its periods, by whichever process claims it first; done twice, or
cut short, it does no harm.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from gas.aws.errors import AwsError
from gas.messaging.effect_claims import Claim
from reconciler.jobs import lost_attempts, lost_submissions
from reconciler.leftovers import orphans, unused_uploads
from reconciler.ports import Ports
from reconciler.restores import overdue_restores

logger = structlog.get_logger()


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
                ports.claims.complete(claim_id)
        except Exception as error:
            # One task that fails keeps neither the others nor the next period from their work.
            logger.exception("reconciliation was cut short", task=task.name, error=str(error))


def run(stop: threading.Event, *, wire: Callable[[], Ports], seconds: float) -> None:
    """Reconcile every ``seconds`` until ``stop`` is set; its log lines name ``reconciler``."""
    structlog.contextvars.bind_contextvars(service="reconciler")
    ports: Ports | None = None
    while not stop.wait(seconds):
        try:
            ports = ports or wire()
            reconcile(ports)
        except AwsError as error:
            logger.warning("reconciliation cannot begin", error=str(error))


TASKS = (
    Task("restores", timedelta(minutes=1), overdue_restores),
    Task("attempts", timedelta(minutes=1), lost_attempts),
    Task("submissions", timedelta(minutes=5), lost_submissions),
    Task("uploads", timedelta(days=1), unused_uploads),
    Task("orphans", timedelta(days=1), orphans),
)
