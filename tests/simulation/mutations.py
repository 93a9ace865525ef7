"""Deliberate faults in the production code: a test of the tests. Each must be caught.

Several are faults that public systems of this kind really have. A mutation replaces one function
by a version that is wrong in one way; the simulation then has to break within few schedules.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import annotator.handler
import archiver.handler
import restorer.handler
import thawer.handler
import web.submission
from gas.domain import job_rules
from gas.domain.account import Account
from gas.domain.job import COLD, JobStatus
from gas.domain.job_rules import Archive, Restore
from gas.events import AccountDowngraded, ArchiveCopy, JobRestored, Plan, ResultKind
from gas.platform import bus, journal
from gas.platform.aws import AwsError
from gas.platform.inbox import Claim
from gas.platform.log import ClaimUpload, Conflict
from gas.platform.memory.log import MemoryEventLog
from gas.platform.memory.messages import MemoryInbox
from gas.platform.settling import Settler
from tests.simulation import system
from tests.world import BEGINNING

Patches = list[tuple[Any, str, Any]]
MUTATIONS: dict[str, Callable[[], Patches]] = {}


def mutation(make: Callable[[], Patches]) -> Callable[[], Patches]:
    """Register a mutation under its function's name."""
    MUTATIONS[make.__name__.replace("_", " ")] = make
    return make


@contextmanager
def applied(name: str) -> Iterator[None]:
    """Run with that mutation in place."""
    with ExitStack() as stack:
        for target, attribute, replacement in MUTATIONS[name]():
            stack.enter_context(patch.object(target, attribute, replacement))
        yield


@mutation
def acknowledge_before_handling() -> Patches:
    settle = Settler.settle

    def mutant(self: Settler, message: Any) -> None:
        self.queue.delete(message)
        settle(self, message)

    return [(Settler, "settle", mutant)]


@mutation
def archive_without_the_plan_condition() -> Patches:
    def mutant(job: Any, copy: Any, guard: Any, cause: Any, ports: Any) -> Any:
        return ports.jobs.execute(job.job_id, Archive(copy), known=job, cause=cause)

    return [(archiver.handler, "_append", mutant)]


@mutation
def publish_before_commit() -> Patches:
    def execute(self: Any, id: str, command: Any, **more: Any) -> Any:
        state = more.get("known") or self.load(id)
        bodies = self._aggregate.decide(state, command)
        for event in self._seal(bodies, state.version if state else 0, more.get("cause")):
            self._pen.bus.publish(event)
        return original(self, id, command, **more)

    original = journal.Journal.execute
    return [(journal.Journal, "execute", execute)]


@mutation
def mark_as_published_before_publishing() -> Patches:
    def mutant(log: Any, to: Any, event: Any) -> None:
        try:
            log.mark_published(event)
            to.publish(event)
        except AwsError:
            pass

    return [(bus, "publish_committed", mutant), (journal, "publish_committed", mutant)]


@mutation
def no_relay() -> Patches:
    return [(bus.Relay, "sweep", lambda self: 0)]


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
def delete_the_cold_copy_before_the_thaw_is_recorded() -> Patches:
    def mutant(job: Any, ports: Any) -> None:
        copy = job.archive
        warm = job.results[0].model_copy(
            update={
                "kind": ResultKind.VCF,
                "key": f"{job.user_id}/{job.job_id}/{ports.new_id()}/f",
                "sha256": copy.sha256,
            }
        )
        ports.store.fetch(copy, warm)
        ports.store.delete(copy.archive_id)
        ports.jobs.execute(job.job_id, Restore(warm), known=job)

    return [(thawer.handler, "_bring_back", mutant)]


@mutation
def mail_without_a_mark() -> Patches:
    return [(MemoryInbox, "claim", lambda self, event_id: Claim.OURS)]


@mutation
def mark_a_mail_as_sent_before_sending() -> Patches:
    claim = MemoryInbox.claim

    def mutant(self: MemoryInbox, event_id: str) -> Claim:
        answer = claim(self, event_id)
        self.settle(event_id)
        return answer

    return [(MemoryInbox, "claim", mutant)]


@mutation
def projection_written_apart_from_the_log() -> Patches:
    append = MemoryEventLog.append

    def mutant(self: Any, events: Any, row: Any, guards: Any = ()) -> None:
        key = (row.table, tuple(row.key.values()))
        before = self._db.rows.get(key)
        append(self, events, row, guards)
        if before and events[0].streamversion % 3 == 0:
            self._db.rows[key] = before  # the second write did not come to pass

    return [(MemoryEventLog, "append", mutant)]


@mutation
def a_failed_plan_lookup_is_taken_for_free() -> Patches:
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
def the_archive_id_is_recorded_as_nothing_after_an_error() -> Patches:
    move = archiver.handler._move

    class Hoping:
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

        def delete(self, archive_id: str) -> None:
            self._store.delete(archive_id)

    return [
        (
            archiver.handler,
            "_move",
            lambda job, account, cause, ports: move(
                job, account, cause, replace(ports, store=Hoping(ports.store))
            ),
        )
    ]


@mutation
def an_already_read_stream_is_uploaded_as_the_result() -> Patches:
    store = annotator.handler._store

    def mutant(job: Any, folder: Any, ports: Any) -> Any:
        results = store(job, folder, ports)
        (folder / "annotated.vcf.gz").write_bytes(b"")
        ports.results.put(results[0].key, folder / "annotated.vcf.gz", "application/gzip")
        return results

    return [(annotator.handler, "_store", mutant)]


