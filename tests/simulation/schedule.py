"""One schedule: users act, messages come twice, late and out of order, processes die; then rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from gas.aws.errors import AwsError
from gas.domain.errors import IllegalStep
from gas.domain.job import COLD, JobStatus
from gas.events import CATALOGUE
from gas.eventstore.guards import GuardFailed
from gas.eventstore.log import Conflict
from gas.messaging.dead_letters import reopen
from gas.messaging.queue import Message
from reconciler.leftovers import SAFE_AGE
from reconciler.loop import reconcile
from tests.simulation.invariants import Watch
from tests.simulation.system import LANES, LARGE_BYTES, SUBSCRIPTIONS, VISIBILITY_SECONDS, System
from tests.simulation.tasks import Simulator, Violation
from web.accounts.service import Identity
from web.jobs.submission import JobOptions
from web.problems import Problem

USERS = 2
MAX_JOBS = 6
STEPS = 400
REST_ROUNDS = 60
MAX_TASKS = 6
_TENDER = ("vault.initiate", "claims.complete", "store.put", "vault.upload", "results.delete")
FOCUSES = (*SUBSCRIPTIONS, *_TENDER)
_TOLD = (Problem, IllegalStep, GuardFailed, Conflict, *AwsError)


class BrokenPromise(AssertionError):
    """A schedule that ended in a violation, with what replays it."""

    def __init__(self, seed: int, violation: object, trace: list[str]) -> None:
        tail = "\n  ".join(trace[-40:])
        super().__init__(f"seed {seed}: {violation}\n  {tail}")
        self.seed = seed
        self._arguments = (seed, violation, trace)

    def __reduce__(self) -> tuple[object, ...]:
        return BrokenPromise, (self.seed, str(self._arguments[1]), self._arguments[2])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a schedule was made of."""

    seed: int
    calls: int
    faults: int
    jobs: int
    events: int


