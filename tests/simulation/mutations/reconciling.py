"""Faults in reconciliation, in paying once, and in the limits of running jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from annotator.fair_scheduling import FairScheduler
from gas.archive.store import RestoreRequestPending
from gas.archive.vault import VaultArchiveStore
from gas.events import Plan
from gas.files.bucket import Pin
from gas.memory.effect_claims import MemoryEffectClaims
from gas.memory.files import MemoryFiles
from gas.messaging.effect_claims import Claim
from gas.recovery import command
from gas.recovery.witness import Watch
from reconciler import leftovers, loop
from reconciler.ports import Ports
from tests.simulation import schedule, system
from tests.simulation.mutations.registry import Patches, mutation


@mutation
def a_restore_whose_notice_was_lost_stays_lost() -> Patches:
    kept = tuple(task for task in loop.TASKS if task.name != "restores")
    return [(loop, "TASKS", kept)]


@mutation
def orphans_are_never_removed() -> Patches:
    kept = tuple(task for task in loop.TASKS if task.name != "orphans")
    return [(loop, "TASKS", kept)]


@mutation
def a_new_file_is_taken_for_an_orphan() -> Patches:
    at_once = [(leftovers, "SAFE_AGE", timedelta())]
    return at_once + _often("orphans")


@mutation
def a_restored_log_is_believed_as_if_it_were_whole() -> Patches:
    return [(leftovers, "lost_periods", lambda _: [])]


@mutation
def nobody_notices_that_the_log_was_restored() -> Patches:
    return [(Watch, "check", lambda _: None)]


@mutation
def deletions_of_a_lost_period_are_not_undone() -> Patches:
    return [(command, "bring_back_deleted", lambda *_: iter(()))]


@mutation
def a_submitted_upload_is_taken_for_an_unused_one() -> Patches:
    def mutant(ports: Ports) -> None:
        for file in ports.inputs.stored_before(ports.now() - leftovers.SAFE_AGE):
            ports.inputs.delete([file.key])

    return _instead_of("uploads", mutant)


@mutation
def an_upload_that_becomes_a_job_meanwhile_is_deleted() -> Patches:
    def mutant(ports: Ports) -> None:
        for file in ports.inputs.stored_before(ports.now()):
            upload = ports.uploads.get(file.key.rpartition("/")[2])
            if upload is None or upload.job_id is None:
                ports.inputs.delete([file.key])

    return _instead_of("uploads", mutant)


@mutation
def an_upload_without_a_job_is_never_removed() -> Patches:
    kept = tuple(task for task in loop.TASKS if task.name != "uploads")
    return [(loop, "TASKS", kept)]


@mutation
def a_job_that_is_run_again_loses_its_input() -> Patches:
    def mutant(self: MemoryFiles, key: str, to: str, pin: Pin | None = None) -> None:
        self.write(to, self._content(key, pin))
        self.erase(key)

    return [(MemoryFiles, "copy", mutant)]


@mutation
def a_retrieval_is_requested_without_a_claim() -> Patches:
    def mutant(self: Any, label: Any) -> Any:
        return self._ask(label)

    return [(VaultArchiveStore, "_asked_once", mutant)]


@mutation
def an_inherited_claim_is_used_without_a_check() -> Patches:
    claim = MemoryEffectClaims.claim

    def mutant(self: MemoryEffectClaims, event_id: str) -> Claim:
        found = claim(self, event_id)
        return Claim.OURS if found is Claim.INHERITED else found

    return [(MemoryEffectClaims, "claim", mutant)]


@mutation
def two_notices_of_one_failure_are_two_new_retrievals() -> Patches:
    def mutant(self: Any, label: Any) -> Any:
        claim = self._claims.claim(label.archive_id)
        if claim is Claim.TAKEN:
            raise RestoreRequestPending(self._claims.claim_seconds)
        before = None if claim is Claim.OURS else self._asked_before(label.archive_id)
        asked = before or self._ask(label)
        self._claims.complete(label.archive_id)
        return asked

    return [(VaultArchiveStore, "_asked_once", mutant)]


@mutation
def the_limit_of_running_jobs_is_ignored() -> Patches:
    return [(system, "LIMITS", dict.fromkeys(Plan, 99)), (schedule, "MAX_TASKS", 12)]


def without_a_lease(self: Any, job: Any, account: Any) -> Any:
    """A lease of a made-up user, which limits nobody."""
    return self.leases.acquire(f"nobody-{self.new_id()}", job.job_id, self.new_id(), 1)


@mutation
def a_job_runs_without_a_lease_of_its_user() -> Patches:
    return [(FairScheduler, "acquire", without_a_lease)]


def _instead_of(name: str, run: Callable[[Ports], None]) -> Patches:
    """A task does something else, every minute."""
    kept = tuple(task for task in loop.TASKS if task.name != name)
    return [(loop, "TASKS", (*kept, loop.Task(name, timedelta(minutes=1), run)))]


def _often(name: str) -> Patches:
    """Run that task in every round, so that few schedules are enough."""
    frequent = tuple(
        replace(task, period=timedelta(seconds=1)) if task.name == name else task
        for task in loop.TASKS
    )
    return [(loop, "TASKS", frequent)]
