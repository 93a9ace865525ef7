"""Faults in suspensions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import archiver.handler
from annotator.fair_scheduling import FairScheduler
from gas.domain.account import Account
from gas.domain.job import Job
from gas.domain.job_rules import ArchivePolicy, archive_due
from gas.events import AccountReinstated
from tests.simulation.mutations.registry import Patches, mutation


@mutation
def archive_results_of_a_suspended_user() -> Patches:
    def mutant(job: Job, account: Account, policy: ArchivePolicy) -> datetime | None:
        return archive_due(job, replace(account, suspended_at=None), policy)

    return [(archiver.handler, "archive_due", mutant)]


@mutation
def nothing_is_archived_that_was_due_during_a_suspension() -> Patches:
    handle = archiver.handler.handle

    def mutant(event: Any, fan_out_job_id: Any, ports: Any) -> None:
        if not isinstance(event.data, AccountReinstated):
            handle(event, fan_out_job_id, ports)

    return [(archiver.handler, "handle", mutant)]


@mutation
def waiting_jobs_of_a_suspended_user_start() -> Patches:
    acquire = FairScheduler.acquire

    def mutant(scheduler: FairScheduler, job: Job, account: Account | None) -> Any:
        free = replace(account, suspended_at=None) if account else None
        return acquire(scheduler, job, free)

    return [(FairScheduler, "acquire", mutant)]


@mutation
def waiting_for_the_end_of_a_suspension_counts_as_a_failure() -> Patches:
    acquire = FairScheduler.acquire

    def mutant(scheduler: FairScheduler, job: Job, account: Account | None) -> Any:
        if account and account.is_suspended:
            raise LookupError("the user is suspended")
        return acquire(scheduler, job, account)

    return [(FairScheduler, "acquire", mutant)]
