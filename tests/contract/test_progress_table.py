"""The table of progress and of the pace of each lane."""

from __future__ import annotations

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
