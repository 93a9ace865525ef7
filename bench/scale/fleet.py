"""Annotators second by second: queues of two lanes, places, cores, tasks that start late."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.scale.rules import Rules, Scaler

CORES = 2.0
SMALL_PLACES, LARGE_PLACES = 4, 1
START_SECONDS = 75  # Fargate: network interface, image of 345 MB, Python
METRIC_LAG_SECONDS = 60
_MINUTE = 60


@dataclass(slots=True)
class Job:
    """Work of ``cpu`` core seconds; ``large`` ones use both cores of a task."""

    arrives: float
    cpu: float
    large: bool = False
    left: float = 0.0


@dataclass(frozen=True, slots=True)
class Mix:
    """What users send: shares and core seconds, small, middling (both one lane) and large."""

    shares: tuple[float, float, float] = (0.90, 0.09, 0.01)
    cpu: tuple[float, float, float] = (0.5, 5.0, 60.0)

    @property
    def mean(self) -> float:
        """Core seconds of a job, on average."""
        return sum(share * cpu for share, cpu in zip(self.shares, self.cpu, strict=True))

    def job(self, arrives: float, rng: random.Random) -> Job:
        """One job; sizes of a kind differ by a factor of two or so."""
        kind = rng.choices((0, 1, 2), self.shares)[0]
        cpu = self.cpu[kind] * rng.lognormvariate(-0.18, 0.6)
        return Job(arrives, cpu, kind == 2, cpu)


@dataclass(slots=True)
class Task:
    """One annotator; ready when it has started."""

    ready_at: float
    small: list[Job] = field(default_factory=list)
    large: list[Job] = field(default_factory=list)

    @property
    def is_idle(self) -> bool:
        """True where nothing is lost if it ends: a busy one is protected."""
        return not self.small and not self.large

    def work(self) -> tuple[float, list[Job]]:
        """A second of work, the cores shared evenly; gives cores used and the jobs that ended."""
        wanted = [(job, CORES if job.large else 1.0) for job in (*self.small, *self.large)]
        share = min(1.0, CORES / sum(cores for _, cores in wanted)) if wanted else 0.0
        for job, cores in wanted:
            job.left -= cores * share
        ended = [job for job, _ in wanted if job.left <= 0]
        if ended:
            self.small = [job for job in self.small if job.left > 0]
            self.large = [job for job in self.large if job.left > 0]
        return share * sum(cores for _, cores in wanted), ended


@dataclass
class Run:
    """What happened: for each job its delay in seconds, for each minute what an operator sees."""

    delays: list[float] = field(default_factory=list)
    large_delays: list[float] = field(default_factory=list)
    minutes: list[tuple[float, int, int]] = field(default_factory=list)  # time, waiting, tasks
    task_seconds: float = 0.0
    done: int = 0


def run(rules: Rules, jobs: Iterable[Job], most_seconds: int) -> Run:
    """Run until all jobs are done, or ``most_seconds`` are over."""
    coming = deque(sorted(jobs, key=lambda job: job.arrives))
    queues: tuple[deque[Job], deque[Job]] = (deque(), deque())
    tasks = [Task(0.0) for _ in range(rules.least)]
    scaler, seen = Scaler(rules, rules.least), Run()
    pending: deque[tuple[float, float]] = deque()
    used = 0.0
    for now in range(most_seconds):
        while coming and coming[0].arrives <= now:
            job = coming.popleft()
            queues[job.large].append(job)
        for task in tasks:
            if task.ready_at <= now:
                _take(task, queues, now, seen)
                cores, ended = task.work()
                used += cores
                seen.done += len(ended)
        seen.task_seconds += len(tasks)
        if now % _MINUTE == 0:
            running = sum(task.ready_at <= now for task in tasks)
            small, large = map(len, queues)
            age = now - queues[0][0].arrives if small else 0.0
            cpu = 100 * used / (_MINUTE * CORES * max(running, 1))
            pending.append((now + METRIC_LAG_SECONDS, rules.load(small, large, age, running, cpu)))
            used = 0.0
            if pending[0][0] <= now:
                _resize(tasks, scaler.see(now, pending.popleft()[1]), now)
            seen.minutes.append((now, small + large, running))
        if not coming and not any(queues) and all(task.is_idle for task in tasks):
            break
    return seen


def _take(task: Task, queues: tuple[deque[Job], deque[Job]], now: float, seen: Run) -> None:
    while queues[0] and len(task.small) < SMALL_PLACES:
        task.small.append(queues[0].popleft())
        seen.delays.append(now - task.small[-1].arrives)
    while queues[1] and len(task.large) < LARGE_PLACES:
        task.large.append(queues[1].popleft())
        seen.large_delays.append(now - task.large[-1].arrives)


def _resize(tasks: list[Task], desired: int, now: float) -> None:
    while len(tasks) < desired:
        tasks.append(Task(now + START_SECONDS))
    for task in [task for task in tasks if task.is_idle][: max(0, len(tasks) - desired)]:
        tasks.remove(task)
