"""What lists read of the projection of jobs: all of a user's, and what has changed since."""

from __future__ import annotations

from datetime import timedelta

from gas.domain.job import JobStatus
from gas.domain.job_rules import Cancel, Delete
from gas.runtime.repositories import utc_now
from gas.tables.job_list import ListedJob, listed
from tests.contract.event_store import EventStore, until_restoring

_TINY = timedelta(microseconds=1)


def by_id(jobs: tuple[ListedJob, ...]) -> dict[str, ListedJob]:
    return {job.job_id: job for job in jobs}


def test_a_list_has_what_it_shows_of_every_job_that_is_not_deleted(store: EventStore) -> None:
    user, other = store.user(), store.user()
    waiting, deleted, completed = (store.submitted(user) for _ in range(3))
    store.submitted(other)
    store.jobs.execute(deleted.job_id, Cancel("u", "r"))
    store.jobs.execute(deleted.job_id, Delete("u", "r"))
    for command in until_restoring()[:2]:
        completed = store.jobs.execute(completed.job_id, command)
    found = store.job_list.newest(user, 10)
    assert found.is_complete
    assert by_id(found.jobs) == by_id((listed(waiting), listed(completed)))
    assert by_id(found.jobs)[completed.job_id].records == 7


def test_of_more_jobs_than_were_asked_for_the_newest_are_read(store: EventStore) -> None:
    user = store.user()
    made = [store.submitted(user).job_id for _ in range(4)]
    found = store.job_list.newest(user, 3)
    assert not found.is_complete
    assert set(by_id(found.jobs)) == set(made[1:])


def test_what_changed_is_found_by_time_also_what_was_deleted(store: EventStore) -> None:
    user = store.user()
    first, second = store.submitted(user), store.submitted(user)
    assert first.changed_at
    since_all = store.job_list.changed(user, first.changed_at - _TINY, 10)
    assert set(by_id(since_all.jobs)) == {first.job_id, second.job_id}
    started = store.jobs.execute(second.job_id, until_restoring()[0])
    assert started.bundle_version
    since_all = store.job_list.changed(user, first.changed_at - _TINY, 10)
    assert by_id(since_all.jobs) == by_id((listed(first), listed(started)))
    before = utc_now() - _TINY
    store.jobs.execute(first.job_id, Cancel("u", "r"))
    gone = store.jobs.execute(first.job_id, Delete("u", "r"))
    found = store.job_list.changed(user, before, 10)
    assert found.is_complete
    assert found.jobs == (listed(gone),)
    assert found.jobs[0].status is JobStatus.DELETED
    assert not store.job_list.changed(user, first.changed_at - _TINY, 1).is_complete
