"""What must hold after every step, and what must hold at the end of a schedule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from gas.domain.account import Account
from gas.domain.job import COLD, Job, JobStatus
from gas.events import AccountErased, FailureCode, JobReopened, Plan, ResultKind
from gas.eventstore.repository import ACCOUNT, JOB
from gas.messaging.retry_policy import RetryPolicy
from tests.simulation.addresses import SECRET
from tests.simulation.engine import result_of
from tests.simulation.installation import LANES, SUBSCRIPTIONS, Installation
from tests.simulation.tasks import Violation
from tests.support.lines_in_parts import BAD

_ATTEMPTS = RetryPolicy().max_receives - 1
_ENDED = {JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.DELETED}


def expect(condition: object, complaint: str) -> None:
    """Raise Violation unless the condition holds."""
    if not condition:
        raise Violation(complaint)


class InvariantChecks:
    """Checks one installation; remembers what it read, so that a step costs only what changed."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._lengths: dict[str, int] = {}
        self.jobs: dict[str, Job] = {}
        self.accounts: dict[str, Account] = {}
        self._uploads: dict[str, str] = {}
        self._addresses: dict[str, str] = {}

    def after_step(self) -> None:
        """Check that each projection is the fold and each result has a complete copy."""
        for stream, texts in self._installation.world.db.streams.items():
            is_readable = not self._installation.is_poison(stream)
            if is_readable and self._lengths.get(stream) != len(texts):
                self._lengths[stream] = len(texts)
                self._check_projection(stream)
        for job in self.jobs.values():
            self._check_copy(job)
            self._check_input(job)
            self._installation.part_work.check_progress(job)

    def _check_projection(self, stream: str) -> None:
        events = self._installation.log.read(stream)
        world = self._installation.world
        if stream.startswith("account/"):
            account = ACCOUNT.fold(events)
            assert account is not None
            self.accounts[stream] = account
            row: object = world.account_table.get(account.user_id)
            expect(row == account, f"the row of {stream} is not the fold of its events")
            return
        job = JOB.fold(events)
        assert job is not None
        before = self.jobs.get(stream)
        if before and before.status in _ENDED and job.status is not before.status:
            reopened = isinstance(events[-1].data, JobReopened)
            allowed = job.status is JobStatus.DELETED or reopened
            expect(allowed, f"{stream}: {before.status} → {job.status}")
        self.jobs[stream] = job
        row = world.job_table.get(job.user_id, job.job_id)
        expect(row == job, f"the row of {stream} is not the fold of its events")
        other = self._uploads.setdefault(job.input.key, job.job_id)
        expect(other == job.job_id, f"one upload became two jobs: {other} and {job.job_id}")
        if job.input.fetched_from and not job.rerun_of:
            other = self._addresses.setdefault(job.input.filename, job.job_id)
            expect(other == job.job_id, f"one form became two jobs: {other} and {job.job_id}")

    def _check_copy(self, job: Job) -> None:
        if job.status is not JobStatus.COMPLETED and job.status not in COLD:
            return
        world = self._installation.world
        wanted = result_of(self._installation.content_of(self._first_run_of(job)))
        warm = job.result(ResultKind.VCF)
        if job.status in COLD:
            copies = self._installation.cold.copies
            found = copies.get(job.archive.archive_id) if job.archive else None
        else:
            found = world.results.objects.get(warm.key) if warm else None
        expect(found == wanted, f"job {job.job_id} is {job.status} and has no complete copy")
        for file in job.results:
            expect(file.key in world.results.objects, f"job {job.job_id} lacks its {file.kind}")

    def _check_input(self, job: Job) -> None:
        """Check that the input is there as long as its job, once it was sent or fetched."""
        if job.status is not JobStatus.DELETED and job.input.etag:
            held = self._installation.world.inputs.objects
            expect(job.input.key in held, f"job {job.job_id} has lost its input")

    def _first_run_of(self, job: Job) -> Job:
        """The job whose upload came from the user; a job that is run again gets a copy of it."""
        while job.rerun_of:
            job = self.jobs[f"job/{job.rerun_of}"]
        return job

    def given_up(self, attempts: int) -> None:
        """Check that a message was given up only after all its attempts; interrupted ones aside."""
        expect(attempts >= _ATTEMPTS, f"a message was given up after {attempts} attempts")

    def of_suspended(self) -> dict[str, JobStatus]:
        """The jobs of suspended accounts, by their stream, with their status.

        Without those that their user had deleted before: that is carried out.
        """
        accounts = self.accounts.values()
        suspended = {one.user_id for one in accounts if one.is_suspended and not one.is_closed}
        kept = [(stream, job) for stream, job in self.jobs.items() if job.deletion_due is None]
        return {stream: job.status for stream, job in kept if job.user_id in suspended}

    def after_rest_of_suspended(self, before: dict[str, JobStatus]) -> None:
        """Check that jobs waited and results stayed, once nothing was under way any more."""
        for stream, status in before.items():
            if status in {JobStatus.SUBMITTED, JobStatus.COMPLETED}:
                after = self.jobs[stream].status
                # Attempts that failed by a fault are carried on: they may have run out by now.
                is_given_up = (status, after) == (JobStatus.SUBMITTED, JobStatus.FAILED)
                is_carried = is_given_up and self._have_attempts_failed()
                changed = f"{stream} of a suspended user: {status} → {after}"
                expect(after is status or is_carried, changed)

    def _have_attempts_failed(self) -> bool:
        """Whether any attempt at a job may have failed."""
        simulator = self._installation.simulator
        return any(simulator.faults[name] or simulator.stalls[name] for name in LANES)

    def at_the_end(self) -> None:
        """Check that everything has ended: no unfinished job, no leftover file, every mail sent."""
        installation, world = self._installation, self._installation.world
        for name in SUBSCRIPTIONS:
            expect(installation.queues[name].depth() == 0, f"the queue of {name} is not empty")
        expect(not world.db.outbox, "events are still unpublished")
        set_aside = {letter.entry.key for letter in installation.set_aside.letters}
        expect(set_aside == installation.poisoned, "poison in the outbox was not set aside")
        published = {event.id for event in world.bus.published}
        expect(published == installation.committed, "a committed event was never published")
        running = installation.executions.running()
        expect(not running, f"executions go on though all jobs have ended: {running}")
        for job in self.jobs.values():
            self._check_ended(job)
            self._check_address_forgotten(job)
        self._check_mails()
        for account in self._closed():
            expect(account.erased_at, f"account {account.user_id} was closed and never erased")
            self._check_nothing_left(account.user_id)
        if not installation.simulator.faults:
            self._check_no_orphans(self._sent_back())
            self._check_refusals()

    def after_days(self) -> None:
        """Check that every file belongs to a job, after the reconciliation, whatever crashed."""
        self._check_no_orphans()
        world = self._installation.world
        for account in self._closed():
            self._check_nothing_left(account.user_id)
        alive = [job for job in self.jobs.values() if job.status is not JobStatus.DELETED]
        inputs = {job.input.key for job in alive if job.input.etag}
        held = world.inputs.objects.keys()
        expect(inputs <= held, "jobs without their upload")
        # A job that was cancelled between the fetch and its record has a file, too.
        expect(held <= {job.input.key for job in alive}, "uploads without a job")

    def _sent_back(self) -> set[str]:
        events = self._installation.world.bus.published
        return {event.data.job_id for event in events if isinstance(event.data, JobReopened)}

    def _closed(self) -> list[Account]:
        return [account for account in self.accounts.values() if account.is_closed]

    def _check_nothing_left(self, user_id: str) -> None:
        """Check that of a closed account only events and their rows are left."""
        world = self._installation.world
        own = [job for job in self.jobs.values() if job.user_id == user_id]
        kept = {
            "jobs": [job.job_id for job in own if job.status is not JobStatus.DELETED],
            "files": [*world.inputs.kept(f"{user_id}/"), *world.results.kept(f"{user_id}/")],
            "parts": [key for key in world.parts.objects if key.startswith(f"{user_id}/")],
            "archives": [
                job.job_id
                for job in own
                if job.archive and job.archive.archive_id in self._installation.cold.copies
            ],
            "uploads": world.uploads.all_open(user_id, 1),
            "sessions": world.sessions.newest(user_id, 1),
            "notes": world.personal.page(user_id, "", 1),
            "profile": world.profiles.get(user_id),
        }
        left = {name: found for name, found in kept.items() if found}
        expect(not left, f"of closed account {user_id} there are left: {left}")

    def _check_ended(self, job: Job) -> None:
        world = self._installation.world
        expect(not job.is_unfinished, f"job {job.job_id} is unfinished: {job.status}")
        account = self.accounts[f"account/{job.user_id}"]
        if account.plan is Plan.PREMIUM:
            expect(job.status not in COLD, f"a Premium user's job {job.job_id} is {job.status}")
        else:
            expect(
                job.status is not JobStatus.COMPLETED,
                f"job {job.job_id} of a Free user was never archived",
            )
            expect(job.status is not JobStatus.RESTORING, f"job {job.job_id} stays in restoring")
        left = [key for key in job.freed_keys if key in world.results.objects]
        expect(not left, f"job {job.job_id}: freed files still exist: {left}")
        if job.freed_archive:
            gone = job.freed_archive.archive_id not in self._installation.cold.copies
            expect(gone, "a thawed copy still exists")
        if job.status is JobStatus.DELETED:
            files = {file.key for file in job.results} | {job.input.key}
            kept = files & (world.results.objects.keys() | world.inputs.objects.keys())
            expect(not kept, f"deleted job {job.job_id} left files")

    def _check_address_forgotten(self, job: Job) -> None:
        """Check that an address, which may hold secrets, is neither kept nor in an event."""
        world = self._installation.world
        upload = world.uploads.get(job.input.key.rpartition("/")[2])
        expect(not (upload and upload.source_url), f"job {job.job_id}: its address is kept")
        for event in self._installation.log.read(f"job/{job.job_id}"):
            expect(SECRET not in event.to_json(), f"job {job.job_id}: an event has its address")

    def _check_refusals(self) -> None:
        """Check that a refused file in parts failed with what is wrong with it, not given up."""
        for job in self.jobs.values():
            if not (job.split and job.error):
                continue
            if self._installation.content_of(self._first_run_of(job)).startswith(BAD):
                code = job.error.code
                expect(code is FailureCode.NOT_VCF, f"refused job {job.job_id} failed as {code}")

    def _check_mails(self) -> None:
        installation = self._installation
        wanted = set(SUBSCRIPTIONS["notifier"])
        closed = {account.user_id for account in self._closed()}
        for event in {event.id: event for event in installation.world.bus.published}.values():
            if event.data.user_id in closed and not isinstance(event.data, AccountErased):
                continue  # its address may have gone before
            if event.type in wanted:
                sent = installation.mails.sent[event.id]
                expect(sent >= 1, f"{event.type} was not mailed")
                # Twice only where a fault or a stall fell between sending and recording.
                allowed = 1 + self._mishaps("notifier")
                expect(sent <= allowed, f"{event.type} was mailed {sent} times")
        for archive_id, requests in Counter(installation.cold.requested).items():
            # Twice only where it failed, or where the claim of the requesting task had expired.
            allowed = 1 + installation.cold.allowed_repeats(archive_id)
            expect(requests <= allowed, f"{archive_id} was requested and paid for {requests} times")

    def _mishaps(self, service: str) -> int:
        simulator = self._installation.simulator
        return simulator.faults[service] + simulator.stalls[service]

    def _check_no_orphans(self, sent_back: Collection[str] = ()) -> None:
        """Check that there are no orphans: every file belongs to a job.

        Of jobs that were ``sent_back`` parts of the plan before may be left, by their ids.
        """
        world = self._installation.world
        alive = [job for job in self.jobs.values() if job.status is not JobStatus.DELETED]
        warm = {file.key for job in alive for file in job.results}
        parts = [key for key in world.parts.objects if key.split("/")[1] not in sent_back]
        expect(not parts, f"parts of no job: {parts}")
        orphans = world.results.objects.keys() - warm
        expect(not orphans, f"files without a job: {sorted(orphans)}")
        cold = {job.archive.archive_id for job in alive if job.archive}
        expect(self._installation.cold.copies.keys() <= cold, "archives without a job")