class Schedule:
    """The life of one installation under one seed; with a ``focus`` faults fall there."""

    def __init__(self, simulator: Simulator, focus: str = "") -> None:
        self.simulator = simulator
        rng = self.rng = simulator.rng
        # A third of the schedules have no faults, only races: there not even an orphan may stay.
        rates = [0.0, rng.uniform(0.0, 0.03), rng.uniform(0.0, 0.1)]
        self.simulator.fault_rate = rng.choice(rates)
        self.simulator.focus = rng.choice(["", "", *FOCUSES])
        if focus:
            self.simulator.focus, self.simulator.fault_rate = focus, rng.uniform(0.01, 0.04)
        # In some schedules many notices of cold storage are lost, in some all.
        self.silence = rng.choice([0.0, 0.0, 0.8, 1.0])
        self.system = System(self.simulator)
        self.watch = Watch(self.system)
        self.users = [self._sign_up(number) for number in range(USERS)]
        self.uploads: list[tuple[str, str]] = []
        self._reopened: set[str] = set()

    def _sign_up(self, number: int) -> str:
        identity = Identity("http://issuer", str(number), f"u{number}@example.org", f"u{number}")
        rate, self.simulator.fault_rate = self.simulator.fault_rate, 0.0
        self.simulator.start("web sign in", lambda: self.system.accounts.sign_in(identity))
        while self.simulator.tasks:
            self.simulator.step(self.simulator.tasks[0])
        self.simulator.fault_rate = rate
        return identity.user_id

    def run(self) -> Outcome:
        """Act, then come to rest; look after every step. Raises Violation."""
        if self.rng.random() < 0.5:
            self._begin_in_the_cold()
        acts = {self._resume: 10.0, self._deliver: 6, self._user: 2.5, self._clock: 0.7}
        acts |= {self._relay: 0.3, self._again: 0.5, self._thaw: 0.4, self._reconcile: 0.15}
        for _ in range(STEPS):
            self.rng.choices(list(acts), list(acts.values()))[0]()
            self.watch.look()
        self._storm()
        self.system.cold.calm_down()
        self._rest()
        self.watch.at_rest()
        self._days_later()
        self.watch.days_later()
        events = sum(map(len, self.system.world.db.streams.values()))
        faults = sum(self.simulator.faults.values())
        return Outcome(
            self.simulator.seed, self.simulator.calls, faults, len(self.watch.jobs), events
        )

    def _begin_in_the_cold(self) -> None:
        """Half of the schedules begin with archived jobs: the way back is the harder one."""
        rate, self.simulator.fault_rate = self.simulator.fault_rate, 0.0
        for user_id in self.users:
            for _ in range(2):
                self._upload(user_id)
                self._run_everything()
        for owner, upload_id in self.uploads:
            self._submit_that(owner, upload_id)
        self._rest()
        self.simulator.fault_rate = rate

    def _resume(self) -> None:
        if self.simulator.tasks:
            self.simulator.step(self.rng.choice(self.simulator.tasks))

    def _deliver(self) -> None:
        if len(self.simulator.tasks) >= MAX_TASKS:
            self._resume()
            return
        name = self.rng.choice(list(self.system.queues))
        self._deliver_from(name)

    def _deliver_from(self, name: str) -> bool:
        messages = self.system.queues[name].receive(1, 0, VISIBILITY_SECONDS)
        for message in messages:
            deliver = partial(self.system.deliveries[name].deliver, message)
            self.simulator.start(f"{name} {message.id}", partial(self._survive, deliver))
        return bool(messages)

    def _survive(self, run: Callable[[], object]) -> None:
        """As the consumer loop does: what could not be settled comes back by itself."""
        try:
            run()
        except Exception as error:
            self.simulator.trace.append(f"not settled: {error!r}")

    def _again(self) -> None:
        """A message that is held, or was handled long ago, is delivered once more."""
        name = self.rng.choice(list(self.system.queues))
        if self.rng.random() < 0.5:
            self.system.queues[name].make_visible()
        elif self.system.world.bus.published:
            event = self.rng.choice(self.system.world.bus.published)
            self.system.world.bus.deliver(event)

    def _thaw(self) -> None:
        """Cold storage answers, sooner or later, and sometimes again."""
        if self.system.cold.asked:
            self._announce(self.rng.choice(self.system.cold.asked))

    def _announce(self, archive_id: str) -> None:
        if archive_id in self.system.cold.copies:
            self.system.thaw(archive_id, silently=self.rng.random() < self.silence)

    def _reconcile(self) -> None:
        ports = self.system.reconciliation()
        self.simulator.start("reconciler", lambda: self._survive(lambda: reconcile(ports)))

    def _clock(self) -> None:
        seconds = self.rng.choice([1, 11, 31, 130, 301, 301, 1000])
        self.system.world.pass_time(timedelta(seconds=seconds))
        for task in self.simulator.tasks:
            task.slept_seconds += seconds
            # A process that sleeps longer than its claim may find its work done by another.
            if task.slept_seconds >= self.system.effect_claims.claim_seconds:
                self.simulator.stalls[task.service] += 1

    def _relay(self) -> None:
        relay = self.system.relay()
        self.simulator.start("relay", lambda: self._survive(relay.sweep))

    def _user(self) -> None:
        user_id = self.rng.choice(self.users)
        acts = {self._upload: 4, self._submit: 5, self._upgrade: 1, self._downgrade: 1}
        acts |= {self._cancel: 0.4, self._delete: 0.3}
        self.rng.choices(list(acts), list(acts.values()))[0](user_id)

    def _request(self, name: str, run: Callable[[], object]) -> None:
        def request() -> None:
            try:
                run()
            except _TOLD as error:
                self.simulator.trace.append(f"user told: {error!r}")

        self.simulator.start(f"web {name}", request)

    def _upload(self, user_id: str) -> None:
        if len(self.uploads) >= MAX_JOBS:
            return

        def run() -> None:
            account = self.system.world.account_table.get(user_id)
            assert account is not None
            promised = self.system.submission.promise(account, "my.vcf", 10)
            key = promised.form["fields"]["key"]
            content = (b"bad " if self.rng.random() < 0.1 else b"vcf ") + key.encode()
            content += b"x" * self.rng.choice([0, 0, LARGE_BYTES])
            self.system.contents[key] = content
            self.system.world.inputs.write(key, content)
            self.uploads.append((user_id, promised.upload_id))

        self._request("upload", run)

    def _submit(self, user_id: str) -> None:
        theirs = [upload for owner, upload in self.uploads if owner == user_id]
        if theirs:
            self._submit_that(user_id, self.rng.choice(theirs))

    def _submit_that(self, user_id: str, upload_id: str) -> None:
        account = self.system.world.account_table.get(user_id)
        assert account is not None
        submit = self.system.submission.submit
        self._request("submit", lambda: submit(account, upload_id, JobOptions(), None))

    def _upgrade(self, user_id: str) -> None:
        self._request("upgrade", lambda: self.system.accounts.upgrade(user_id))

    def _downgrade(self, user_id: str) -> None:
        self._request("downgrade", lambda: self.system.accounts.downgrade(user_id, "asked"))

    def _cancel(self, user_id: str) -> None:
        self._of_a_job("cancel", user_id, lambda job: self.system.job_service.cancel(user_id, job))

    def _delete(self, user_id: str) -> None:
        self._of_a_job("delete", user_id, lambda job: self.system.job_service.delete(user_id, job))

    def _of_a_job(self, name: str, user_id: str, act: Callable[[str], object]) -> None:
        theirs = [job.job_id for job in self.watch.jobs.values() if job.user_id == user_id]
        if theirs:
            job_id = self.rng.choice(theirs)
            self._request(name, lambda: act(job_id))

    def _storm(self) -> None:
        """Stories are long: let them run on, and faults fall into their later chapters too."""
        for _ in range(self.rng.choice([0, 3, 6])):
            self._user()
            if self.rng.random() < 0.3:
                self._again()
            self._round()

    def _rest(self) -> None:
        """No more faults and no more users: let everything run to its end."""
        self.simulator.fault_rate = 0.0
        for _ in range(REST_ROUNDS):
            is_over = self._round()
            self._send_dead_letters_back()
            if is_over and not any(queue.depth() for queue in self.system.queues.values()):
                return
        self._run_everything()

    def _round(self) -> bool:
        """Everything that can be done now, and then time; True if nothing is left to do."""
        busy = self._run_everything()
        self._relay()
        self._reconcile()
        self._run_everything()
        thawing = self._awaited()
        for archive_id in thawing:
            if self.rng.random() < 0.5:
                self._announce(archive_id)
        waiting = any(queue.depth() for queue in self.system.queues.values())
        # Where only cold storage is awaited, hours may pass before it is overdue.
        step = timedelta(seconds=VISIBILITY_SECONDS * 3) if waiting else timedelta(hours=1)
        self.system.world.pass_time(step)
        return not (busy or thawing or waiting or self.system.world.db.outbox)

    def _days_later(self) -> None:
        """Reconciliation finds what crashes left, once it is old enough."""
        for _ in range(2):  # a vault is first asked to count, then read
            self.system.world.pass_time(SAFE_AGE + timedelta(hours=1))
            self._reconcile()
            self._rest()

    def _awaited(self) -> list[str]:
        """What cold storage was asked for and has not given back."""
        jobs = self.watch.jobs.values()
        ids = [job.archive.archive_id for job in jobs if job.status in COLD and job.archive]
        return [id for id in ids if id in self.system.cold.asked]

    def _run_everything(self) -> bool:
        worked = False
        while True:
            while self.simulator.tasks:
                self._resume()
                self.watch.look()
                worked = True
            delivered = [self._deliver_from(name) for name in self.system.queues for _ in range(2)]
            if not any(delivered):
                return worked

    def _send_dead_letters_back(self) -> None:
        """As an operator does; a job that was given up is tried again, once."""
        for name, queue in self.system.queues.items():
            for body, _ in queue.dead:
                if name not in LANES:
                    queue.send(body)
                elif body not in self._reopened and self._has_failed(body):
                    self._reopened.add(body)
                    reopen(Message("", body, "", 1), self.system.operator_jobs())
                    queue.send(body)
            queue.dead.clear()

    def _has_failed(self, body: str) -> bool:
        job = self.watch.jobs[CATALOGUE.parse(body).subject]
        return job.status is JobStatus.FAILED


def run(seed: int, focus: str = "") -> Outcome:
    """Run one schedule. Raises BrokenPromise, whose seed (and focus) replays it exactly."""
    simulator = Simulator(seed)
    try:
        return Schedule(simulator, focus).run()
    except (Violation, AssertionError) as violation:
        raise BrokenPromise(seed, violation, simulator.trace) from violation
