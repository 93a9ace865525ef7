"""Faults in archiving."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import archiver.handler
from gas.aws.errors import AwsError
from gas.domain import job_rules
from gas.domain.account import Account
from gas.domain.job import COLD
from gas.domain.job_rules import Archive
from gas.events import AccountDowngraded, ArchiveCopy, JobRestored, Plan, ResultKind
from tests.simulation.mutations.registry import Patches, mutation
from tests.support.world import BEGINNING


@mutation
def archive_without_the_plan_condition() -> Patches:
    def mutant(job: Any, copy: Any, guard: Any, cause: Any, ports: Any) -> Any:
        return ports.jobs.execute(job.job_id, Archive(copy), known=job, cause=cause)

    return [(archiver.handler, "_append", mutant)]


@mutation
def delete_the_warm_result_before_the_copy_is_made() -> Patches:
    move = archiver.handler._move

    def mutant(job: Any, account: Any, cause: Any, ports: Any) -> None:
        ports.results.delete([job.result(ResultKind.VCF).key])
        move(job, account, cause, ports)

    return [(archiver.handler, "_move", mutant)]


@mutation
def delete_the_warm_result_before_the_archive_is_recorded() -> Patches:
    append = archiver.handler._append

    def mutant(job: Any, copy: Any, guard: Any, cause: Any, ports: Any) -> Any:
        ports.results.delete([job.result(ResultKind.VCF).key])
        return append(job, copy, guard, cause, ports)

    return [(archiver.handler, "_append", mutant)]


@mutation
def the_warm_copy_of_an_archival_that_died_is_left_to_others() -> Patches:
    return [(archiver.handler, "_is_latest", lambda *_: True)]


@mutation
def a_failed_lookup_of_the_plan_counts_as_free() -> Patches:
    archive = archiver.handler.archive

    class Guessing:
        def __init__(self, accounts: Any) -> None:
            self._accounts = accounts

        def get(self, user_id: str) -> Account:
            try:
                found: Account = self._accounts.get(user_id)
            except AwsError:
                return Account(user_id, Plan.FREE, BEGINNING, BEGINNING, 1)
            return found

    def mutant(job_id: str, cause: Any, ports: Any) -> None:
        archive(job_id, cause, replace(ports, accounts=Guessing(ports.accounts)))

    def unguarded(job: Any, copy: Any, guard: Any, cause: Any, ports: Any) -> Any:
        return ports.jobs.execute(job.job_id, Archive(copy), known=job, cause=cause)

    return [(archiver.handler, "archive", mutant), (archiver.handler, "_append", unguarded)]


@mutation
def a_made_up_archive_id_is_recorded_after_an_error() -> Patches:
    move = archiver.handler._move

    class InventingIds:
        def __init__(self, store: Any) -> None:
            self._store = store

        def put(self, user_id: str, job_id: str, warm: Any) -> ArchiveCopy:
            try:
                copy: ArchiveCopy = self._store.put(user_id, job_id, warm)
            except AwsError:
                return ArchiveCopy(
                    store="s3",
                    archive_id=f"{user_id}/{job_id}/none/none",
                    size_bytes=warm.size_bytes,
                    sha256=warm.sha256,
                )
            return copy

        def delete(self, copy: Any) -> None:
            self._store.delete(copy)

    return [
        (
            archiver.handler,
            "_move",
            lambda job, account, cause, ports: move(
                job, account, cause, replace(ports, store=InventingIds(ports.store))
            ),
        )
    ]


@mutation
def an_interrupted_archival_is_not_finished() -> Patches:
    archive = archiver.handler.archive

    def mutant(job_id: str, cause: Any, ports: Any) -> None:
        job = ports.jobs.load(job_id)
        if job and job.status not in COLD:
            archive(job_id, cause, ports)

    return [(archiver.handler, "archive", mutant)]


@mutation
def archive_before_the_grace_period_is_over() -> Patches:
    def mutant(job: Any, account: Any, policy: Any) -> Any:
        due = job_rules.archive_due(job, account, policy)
        return due and due - policy.grace

    return [(archiver.handler, "archive_due", mutant)]


@mutation
def a_restored_result_is_never_archived_again() -> Patches:
    return _ignoring(JobRestored)


@mutation
def a_downgrade_is_ignored() -> Patches:
    return _ignoring(AccountDowngraded)


def _ignoring(body: type) -> Patches:
    handle = archiver.handler.handle

    def mutant(event: Any, fan_out_job_id: Any, ports: Any) -> None:
        if not isinstance(event.data, body):
            handle(event, fan_out_job_id, ports)

    return [(archiver.handler, "handle", mutant)]
