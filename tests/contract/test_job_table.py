"""The projection of jobs: pages, filters, and what is in cold storage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gas.domain.job import JobStatus
from gas.domain.job_rules import Cancel, Delete
from gas.events import Lane, new_id
from gas.eventstore.rows import waiting
from gas.runtime.repositories import utc_now
from gas.tables.jobs import BadCursor
from tests.contract.event_store import RESTORE, EventStore, submit, until_restoring


def test_pages_are_newest_first_without_gaps_or_repeats(store: EventStore) -> None:
    user, other = store.user(), store.user()
    made = [store.submitted(user).job_id for _ in range(11)]
    store.submitted(other)
    seen: list[str] = []
    cursor = None
    for _ in range(20):
        page = store.job_table.page(user, limit=4, cursor=cursor, status=None)
        assert len(page.jobs) <= 4
        seen += [job.job_id for job in page.jobs]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == made[::-1]


def test_a_filter_finds_a_few_jobs_among_many(store: EventStore) -> None:
    user = store.user()
    made = [store.submitted(user) for _ in range(12)]
    for job in made[::5]:
        store.jobs.execute(job.job_id, Cancel("u", "r"))
    page = store.job_table.page(user, limit=2, cursor=None, status=JobStatus.CANCELLED)
    assert [job.job_id for job in page.jobs] == [made[10].job_id, made[5].job_id]
    rest = store.job_table.page(user, limit=2, cursor=page.cursor, status=JobStatus.CANCELLED)
    assert [job.job_id for job in rest.jobs] == [made[0].job_id]
    cancelled = [job.job_id for job in store.job_table.with_status(user, JobStatus.CANCELLED)]
    assert cancelled == [made[0].job_id, made[5].job_id, made[10].job_id]


def test_a_made_up_cursor_is_refused(store: EventStore) -> None:
    with pytest.raises(BadCursor):
        store.job_table.page(store.user(), limit=2, cursor="né", status=None)


def cold(store: EventStore, user: str, limit: int) -> list[str]:
    """The ids of jobs in cold storage, as an index has them."""
    return store.job_table.restored_after_or_cold(user, utc_now(), "", limit)[1]


def test_a_users_jobs_in_cold_storage_are_found_until_they_are_restored(store: EventStore) -> None:
    user, other = store.user(), store.user()
    jobs = [store.submitted(owner) for owner in (user, user, user, other)]
    for job in jobs:
        for command in until_restoring()[: -1 if job is jobs[1] else None]:
            store.jobs.execute(job.job_id, command)
    new = store.submitted(user)
    ids = [job.job_id for job in jobs]
    assert cold(store, user, 10) == ids[:3]
    assert cold(store, user, 2) == ids[:2]
    assert store.job_table.waiting(user, new.lane, 10) == [new.job_id]
    store.jobs.execute(ids[0], RESTORE)
    assert cold(store, user, 10) == ids[1:3]
    ever = datetime.min.replace(tzinfo=UTC)
    both = store.job_table.restored_after_or_cold
    assert both(user, ever, "", 10) == (ids[:1], ids[1:3])
    assert both(user, ever, "", 2) == (ids[:1], ids[1:2])
    assert both(user, ever, "", 1) == (ids[:1], [])
    assert both(other, ever, "", 10) == ([], ids[3:])


def test_restored_results_are_found_in_the_order_of_their_restores(store: EventStore) -> None:
    user = store.user()
    jobs = [store.submitted(user) for _ in range(3)]
    for job in jobs:
        for command in until_restoring():
            store.jobs.execute(job.job_id, command)
    restored = [jobs[1].job_id, jobs[0].job_id, jobs[2].job_id]
    for id in restored:
        store.jobs.execute(id, RESTORE)
    times = [store.log.read(f"job/{id}")[-1].time for id in restored]

    def after(n: int, limit: int = 10) -> list[str]:
        return store.job_table.restored_after_or_cold(user, times[n], restored[n], limit)[0]

    assert [after(n) for n in range(3)] == [restored[1:], restored[2:], []]
    assert after(0, limit=1) == restored[1:2]
    assert cold(store, user, 10) == []


def test_unfinished_jobs_of_all_users_are_read_page_by_page(store: EventStore) -> None:
    jobs = [store.submitted(store.user()) for _ in range(5)]
    kind, before = waiting(jobs[0].lane), jobs[4].job_id
    found: list[str] = []
    after = jobs[0].job_id
    while page := store.job_table.open(kind, before, 2, after):
        assert len(page) <= 2
        found += [job.at for job in page]
        after = page[-1].at
    own = [job.job_id for job in jobs]
    assert [at for at in found if at in own] == own[1:4]


def test_waiting_jobs_are_counted_over_all_lanes_and_nothing_else(store: EventStore) -> None:
    user = store.user()
    store.submitted(store.user())
    ended = [store.submitted(user) for _ in range(2)]
    for job, last in zip(ended, (-1, None), strict=True):  # archived, and being restored
        for command in until_restoring()[:last]:
            store.jobs.execute(job.job_id, command)
    restored = store.submitted(user)
    for command in (*until_restoring(), RESTORE):
        store.jobs.execute(restored.job_id, command)
    assert store.job_table.count_waiting(user, 10) == 0
    small = store.submitted(user)
    large = new_id()
    store.jobs.execute(large, replace(submit(large, user), lane=Lane.LARGE))
    assert store.job_table.count_waiting(user, 10) == 2
    assert store.job_table.count_waiting(user, 1) == 1
    store.jobs.execute(small.job_id, Cancel("u", "r"))
    assert store.job_table.count_waiting(user, 10) == 1


def test_what_is_stored_of_a_users_jobs_is_added_up_wherever_it_is(store: EventStore) -> None:
    user = store.user()
    store.submitted(store.user())
    warm, cold, deleted = (store.submitted(user) for _ in range(3))
    assert store.job_table.stored_bytes(user, 1_000_000) == 3 * warm.input.size_bytes
    complete = until_restoring()[:2]
    for job, more in ((warm, ()), (cold, until_restoring()[2:3]), (deleted, (Delete("u", "r"),))):
        for command in (*complete, *more):
            store.jobs.execute(job.job_id, command)
    states = [store.job_table.get(user, job.job_id) for job in (warm, cold)]
    assert states[1]
    assert states[1].archive
    kept = [
        *(state.input.size_bytes for state in states if state),
        *(file.size_bytes for state in states if state for file in state.results),
        states[1].archive.size_bytes,
    ]
    assert store.job_table.stored_bytes(user, 1_000_000) == sum(kept) > 2
    assert store.job_table.stored_bytes(user, 2) == 2
