"""What must hold about parts while they are at work, and steps that check it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from annotator.part_queue.handler import handle_message
from annotator.part_queue.messages import ToDo, read
from annotator.part_queue.place import root_of
from annotator.ports import Ports
from annotator.processes.pipes import EngineFailed
from annotator.scatter.joining import Joined
from annotator.scatter.plan import DONE, PLAN, PartDone, SplitPlan
from annotator.scatter.splitting import Asked
from annotator.scatter.workplace import Workplace
from gas.domain.job import Job
from gas.events import (
    CATALOGUE,
    UNREADABLE,
    AccountUpgraded,
    Event,
    JobCancelled,
    JobDeleted,
    JobFailed,
    Plan,
)
from gas.eventstore.repository import JOB
from gas.memory.executions import MemoryExecutions
from gas.messaging.delivery import Interrupted, Postponed
from gas.messaging.executions import execution_name
from tests.simulation.tasks import Simulator, Task, Violation
from tests.support.lines_in_parts import LinesInParts
from tests.support.world import World

LEASE_SECONDS = 120
PART_LIMITS = {Plan.FREE: 1, Plan.PREMIUM: 2}
_MOST = dict(PART_LIMITS)


def best_plan(user_id: str, world: World) -> Plan:
    """The best plan that the user ever had: what began under it goes on after a downgrade."""
    events = world.log.read(f"account/{user_id}")
    was_premium = any(isinstance(event.data, AccountUpgraded) for event in events)
    return Plan.PREMIUM if was_premium else Plan.FREE


@dataclass
class PartWork:
    """Who is at work at which part; raises Violation where a promise about parts is broken.

    A task that slept longer than its lease has lost it: what it does then is excused until its next
    heartbeat.
    """

    simulator: Simulator
    world: World
    executions: MemoryExecutions
    _at_work: list[tuple[Task, str, int]] = field(default_factory=list)
    _unwanted: list[Task] = field(default_factory=list)

    def handle(self, body: str, ports: Ports) -> None:
        """Handle a message of the queue of parts, and check what must be true then."""
        job = self._job_of(body)
        running, faults = set(self.executions.running()), self.simulator.faults.total()
        try:
            handle_message(body, ports)
        except (Postponed, Interrupted, EngineFailed):
            raise
        except Exception as error:
            is_old = self.simulator.current.slept_seconds > 0
            # The parts of a job that ended meanwhile are deleted under those who read them.
            is_as_before = job is not None and job == self._job(job.job_id)
            if faults == self.simulator.faults.total() and not is_old and is_as_before:
                raise Violation(f"a message of parts fails without a fault: {error!r}") from error
            raise
        if job and job == self._job(job.job_id):
            self._check_the_end(job, running)

    def handle_deletion(self, body: str, handle: Callable[[str], None]) -> None:
        """Handle a message of the archiver; a job whose deletion it tells has no parts any more."""
        at_work, faults = self._annotators(), self.simulator.faults.total()
        handle(body)
        try:
            event = CATALOGUE.parse(body)
        except UNREADABLE:
            return
        # What is at work may write once more, and deletes it by itself.
        is_calm = not (at_work or self._annotators()) and faults == self.simulator.faults.total()
        if isinstance(event.data, JobDeleted) and is_calm:
            ended = event.data
            if left := list(self.world.parts.keys(f"{ended.user_id}/{ended.job_id}/")):
                raise Violation(f"the deleted job {ended.job_id} left the parts {left}")

    def _annotators(self) -> bool:
        return any(task.service.startswith("annotator") for task in self.simulator.tasks)

    def _job_of(self, body: str) -> Job | None:
        """The job whose end is told; a message that nobody wants is remembered."""
        try:
            found = read(body)
        except UNREADABLE:
            return None
        match found:
            case Event(data=JobCancelled() | JobFailed() as ended):
                return self._job(ended.job_id)
            case Event():
                return None
        if not _is_for(found, self._job(found.job_id)):
            self._unwanted.append(self.simulator.current)
        return None

    def _job(self, job_id: str) -> Job | None:
        """The job as its events tell, without faults."""
        return JOB.fold(self.world.log.read(f"job/{job_id}"))

    def _check_the_end(self, job: Job, running: set[str]) -> None:
        """Check that a job whose end was handled has no execution and no parts any more."""
        if job.split is None or job.is_unfinished:
            return
        name = execution_name(job.job_id, job.split.version)
        if name in running and self.executions.is_running(name):
            raise Violation(f"job {job.job_id} is {job.status}, and its execution goes on")
        if left := list(self.world.parts.keys(f"{root_of(job.split)}/")):
            raise Violation(f"job {job.job_id} is {job.status}, and left the parts {left}")

    @contextmanager
    def annotating(self, root: str, number: int) -> Iterator[None]:
        """While a part that was not done is annotated. Raises Violation."""
        task = self.simulator.current
        self.must_be_wanted(f"part {number} of {root}")
        if task.slept_seconds < LEASE_SECONDS:
            tried = self.world.parts.keys(f"{root}/parts/{number:06d}/")
            if any(key.endswith(f"/{DONE}") for key in tried):
                raise Violation(f"part {number} of {root} is done, and is done again")
            if any((root, number) == (at, of) for _, at, of in self._awake()):
                raise Violation(f"part {number} of {root} is done twice at once")
        run = (task, root, number)
        self._at_work.append(run)
        try:
            self._check_limit(root.partition("/")[0])
            yield
        finally:
            self._at_work.remove(run)

    def _check_limit(self, user_id: str) -> None:
        count = sum(root.startswith(f"{user_id}/") for _, root, _ in self._awake())
        if count > _MOST[best_plan(user_id, self.world)]:
            raise Violation(f"{count} parts of one user are at work at once")

    def _awake(self) -> list[tuple[Task, str, int]]:
        return [
            (task, root, number)
            for task, root, number in self._at_work
            if not task.died and task.slept_seconds < LEASE_SECONDS
        ]

    def must_be_wanted(self, what: str) -> None:
        """Check that the job ran, with that split, when the message for it was received."""
        if any(task is self.simulator.current for task in self._unwanted):
            raise Violation(f"nobody wants {what}, and it is done")

    def splitting(self, root: str, asked: Asked) -> None:
        """Check that a new attempt keeps what is done of the plan before. Raises Violation."""
        job = self._job(root.split("/")[1])
        if job is None or job.split is None or job.running_split or asked.carefully:
            return
        has_plan = f"{root_of(job.split)}/{PLAN}" in self.world.parts.objects
        if has_plan and root != root_of(job.split) and not self.simulator.current.slept_seconds:
            raise Violation(f"job {job.job_id} is cut anew, and what was done is thrown away")

    def check_progress(self, job: Job) -> None:
        """Check that no part is counted twice. Raises Violation."""
        progress = self.world.progress.get(job.job_id)
        if job.split and progress and progress.variants > job.split.parts:
            raise Violation(f"{progress.variants} of {job.split.parts} parts are counted")


def _is_for(message: ToDo, job: Job | None) -> bool:
    split = job.running_split if job else None
    return split is not None and split.version == message.split


@dataclass
class CheckedLines(LinesInParts):
    """Lines in parts, each step of which is checked as it begins."""

    work: PartWork | None = None

    def split(self, asked: Asked, root: str, place: Workplace) -> SplitPlan:
        assert self.work
        self.work.splitting(root, asked)
        return super().split(asked, root, place)

    def annotate(self, root: str, number: int, place: Workplace) -> PartDone:
        assert self.work
        with self.work.annotating(root, number):
            return super().annotate(root, number, place)

    def join(
        self,
        root: str,
        place: Workplace,
        key_of: Callable[[str], str],
        metadata: Mapping[str, str],
    ) -> Joined:
        assert self.work
        self.work.must_be_wanted(f"the join of {root}")
        return super().join(root, place, key_of, metadata)
