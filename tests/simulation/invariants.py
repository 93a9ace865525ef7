"""What must hold after every step, and what must hold once everything has come to rest."""

from __future__ import annotations

from collections import Counter

from gas.domain.account import Account
from gas.domain.job import COLD, Job, JobStatus
from gas.events import JobReopened, Plan, ResultKind
from gas.eventstore.repository import ACCOUNT, JOB
from tests.simulation.engine import result_of
from tests.simulation.system import SUBSCRIPTIONS, System
from tests.simulation.tasks import Violation

_ENDED = {JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.DELETED}


def expect(condition: object, complaint: str) -> None:
    """Raise Violation unless the condition holds."""
    if not condition:
        raise Violation(complaint)


class Watch:
    """Remembers what it saw, so that each step costs only what changed."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._lengths: dict[str, int] = {}
        self.jobs: dict[str, Job] = {}
        self.accounts: dict[str, Account] = {}
        self._uploads: dict[str, str] = {}

    def look(self) -> None:
        """After every step: projection = fold, and a complete copy of every result."""
        for stream, texts in self._system.world.db.streams.items():
            if self._lengths.get(stream) != len(texts):
                self._lengths[stream] = len(texts)
                self._fold(stream)
        for job in self.jobs.values():
            self._has_a_copy(job)

    def _fold(self, stream: str) -> None:
        events = self._system.log.read(stream)
        world = self._system.world
        if stream.startswith("account/"):
            account = ACCOUNT.fold(events)
            assert account is not None
            self.accounts[stream] = account
            shown: object = world.account_table.get(account.user_id)
            expect(shown == account, f"the row of {stream} is not the fold of its events")
            return
        job = JOB.fold(events)
        assert job is not None
        before = self.jobs.get(stream)
        if before and before.status in _ENDED and job.status is not before.status:
            reopened = isinstance(events[-1].data, JobReopened)
            allowed = job.status is JobStatus.DELETED or reopened
            expect(allowed, f"{stream}: {before.status} → {job.status}")
        self.jobs[stream] = job
        shown = world.job_table.get(job.user_id, job.job_id)
        expect(shown == job, f"the row of {stream} is not the fold of its events")
        other = self._uploads.setdefault(job.input.key, job.job_id)
        expect(other == job.job_id, f"one upload became two jobs: {other} and {job.job_id}")

    def _has_a_copy(self, job: Job) -> None:
        if job.status is not JobStatus.COMPLETED and job.status not in COLD:
            return
        world = self._system.world
        wanted = result_of(self._system.contents[job.input.key])
        warm = job.result(ResultKind.VCF)
        if job.status in COLD:
            copies = self._system.cold.copies
            found = copies.get(job.archive.archive_id) if job.archive else None
        else:
            found = world.results.objects.get(warm.key) if warm else None
        expect(found == wanted, f"job {job.job_id} is {job.status} and has no complete copy")
        for file in job.results:
            expect(file.key in world.results.objects, f"job {job.job_id} lacks its {file.kind}")

    def at_rest(self) -> None:
        """Everything came to an end: nothing hangs, nothing is left over, everybody was told."""
        system, world = self._system, self._system.world
        for name in SUBSCRIPTIONS:
            expect(system.queues[name].depth() == 0, f"the queue of {name} is not empty")
        expect(not world.db.outbox, "events are still unpublished")
        published = {event.id for event in world.bus.published}
        expect(published == system.committed, "a committed event was never published")
        for job in self.jobs.values():
            self._job_at_rest(job)
        self._mails()
        if not system.simulator.faults:
            self._nothing_left_over()

    def days_later(self) -> None:
        """Reconciliation has been: whatever crashed, every file is some job's."""
        self._nothing_left_over()
        world = self._system.world
        alive = [job for job in self.jobs.values() if job.status is not JobStatus.DELETED]
        inputs = {job.input.key for job in alive}
        expect(world.inputs.objects.keys() == inputs, "uploads of no job, or jobs without theirs")

    def _job_at_rest(self, job: Job) -> None:
        world = self._system.world
        expect(not job.is_unfinished, f"job {job.job_id} hangs in {job.status}")
        account = self.accounts[f"account/{job.user_id}"]
        if account.plan is Plan.PREMIUM:
            expect(job.status not in COLD, f"a Premium user's job {job.job_id} is {job.status}")
        else:
            expect(
                job.status is not JobStatus.COMPLETED,
                f"job {job.job_id} of a Free user was never archived",
            )
            expect(job.status is not JobStatus.RESTORING, f"job {job.job_id} hangs in restoring")
        left = [key for key in job.freed_keys if key in world.results.objects]
        expect(not left, f"job {job.job_id}: what was freed is still there: {left}")
        if job.freed_archive:
            gone = job.freed_archive.archive_id not in self._system.cold.copies
            expect(gone, "a thawed copy is still there")
        if job.status is JobStatus.DELETED:
            files = {file.key for file in job.results} | {job.input.key}
            kept = files & (world.results.objects.keys() | world.inputs.objects.keys())
            expect(not kept, f"deleted job {job.job_id} left files")

    def _mails(self) -> None:
        system = self._system
        wanted = set(SUBSCRIPTIONS["notifier"])
        for event in {event.id: event for event in system.world.bus.published}.values():
            if event.type in wanted:
                sent = system.post.sent[event.id]
                expect(sent >= 1, f"nobody was told of {event.type}")
                # Twice only where a fault or a stall fell between sending and recording.
                allowed = 1 + self._mishaps("notifier")
                expect(sent <= allowed, f"{event.type} was mailed {sent} times")
        for archive_id, asked in Counter(system.cold.asked).items():
            # Twice only where it failed, or where who had claimed it slept through its claim.
            allowed = 1 + system.cold.excused(archive_id)
            expect(asked <= allowed, f"{archive_id} was asked and paid for {asked} times")

    def _mishaps(self, service: str) -> int:
        simulator = self._system.simulator
        return simulator.faults[service] + simulator.stalls[service]

    def _nothing_left_over(self) -> None:
        """There are no orphans: every file is some job's."""
        world = self._system.world
        alive = [job for job in self.jobs.values() if job.status is not JobStatus.DELETED]
        warm = {file.key for job in alive for file in job.results}
        orphans = world.results.objects.keys() - warm
        expect(not orphans, f"files of no job: {sorted(orphans)}")
        cold = {job.archive.archive_id for job in alive if job.archive}
        expect(self._system.cold.copies.keys() <= cold, "archives of no job")
