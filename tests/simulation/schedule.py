"""One schedule: users act, messages arrive twice, late and out of order, processes die; at the end
everything runs without faults until nothing is left to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from gas.domain.job import COLD, JobStatus
from gas.events import CATALOGUE
from gas.messaging.dead_letters import reopen
from gas.messaging.executions import job_of
from gas.messaging.queue import Message
from reconciler.leftovers import SAFE_AGE
from reconciler.loop import reconcile
from tests.simulation import recovery
from tests.simulation.installation import LANES, SUBSCRIPTIONS
from tests.simulation.invariants import InvariantChecks
from tests.simulation.system import VISIBILITY_SECONDS, System
from tests.simulation.tasks import Simulator, Violation
from tests.simulation.users import Users

STEPS = 400
LAST_ROUNDS = 120
_SHORT_STEPS = 0.9
MAX_TASKS = 6
_SUSPENDED_ROUNDS = 4
_RESTORE_TRIES = 2  # the first with faults
_CALLS = ("vault.initiate", "claims.complete", "store.put", "vault.upload", "results.delete")
FOCUSES = (*SUBSCRIPTIONS, *_CALLS, "executions.answer", "parts.put")


class BrokenPromise(AssertionError):
    """A schedule that ended in a violation, with the seed that replays it."""

    def __init__(self, seed: int, violation: object, trace: list[str]) -> None:
        tail = "\n  ".join(trace[-40:])
        super().__init__(f"seed {seed}: {violation}\n  {tail}")
        self.seed = seed
        self._arguments = (seed, violation, trace)

    # An exception is pickled with its message only, which is not what __init__ takes.
    def __reduce__(self) -> tuple[object, ...]:
        return BrokenPromise, (self.seed, str(self._arguments[1]), self._arguments[2])


@dataclass(frozen=True, slots=True)
class Outcome:
    """The size of a schedule: port calls, injected faults, jobs and events."""

    seed: int
    calls: int
    faults: int
    jobs: int
    events: int


class Schedule:
    """The life of one installation for one seed; ``focus`` is where most faults happen."""

    def __init__(self, simulator: Simulator, focus: str = "") -> None:
        self.simulator = simulator
        rng = self.rng = simulator.rng
        # Without faults, only with races, not even an orphaned file may be left over.
        rates = [0.0, rng.uniform(0.0, 0.03), rng.uniform(0.0, 0.1)]
        self.simulator.fault_rate = rng.choice(rates)
        self.simulator.focus = rng.choice(["", "", *FOCUSES])
        if focus:
            self.simulator.focus, self.simulator.fault_rate = focus, rng.uniform(0.01, 0.04)
        # In some schedules there is one deployment after the other.
        self.simulator.stop_rate = rng.choice([0.0, 0.1, 0.7])
        self.deliveries: Counter[str] = Counter()
        # In some schedules many notices of cold storage are lost, in some all of them.
        self.lost_notices = rng.choice([0.0, 0.0, 0.8, 1.0])
        self.system = System(self.simulator)
        self.checks = InvariantChecks(self.system)
        self.users = Users(self.system)
        self._reopened: set[str] = set()

    def run(self) -> Outcome:
        """Run all steps, then everything that is left; check after every step. Raises Violation."""
        if self.rng.random() < 0.5:
            self._begin_with_archived_jobs()
        steps = {self._resume: 10.0, self._deliver: 6, self._act: 2.5, self._pass_time: 0.7}
        steps |= {
            self._relay: 0.3,
            self._redeliver: 0.5,
            self._finish_restore: 0.4,
            self._reconcile: 0.15,
            self.system.lose_execution: 0.1,
            self.system.poison_outbox: 0.02,
        }
        for _ in range(STEPS):
            self.rng.choices(list(steps), list(steps.values()))[0]()
            self.checks.after_step()
        self._act_longer()
        self.system.cold.stop_failing()
        self._rest_while_suspended()
        self._finish()
        self.checks.at_the_end()
        self._days_later()
        self.checks.after_days()
        recovery.play_sometimes(self.system)
        events = sum(map(len, self.system.world.db.streams.values()))
        faults = sum(self.simulator.faults.values())
        return Outcome(
            self.simulator.seed, self.simulator.calls, faults, len(self.checks.jobs), events
        )

    def _begin_with_archived_jobs(self) -> None:
        """Archive some jobs without faults: otherwise few schedules would reach their restores."""
        rates = self.simulator.fault_rate, self.simulator.stop_rate
        self.simulator.fault_rate = self.simulator.stop_rate = 0.0
        for user_id in self.users.ids:
            for _ in range(2):
                self.users.upload(user_id)
                self._run_everything()
        for owner, upload_id in self.users.uploads:
            self.users.submit(owner, upload_id)
        self._finish()
        self.simulator.fault_rate, self.simulator.stop_rate = rates

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
            run = partial(self._counted, message.body, partial(self._log_errors, deliver))
            self.simulator.start(f"{name} {message.id}", run)
        return bool(messages)

    def _counted(self, body: str, run: Callable[[], object]) -> None:
        """Count the delivery, unless an orderly stop ended it and the message was handed back."""
        self.deliveries[body] += 1
        faults = self.simulator.faults.total()
        run()
        if self.simulator.current.interrupted and faults == self.simulator.faults.total():
            self.deliveries[body] -= 1

    def _log_errors(self, run: Callable[[], object]) -> None:
        """As the consumer loop does: a message that was not deleted is delivered again."""
        try:
            run()
        except Exception as error:
            self.simulator.trace.append(f"not handled: {error!r}")

    def _redeliver(self) -> None:
        """Deliver a message once more that is being handled, or was handled before."""
        name = self.rng.choice(list(self.system.queues))
        if self.rng.random() < 0.5:
            self.system.queues[name].make_visible()
        elif self.system.world.bus.published:
            event = self.rng.choice(self.system.world.bus.published)
            self.system.world.bus.deliver(event)

    def _finish_restore(self) -> None:
        """Finish the restore of any archive, perhaps not for the first time."""
        if self.system.cold.requested:
            self._finish_restore_of(self.rng.choice(self.system.cold.requested))

    def _finish_restore_of(self, archive_id: str) -> None:
        if archive_id in self.system.cold.copies:
            self.system.finish_restore(archive_id, silently=self.rng.random() < self.lost_notices)

    def _reconcile(self) -> None:
        ports = self.system.reconciliation()
        self.simulator.start("reconciler", lambda: self._log_errors(lambda: reconcile(ports)))

    def _pass_time(self) -> None:
        seconds = self.rng.choice([1, 11, 31, 130, 301, 301, 1000])
        self.system.world.pass_time(timedelta(seconds=seconds))
        for task in self.simulator.tasks:
            task.slept_seconds += seconds
            # Another process may do the work of one that slept longer than its claim.
            if task.slept_seconds >= self.system.effect_claims.claim_seconds:
                self.simulator.stalls[task.service] += 1

    def _relay(self) -> None:
        relay = self.system.relay()
        self.simulator.start("relay", lambda: self._log_errors(relay.sweep))

    def _act(self) -> None:
        self.users.act(self.checks.jobs.values())

    def _act_longer(self) -> None:
        """Act in rounds that run everything, so that faults reach late steps of a job as well."""
        for _ in range(self.rng.choice([0, 3, 6])):
            self._act()
            if self.rng.random() < 0.3:
                self._redeliver()
            self._round()

    def _rest_while_suspended(self) -> None:
        """Let time pass while accounts are suspended; then restore them, with faults once more."""
        rate, self.simulator.fault_rate = self.simulator.fault_rate, 0.0
        self._run_everything()
        waiting = self.checks.of_suspended()
        for _ in range(_SUSPENDED_ROUNDS if waiting else 0):
            self._round()
        self.checks.after_rest_of_suspended(waiting)
        self.simulator.fault_rate = rate
        for _ in range(_RESTORE_TRIES):
            self.users.restore_all()
            self._run_everything()
            self.simulator.fault_rate = 0.0

    def _finish(self) -> None:
        """Without faults and users, run everything until nothing is left to do."""
        self.simulator.fault_rate = self.simulator.stop_rate = 0.0
        for _ in range(LAST_ROUNDS):
            is_over = self._round()
            self._redrive_dead_letters()
            if is_over and not any(queue.depth() for queue in self.system.queues.values()):
                return
        self._run_everything()

    def _round(self) -> bool:
        """Run everything that can run now, then pass time; True if nothing is left to do."""
        busy = self._run_everything()
        self._relay()
        self._reconcile()
        self._run_everything()
        restoring = self._awaited_restores()
        for archive_id in restoring:
            if self.rng.random() < 0.5:
                self._finish_restore_of(archive_id)
        waiting = any(queue.depth() for queue in self.system.queues.values())
        # A restore alone may take hours before it is overdue.
        step = timedelta(seconds=VISIBILITY_SECONDS * 3) if waiting else timedelta(hours=1)
        if self.system.mails.are_raising and self.rng.random() < _SHORT_STEPS:
            step = timedelta(seconds=31)  # its retry is due, and a claim of it has not ended
        self.system.world.pass_time(step)
        # Of a job whose execution was lost nothing moves until reconciliation misses it.
        running = any(job.status is JobStatus.RUNNING for job in self.checks.jobs.values())
        return not (busy or restoring or waiting or running or self.system.world.db.outbox)

    def _days_later(self) -> None:
        """Reconcile when all leftovers of crashes are old enough to be deleted."""
        for _ in range(2):  # a vault makes an inventory before it can be read
            self.system.world.pass_time(SAFE_AGE + timedelta(hours=1))
            self._reconcile()
            self._finish()

    def _awaited_restores(self) -> list[str]:
        """The archive ids of requested restores that have not ended."""
        jobs = self.checks.jobs.values()
        ids = [job.archive.archive_id for job in jobs if job.status in COLD and job.archive]
        return [id for id in ids if id in self.system.cold.requested]

    def _run_everything(self) -> bool:
        worked = False
        while True:
            while self.simulator.tasks:
                self._resume()
                self.checks.after_step()
                worked = True
            delivered = [self._deliver_from(name) for name in self.system.queues for _ in range(2)]
            if not any(delivered):
                return worked

    def _redrive_dead_letters(self) -> None:
        """Redrive all dead letters, as an operator does; a failed job is reopened only once."""
        for name, queue in self.system.queues.items():
            for body, _ in queue.dead:
                self.checks.given_up(self.deliveries[body])
                if name == "notifier":
                    self.system.mails.mend(CATALOGUE.parse(body).id)
                if name not in LANES and job_of(body) is None:
                    queue.send(body)
                elif body not in self._reopened and self._has_failed(body):
                    self._reopened.add(body)
                    reopen(Message("", body, "", 1), self.system.operator_jobs())
                    queue.send(body)
            queue.dead.clear()

    def _has_failed(self, body: str) -> bool:
        job_id = job_of(body)
        subject = f"job/{job_id}" if job_id else CATALOGUE.parse(body).subject
        return self.checks.jobs[subject].status is JobStatus.FAILED


def run(seed: int, focus: str = "") -> Outcome:
    """Run one schedule. Raises BrokenPromise, whose seed (and focus) replays it exactly."""
    simulator = Simulator(seed)
    try:
        return Schedule(simulator, focus).run()
    except (Violation, AssertionError) as violation:
        raise BrokenPromise(seed, violation, simulator.trace) from violation
