"""Faults of reconciliation, of paying once, and of taking turns."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from annotator.turns import Turns
from gas.events import Plan
from gas.platform.archive.store import AskedByAnother
from gas.platform.archive.vault import VaultArchiveStore
from gas.platform.inbox import Claim
from gas.platform.memory.log import MemoryUploadTable
from gas.platform.memory.messages import MemoryInbox
from restorer import reconciliation
from tests.simulation import schedule, system
from tests.simulation.mutations.registry import Patches, mutation


@mutation
def nobody_asks_for_a_restore_whose_notice_was_lost() -> Patches:
    kept = tuple(task for task in reconciliation.TASKS if task.name != "restores")
    return [(reconciliation, "TASKS", kept)]


@mutation
def orphans_are_never_removed() -> Patches:
    kept = tuple(task for task in reconciliation.TASKS if task.name != "orphans")
    return [(reconciliation, "TASKS", kept)]


@mutation
def what_no_job_names_yet_is_taken_for_an_orphan() -> Patches:
    soon = [(reconciliation, "SAFE_AGE", timedelta())]
    return soon + _often("orphans")


@mutation
def a_submitted_upload_is_taken_for_an_unused_one() -> Patches:
    def mutant(self: Any, upload_id: str) -> bool:
        return True

    return [(MemoryUploadTable, "forget", mutant), *_often("uploads")]


@mutation
def a_retrieval_is_asked_for_without_a_claim() -> Patches:
    def mutant(self: Any, label: Any) -> Any:
        return self._ask(label)

    return [(VaultArchiveStore, "_asked_once", mutant)]


@mutation
def who_inherits_a_claim_asks_without_looking() -> Patches:
    claim = MemoryInbox.claim

    def mutant(self: MemoryInbox, event_id: str) -> Claim:
        found = claim(self, event_id)
        return Claim.OURS if found is Claim.INHERITED else found

    return [(MemoryInbox, "claim", mutant)]


@mutation
def two_notices_of_one_failure_are_two_new_retrievals() -> Patches:
    def mutant(self: Any, label: Any) -> Any:
        claim = self._claims.claim(label.archive_id)
        if claim is Claim.TAKEN:
            raise AskedByAnother(self._claims.claim_seconds)
        before = None if claim is Claim.OURS else self._asked_before(label.archive_id)
        asked = before or self._ask(label)
        self._claims.settle(label.archive_id)
        return asked

    return [(VaultArchiveStore, "_asked_once", mutant)]


@mutation
def the_cap_on_running_jobs_is_not_kept() -> Patches:
    return [(system, "LIMITS", dict.fromkeys(Plan, 99)), (schedule, "MAX_TASKS", 12)]


def without_a_lease(self: Any, job: Any) -> Any:
    """A slot that nobody else knows of."""
    return self.slots.take(f"nobody-{self.new_id()}", job.job_id, self.new_id(), 1)


@mutation
def a_slot_is_taken_without_a_lease() -> Patches:
    return [(Turns, "take", without_a_lease)]


def _often(name: str) -> Patches:
    """Have that task run in every round, so that few schedules are enough."""
    hasty = tuple(
        replace(task, period=timedelta(seconds=1)) if task.name == name else task
        for task in reconciliation.TASKS
    )
    return [(reconciliation, "TASKS", hasty)]
