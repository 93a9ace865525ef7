"""The newest part of the log, for processes that follow it."""

from __future__ import annotations

from datetime import timedelta

from gas.domain.job_rules import Cancel
from gas.runtime.repositories import utc_now
from tests.contract.event_store import EventStore


def test_new_events_of_all_streams_are_found_with_their_places(store: EventStore) -> None:
    user = store.user()
    first = store.submitted(user)
    before = utc_now()
    second = store.submitted(user)
    store.jobs.execute(first.job_id, Cancel("u", "r"))
    now = utc_now() + timedelta(seconds=1)
    # Ids can be a little ahead of the clock, so what is older may be named too.
    found = {(key.stream, key.version) for key in store.feed.since(before, now)}
    assert {(f"job/{second.job_id}", 1), (f"job/{first.job_id}", 2)} <= found
    far = store.feed.since(before - timedelta(days=1), now)
    assert found <= {(key.stream, key.version) for key in far}
    assert not store.feed.since(now + timedelta(minutes=1), now + timedelta(minutes=1))
