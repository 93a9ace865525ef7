"""Faults in files in parts: a mutation for each promise about them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import annotator.attempt
import annotator.handler
import annotator.part_queue.handler
import annotator.part_queue.join
import annotator.part_queue.part
import annotator.part_queue.work
from annotator.part_queue.begin import begin_in_parts
from annotator.part_queue.place import root_of
from annotator.part_queue.work import Work
from annotator.part_scheduling import PartScheduler
from annotator.ports import Ports
from annotator.scatter import store
from gas.events import Plan
from gas.memory.progress import MemoryProgressTable
from tests.simulation import system
from tests.simulation.mutations.registry import Patches, mutation


class Without:
    """A port that does nothing when those methods are called."""

    def __init__(self, port: Any, *methods: str) -> None:
        self._port = port
        self._methods = methods

    def __getattr__(self, name: str) -> Any:
        return (lambda *_: None) if name in self._methods else getattr(self._port, name)


@mutation
def a_part_that_is_done_is_done_again() -> Patches:
    return [(store, "find_done", lambda files, root, number: None)]


@mutation
def a_part_that_comes_twice_is_counted_twice() -> Patches:
    def mutant(self: MemoryProgressTable, job_id: str, *told: Any) -> None:
        _, _, share, records = told
        if before := self.get(job_id):
            fraction, variants = before.fraction + share, before.variants + records
            self.record(job_id, fraction, variants, before.attempt)

    return [(MemoryProgressTable, "part_done", mutant)]


@mutation
def a_part_is_done_without_a_lease() -> Patches:
    @contextmanager
    def mutant(self: PartScheduler, user_id: str, work_id: str, account: Any) -> Iterator[Any]:
        yield self.leases.acquire(f"nobody-{self.new_id()}", work_id, self.new_id(), 1)

    return [(PartScheduler, "hold", mutant)]


@mutation
def the_limit_of_parts_is_ignored() -> Patches:
    return [(system, "PART_LIMITS", dict.fromkeys(Plan, 99))]


@mutation
def a_message_of_another_split_is_taken_for_one_of_this() -> Patches:
    def mutant(message: Any, ports: Ports) -> Work | None:
        job = ports.jobs.load(message.job_id)
        split = job.running_split if job else None
        now = message.model_copy(update={"split": split.version}) if split else message
        return annotator.part_queue.work.wanted(now, ports)

    return _instead_of_wanted(mutant)


@mutation
def a_message_of_another_split_is_forgotten_without_a_word() -> Patches:
    def mutant(message: Any, ports: Ports) -> Work | None:
        job = ports.jobs.load(message.job_id)
        split = job.running_split if job else None
        if split and split.version != message.split:
            return None
        return annotator.part_queue.work.wanted(message, ports)

    return _instead_of_wanted(mutant)


@mutation
def parts_of_a_job_that_has_ended_are_done() -> Patches:
    def mutant(message: Any, ports: Ports) -> Work | None:
        job = ports.jobs.load(message.job_id)
        if job is None or job.split is None:
            return annotator.part_queue.work.wanted(message, ports)
        submitted = ports.scheduler.log.read(f"job/{job.job_id}")[0]
        return Work(job, job.split, root_of(job.split), submitted)

    return _instead_of_wanted(mutant)


def _instead_of_wanted(mutant: Any) -> Patches:
    return [
        (annotator.part_queue.part, "wanted", mutant),
        (annotator.part_queue.join, "wanted", mutant),
    ]


@mutation
def an_execution_that_was_lost_is_never_found() -> Patches:
    return [(annotator.handler, "runs_in_parts", lambda job, _: job.running_split is not None)]


@mutation
def an_execution_that_was_lost_costs_all_parts() -> Patches:
    begin = begin_in_parts

    def mutant(job: Any, *more: Any, **named: Any) -> bool:
        return begin(replace(job, split=None), *more, **named)

    return [(annotator.attempt, "begin_in_parts", mutant)]


@mutation
def the_execution_of_a_cancelled_job_goes_on() -> Patches:
    return _ending(lambda ports: replace(ports, executions=Without(ports.executions, "stop")))


@mutation
def parts_are_left_after_the_join() -> Patches:
    join = annotator.part_queue.join.join_parts
    return [
        (
            annotator.part_queue.handler,
            "join_parts",
            lambda message, ports: join(message, _keeping_parts(ports)),
        )
    ]


@mutation
def parts_are_left_after_a_failure_or_a_cancellation() -> Patches:
    return _ending(_keeping_parts)


def _keeping_parts(ports: Any) -> Any:
    return replace(ports, parts=Without(ports.parts, "erase"))


def _ending(change: Any) -> Patches:
    end = annotator.part_queue.handler.end
    mutant = (annotator.part_queue.handler, "end", lambda job_id, ports: end(job_id, change(ports)))
    return [mutant]
