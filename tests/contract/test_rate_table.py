"""The table of counts for rate limits, of one process and of all."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest

from gas.aws.clients import Aws
from gas.events import new_id
from gas.settings import Settings
from gas.tables.rates import DynamoRateTable, LocalRateTable, RateTable, Window

NOW = 1_800_000_000


@pytest.fixture
def rates(settings: Settings | None) -> RateTable:
    if settings is None:
        return LocalRateTable()
    return DynamoRateTable(Aws(settings).dynamodb(), settings.prefix)


def test_hits_are_counted_until_the_window_that_the_first_began_ends(rates: RateTable) -> None:
    key = new_id()
    assert rates.get(key, NOW) is None
    assert rates.add(key, 1, NOW, 60) == Window(1, NOW + 60)
    assert rates.add(key, 2, NOW + 59, 60) == Window(3, NOW + 60)
    assert rates.get(key, NOW + 59) == Window(3, NOW + 60)
    assert rates.get(new_id(), NOW) is None
    assert rates.get(key, NOW + 60) is None
    assert rates.add(key, 1, NOW + 60, 60) == Window(1, NOW + 120)
    assert rates.add(key, 1, NOW + 30, 60) == Window(2, NOW + 120), "a task whose clock is behind"


def test_no_hit_is_lost_where_two_begin_a_window_at_once(rates: RateTable) -> None:
    key, both = new_id(), Barrier(2)
    counts: list[int] = []

    def hit() -> None:
        both.wait()
        counts.append(rates.add(key, 1, NOW, 60).hits)

    threads = [Thread(target=hit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [1, 2]
