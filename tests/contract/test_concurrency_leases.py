"""Leases that limit how many jobs of a user run at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gas.aws.clients import Aws
from gas.events import new_id
from gas.memory.concurrency_leases import MemoryConcurrencyLeases
from gas.messaging.concurrency_leases import (
    AlreadyRunning,
    ConcurrencyLeases,
    DynamoConcurrencyLeases,
)
from gas.settings import Settings
from tests.support.clock import ManualClock


@pytest.fixture
def leases(settings: Settings | None, clock: ManualClock) -> ConcurrencyLeases:
    if settings is None:
        return MemoryConcurrencyLeases(clock, lease_seconds=60)
    return DynamoConcurrencyLeases(
        Aws(settings).dynamodb(), settings.prefix, lease_seconds=60, now=clock
    )


def test_a_user_has_at_most_as_many_leases_as_the_limit(leases: ConcurrencyLeases) -> None:
    user = new_id()
    first, second = (leases.acquire(user, f"job-{n}", f"holder-{n}", 2) for n in (1, 2))
    assert first
    assert second
    assert leases.acquire(user, "job-3", "holder-3", 2) is None
    assert leases.acquire(new_id(), "job-3", "holder-3", 2)
    assert {(held.job_id, held.holder) for held in leases.held(user)} == {
        ("job-1", "holder-1"),
        ("job-2", "holder-2"),
    }
    leases.release(first)
    leases.release(first)
    assert leases.acquire(user, "job-3", "holder-3", 2)
    assert leases.acquire(user, "job-4", "holder-4", 3), "a higher limit gives another lease"


def test_a_job_is_run_by_one_holder_at_a_time(leases: ConcurrencyLeases) -> None:
    user = new_id()
    lease = leases.acquire(user, "job", "one", 2)
    assert leases.acquire(user, "job", "one", 2) == lease, (
        "the same holder gets the same lease when it asks again"
    )
    with pytest.raises(AlreadyRunning):
        leases.acquire(user, "job", "another", 2)


def test_a_lease_that_is_not_renewed_is_lost(leases: ConcurrencyLeases, clock: ManualClock) -> None:
    user = new_id()
    lease = leases.acquire(user, "job", "one", 1)
    assert lease
    clock.time += timedelta(seconds=50)
    assert leases.renew(lease)
    clock.time += timedelta(seconds=50)
    with pytest.raises(AlreadyRunning):
        leases.acquire(user, "job", "another", 1)
    clock.time += timedelta(seconds=11)
    taken = leases.acquire(user, "job", "another", 1)
    assert taken
    assert not leases.renew(lease)
    leases.release(lease)
    assert leases.renew(taken), "the former holder released the lease of the new one"
