"""Most jobs take seconds: what would be written about them on the way is not worth its requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from annotator.handler import handle
from annotator.runner.parent import annotate
from annotator.runner.protocol import Task
from annotator.settings import AnnotatorSettings
from gas.events import Lane
from tests.support.annotator_ports import ports_of, scheduler_of
from tests.support.world import World

VCF = b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


@pytest.mark.parametrize(("seconds", "fraction"), [(9, None), (11, 0.7)])
def test_progress_is_recorded_of_attempts_that_take_longer_than_the_quiet_time(
    seconds: int, fraction: float | None
) -> None:
    world = World()
    job = world.submit(world.register(), VCF)

    def engine(
        task: Task, on_tick: Callable[[float, int], None], should_stop: Callable[[], bool]
    ) -> dict[str, int]:
        on_tick(0.2, 1)
        world.pass_time(timedelta(seconds=seconds))
        on_tick(0.7, 2)
        return annotate(task, on_tick=lambda *_: None, should_stop=should_stop)

    handle(world.last_event(), replace(ports_of(world, engine), settings=AnnotatorSettings()))
    recorded = world.progress.get(job.job_id)
    assert (recorded.fraction if recorded else None) == fraction
    assert world.job(job.job_id).results


def test_a_pace_that_hardly_changes_is_not_written_again() -> None:
    world = World()
    job = world.submit(world.register(), VCF)
    scheduler = scheduler_of(world)
    recorded = []
    for seconds in (10.0, 11.0, 40.0):
        scheduler.record_pace(job, seconds)
        recorded.append(world.progress.pace(job.lane))
    assert recorded == [10.0, 10.0, 16.0]


def test_a_pace_is_read_again_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    job = world.submit(world.register(), VCF)
    scheduler = scheduler_of(world)
    stored, reads = world.progress.pace, 0

    def counted(lane: Lane) -> float | None:
        nonlocal reads
        reads += 1
        return stored(lane)

    monkeypatch.setattr(world.progress, "pace", counted)
    scheduler.record_pace(job, 10.0)
    world.progress.record_pace(job.lane, 100.0)  # by another process
    for seconds in (10.0, 10.0, 10.0):
        scheduler.record_pace(job, seconds)
    assert (reads, stored(job.lane)) == (1, 100.0)
    world.pass_time(timedelta(minutes=1))
    scheduler.record_pace(job, 100.0)
    scheduler.record_pace(job, 200.0)
    assert (reads, stored(job.lane)) == (2, 120.0)
