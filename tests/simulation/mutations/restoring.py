"""Faults in restoring."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import restorer.handler
import thawer.handler
from gas.archive.store import StoredCopy
from gas.aws.errors import AwsError
from gas.domain.job import COLD, JobStatus
from gas.domain.job_rules import Restore
from gas.events import ResultKind, Tier
from tests.simulation.mutations.registry import Patches, mutation


@mutation
def delete_the_cold_copy_before_the_thaw_is_recorded() -> Patches:
    def mutant(job: Any, copy: Any, retrieval: Any, ports: Any) -> None:
        warm = job.results[0].model_copy(
            update={
                "kind": ResultKind.VCF,
                "key": f"{job.user_id}/{job.job_id}/{ports.new_id()}/f",
                "sha256": copy.sha256,
            }
        )
        ports.store.fetch(copy, warm, retrieval)
        ports.store.delete(copy)
        ports.jobs.execute(job.job_id, Restore(warm), known=job)

    return [(thawer.handler, "_bring_back", mutant)]


@mutation
def the_archive_is_deleted_when_the_lookup_misses() -> Patches:
    thaw = thawer.handler.thaw

    def mutant(notice: Any, ports: Any) -> None:
        try:
            thaw(notice, ports)
        except AwsError:
            ports.store.delete(StoredCopy(notice.job_id, "s3", notice.archive_id, ports.now()))

    return [(thawer.handler, "thaw", mutant)]


@mutation
def only_the_first_page_is_restored() -> Patches:
    handle = restorer.handler.handle

    class FirstPage:
        def __init__(self, table: Any) -> None:
            self._table = table

        def with_status(self, user_id: str, status: JobStatus) -> Iterator[Any]:
            return itertools.islice(self._table.with_status(user_id, status), 1)

    return [
        (
            restorer.handler,
            "handle",
            lambda event, fan_out_job_id, ports: handle(
                event, fan_out_job_id, replace(ports, job_table=FirstPage(ports.job_table))
            ),
        )
    ]


@mutation
def a_restore_is_requested_and_paid_for_at_each_delivery() -> Patches:
    def mutant(event: Any, fan_out_job_id: Any, ports: Any) -> None:
        original(event, fan_out_job_id, ports)
        for status in COLD:
            for job in ports.job_table.with_status(event.data.user_id, status):
                _pay(ports.store, job.archive.archive_id)

    original = restorer.handler.handle
    return [(restorer.handler, "handle", mutant)]


def _pay(store: Any, archive_id: str) -> None:
    vault = getattr(store, "_vault", None)
    if vault:
        vault.initiate(archive_id, "{}", Tier.STANDARD)
    else:
        store.asked.append(archive_id)


@mutation
def the_restorer_gives_up_at_the_first_error() -> Patches:
    handle = restorer.handler.handle

    def mutant(event: Any, fan_out_job_id: Any, ports: Any) -> None:
        try:
            handle(event, fan_out_job_id, ports)
        except AwsError:
            return

    return [(restorer.handler, "handle", mutant)]


@mutation
def a_thaw_reuses_the_old_key() -> Patches:
    bring_back = thawer.handler._bring_back

    class OldKey:
        def __init__(self, key: str) -> None:
            self._key = key

        def __call__(self) -> str:
            return self._key.split("/")[2]

    return [
        (
            thawer.handler,
            "_bring_back",
            lambda job, copy, retrieval, ports: bring_back(
                job, copy, retrieval, replace(ports, new_id=OldKey(job.freed_keys[-1]))
            ),
        )
    ]


@mutation
def a_copy_is_thawed_while_it_is_still_cold() -> Patches:
    bring_back = thawer.handler._bring_back

    class NotFetching:
        def __init__(self, store: Any) -> None:
            self._store = store

        def fetch(self, copy: Any, to: Any, retrieval: Any) -> None:
            """Fetch nothing and report success."""

        def delete(self, copy: Any) -> None:
            self._store.delete(copy)

    return [
        (
            thawer.handler,
            "_bring_back",
            lambda job, copy, retrieval, ports: bring_back(
                job, copy, retrieval, replace(ports, store=NotFetching(ports.store))
            ),
        )
    ]