@mutation
def the_archive_is_deleted_when_the_lookup_misses() -> Patches:
    thaw = thawer.handler.thaw

    def mutant(notice: Any, ports: Any) -> None:
        try:
            thaw(notice, ports)
        except AwsError:
            ports.store.delete(notice.archive_id)

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
            lambda event, ports: handle(
                event, replace(ports, job_table=FirstPage(ports.job_table))
            ),
        )
    ]


@mutation
def a_restore_is_asked_and_paid_for_at_each_delivery() -> Patches:
    def mutant(event: Any, ports: Any) -> None:
        original(event, ports)
        for status in COLD:
            for job in ports.job_table.with_status(event.data.user_id, status):
                ports.store.asked.append(job.archive.archive_id)

    original = restorer.handler.handle
    return [(restorer.handler, "handle", mutant)]


@mutation
def the_restorer_gives_up_at_the_first_error() -> Patches:
    handle = restorer.handler.handle

    def mutant(event: Any, ports: Any) -> None:
        try:
            handle(event, ports)
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
            lambda job, ports: bring_back(job, replace(ports, new_id=OldKey(job.freed_keys[-1]))),
        )
    ]


@mutation
def a_copy_is_thawed_while_it_is_still_cold() -> Patches:
    bring_back = thawer.handler._bring_back

    class Hasty:
        def __init__(self, store: Any) -> None:
            self._store = store

        def fetch(self, copy: Any, to: Any) -> None:
            """The copy's header came back, and nobody looked at the rest."""

        def delete(self, archive_id: str) -> None:
            self._store.delete(archive_id)

    return [
        (
            thawer.handler,
            "_bring_back",
            lambda job, ports: bring_back(job, replace(ports, store=Hasty(ports.store))),
        )
    ]


@mutation
def an_archival_cut_short_is_not_finished() -> Patches:
    archive = archiver.handler.archive

    def mutant(job_id: str, cause: Any, ports: Any) -> None:
        job = ports.jobs.load(job_id)
        if job and job.status not in COLD:
            archive(job_id, cause, ports)

    return [(archiver.handler, "archive", mutant)]


@mutation
def archive_before_the_grace_period_is_over() -> Patches:
    def mutant(job: Any, account: Any, grace: Any) -> Any:
        due = job_rules.archive_due(job, account, grace)
        return due and due - grace

    return [(archiver.handler, "archive_due", mutant)]


@mutation
def nobody_is_told_when_attempts_run_out() -> Patches:
    return [(annotator.handler, "give_up", lambda body, reason, ports: None)]


@mutation
def a_lost_race_is_taken_for_won() -> Patches:
    execute = journal.Journal.execute

    def mutant(self: Any, id: str, command: Any, **more: Any) -> Any:
        pen = self._pen

        class Deaf:
            def append(self, events: Any, row: Any, guards: Any = ()) -> None:
                try:
                    pen.log.append(events, row, guards)
                except Conflict:
                    return

            def __getattr__(self, name: str) -> Any:
                return getattr(pen.log, name)

        deaf = journal.Journal(self._aggregate, replace(pen, log=Deaf()))
        return execute(deaf, id, command, **more)

    return [(journal.Journal, "execute", mutant)]


@mutation
def a_restored_result_is_never_archived_again() -> Patches:
    return _ignoring(JobRestored)


@mutation
def a_downgrade_is_ignored() -> Patches:
    return _ignoring(AccountDowngraded)


def _ignoring(body: type) -> Patches:
    handle = archiver.handler.handle

    def mutant(event: Any, ports: Any) -> None:
        if not isinstance(event.data, body):
            handle(event, ports)

    return [(archiver.handler, "handle", mutant)]


@mutation
def a_cancelled_job_can_complete() -> Patches:
    decide = job_rules.decide

    def mutant(job: Any, command: Any) -> Any:
        if job and job.status is JobStatus.CANCELLED and isinstance(command, job_rules.Complete):
            job = replace(job, status=JobStatus.RUNNING)
        return decide(job, command)

    return [(system, "JOB", replace(system.JOB, decide=mutant))]


@mutation
def the_loser_of_two_attempts_keeps_its_files() -> Patches:
    run = annotator.handler._run

    class Keeping:
        def __init__(self, files: Any) -> None:
            self._files = files

        def delete(self, keys: Any) -> None:
            """Somebody else will do it."""

        def __getattr__(self, name: str) -> Any:
            return getattr(self._files, name)

    return [
        (
            annotator.handler,
            "_run",
            lambda job, cause, ports: run(
                job, cause, replace(ports, results=Keeping(ports.results))
            ),
        )
    ]


@mutation
def an_upload_may_become_two_jobs() -> Patches:
    submit = web.submission.Submission._submit_new

    def mutant(self: Any, *arguments: Any) -> Any:
        class Unguarded:
            def __init__(self, jobs: Any) -> None:
                self._jobs = jobs

            def execute(self, id: str, command: Any, *, guards: Any) -> Any:
                kept = [guard for guard in guards if not isinstance(guard, ClaimUpload)]
                return self._jobs.execute(id, command, guards=kept)

        return submit(replace(self, jobs=Unguarded(self.jobs)), *arguments)

    return [(web.submission.Submission, "_submit_new", mutant)]
