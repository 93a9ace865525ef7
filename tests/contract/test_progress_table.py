"""The table of progress and of the pace of each lane."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gas.aws.clients import Aws
from gas.events import Lane, new_id
from gas.memory.progress import MemoryProgressTable
from gas.runtime.repositories import utc_now
from gas.settings import Settings
from gas.tables.progress import DynamoProgressTable, ProgressTable


@pytest.fixture
def progress(settings: Settings | None) -> ProgressTable:
    if settings is None:
        return MemoryProgressTable(utc_now)
    return DynamoProgressTable(Aws(settings).dynamodb(), settings.prefix, utc_now)


def test_the_latest_progress_is_returned(progress: ProgressTable) -> None:
    job_id = new_id()
    assert progress.get(job_id) is None
    progress.record(job_id, 0.25, 10, 1)
    progress.record(job_id, 1.5, 20, 1)
    found = progress.get(job_id)
    assert found is not None
    assert (found.fraction, found.variants, found.attempt) == (1.0, 20, 1)


def test_the_latest_pace_of_a_lane_is_returned(progress: ProgressTable) -> None:
    progress.record_pace(Lane.LARGE, 12.5)
    progress.record_pace(Lane.LARGE, 2.25)
    assert progress.pace(Lane.LARGE) == 2.25


def test_the_progress_of_many_jobs_is_read_at_once(progress: ProgressTable) -> None:
    ids = [new_id() for _ in range(3)]
    progress.record(ids[0], 0.5, 10, 1)
    progress.record(ids[2], 0.25, 7, 2)
    assert progress.get_many(ids) == {ids[0]: (0.5, 10), ids[2]: (0.25, 7)}
    assert progress.get_many([]) == {}


def test_a_part_is_counted_once_however_often_it_is_done(progress: ProgressTable) -> None:
    job_id = new_id()
    progress.begin_parts(job_id, "plan-1", 1)
    assert progress.get_many([job_id]) == {job_id: (0, 0)}
    for number in (0, 7, 0):
        progress.part_done(job_id, "plan-1", number, 0.25, 10)
    assert progress.get_many([job_id]) == {job_id: (0.5, 20)}


def test_another_attempt_goes_on_counting_the_same_plan_and_begins_anew_with_another(
    progress: ProgressTable,
) -> None:
    job_id = new_id()
    progress.begin_parts(job_id, "plan-1", 1)
    progress.part_done(job_id, "plan-1", 0, 0.5, 10)
    progress.begin_parts(job_id, "plan-1", 2)
    found = progress.get(job_id)
    assert found is not None
    assert (found.fraction, found.variants, found.attempt) == (0.5, 10, 2)
    progress.begin_parts(job_id, "plan-2", 3)
    progress.part_done(job_id, "plan-1", 1, 0.5, 10)  # of the plan before: a late one
    assert progress.get_many([job_id]) == {job_id: (0, 0)}


def test_a_sign_of_life_changes_nothing_else_and_makes_no_progress(progress: ProgressTable) -> None:
    job_id = new_id()
    progress.touch(job_id)
    assert progress.get(job_id) is None
    progress.begin_parts(job_id, "plan-1", 1)
    progress.part_done(job_id, "plan-1", 0, 0.5, 10)
    before = progress.get(job_id)
    progress.touch(job_id)
    after = progress.get(job_id)
    assert before is not None
    assert after is not None
    assert after.heartbeat_at > before.heartbeat_at
    assert replace(after, heartbeat_at=before.heartbeat_at) == before
