"""Signs of workers: the newest of each process and queue, while it is new."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gas.aws.clients import Aws
from gas.memory.presence import MemoryPresenceTable
from gas.settings import Settings
from gas.tables.presence import GONE_AFTER, DynamoPresenceTable, PresenceTable, WorkerSign
from tests.support.clock import ManualClock


@pytest.fixture
def table(settings: Settings | None) -> PresenceTable:
    if settings is None:
        return MemoryPresenceTable()
    return DynamoPresenceTable(Aws(settings).dynamodb(), settings.prefix)


def sign(clock: ManualClock, queue: str, pid: int = 7) -> WorkerSign:
    return WorkerSign("archiver", queue, "a-host", pid, clock(), clock(), 0)


def test_the_newest_sign_of_each_process_is_there_until_it_is_old(
    table: PresenceTable, clock: ManualClock
) -> None:
    clock.time += timedelta(days=1)  # after what other tests have said
    first, second = sign(clock, "archiver"), sign(clock, "archiver", pid=8)
    busy = replace(first, handling=3, taken_at=clock(), waited_seconds=1.5)
    for one in (first, second, busy):
        table.say(one)
    assert table.present(clock(), 10) == [busy, second]
    assert len(table.present(clock(), 1)) == 1
    clock.time += GONE_AFTER
    table.say(replace(second, seen_at=clock()))
    assert [one.pid for one in table.present(clock(), 10)] == [8]
