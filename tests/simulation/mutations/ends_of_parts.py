"""Faults at the ends of files in parts: joined too early, refused, or not ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import annotator.part_queue.handler
import annotator.part_queue.work
from annotator.rejection import Rejected
from annotator.scatter import joining
from gas.messaging.executions import execution_name
from tests.simulation.mutations.registry import Patches, mutation


@mutation
def a_join_takes_answers_for_proof_that_parts_are_done() -> Patches:
    return [(joining, "missing", lambda root, place: [])]


@mutation
def the_refusal_of_a_part_is_ignored() -> Patches:
    @contextmanager
    def mutant(*_: Any) -> Iterator[None]:
        with suppress(Rejected):
            yield

    return [(annotator.part_queue.work, "failing", mutant)]


@mutation
def the_end_of_a_job_stops_another_execution() -> Patches:
    def mutant(job_id: str, split: int) -> str:
        return execution_name(job_id, split - 1)

    return [(annotator.part_queue.handler, "execution_name", mutant)]
