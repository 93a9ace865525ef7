"""The event log, with the repositories that write to it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ConnectionClosedError

from gas.domain.account import Downgrade, Register, Upgrade
from gas.domain.job import JobStatus
from gas.domain.job_rules import Start
from gas.events import Event, Plan, new_id
from gas.eventstore.guards import GuardFailed, PlanIs
from gas.eventstore.log import Conflict, StoredEvent
from gas.eventstore.repository import ACCOUNT, Repository, WriteContext
from gas.eventstore.rows import account_row, job_row
from gas.eventstore.sweep import Segment
from gas.runtime.repositories import utc_now
from tests.contract.event_store import RESTORE, EventStore, NoBus, until_restoring


def test_appended_events_are_read_in_order(store: EventStore) -> None:
    job = store.submitted(store.user())
    store.jobs.execute(job.job_id, Start("e", "b"))
    store.jobs.execute(job.job_id, Start("e", "b"))
    events = store.log.read(f"job/{job.job_id}")
    assert [event.streamversion for event in events] == [1, 2, 3]
    assert store.log.read("job/nothing") == []


def test_event_and_projection_are_committed_together(store: EventStore) -> None:
    user = store.user()
    job = store.submitted(user)
    assert store.job_table.get(user, job.job_id) == job
    started = store.jobs.execute(job.job_id, Start("e", "b"))
    assert store.job_table.get(user, job.job_id) == started
    account = store.accounts.load(user)
    assert store.account_table.get(user) == account
    assert store.job_table.get(store.user(), job.job_id) is None


def test_a_version_is_written_once(store: EventStore) -> None:
    user = store.user()
    job = store.submitted(user)
    event = store.log.read(f"job/{job.job_id}")[0].model_copy(update={"id": new_id()})
    with pytest.raises(Conflict):
        store.log.append([event], job_row(job))


def test_one_of_many_writers_of_the_same_version_wins(store: EventStore) -> None:
    user = store.user()
    account = store.accounts.load(user)
    assert account is not None
    outcomes: list[str] = []

    def write(number: int) -> None:
        log = store.make_log()
        write_context = WriteContext(log, NoBus(), utc_now, new_id, f"/gas/{number}")
        body = ACCOUNT.decide(account, Upgrade(f"p{number}"))[0]
        event = Event.of(
            body,
            id=write_context.new_id(),
            time=write_context.now(),
            source=write_context.source,
            streamversion=2,
        )
        try:
            log.append([event], account_row(ACCOUNT.evolve(account, event)))
            outcomes.append("won")
        except Conflict:
            outcomes.append("lost")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["lost"] * 7 + ["won"]
    assert len(store.log.read(f"account/{user}")) == 2


def test_the_plan_guard_holds_at_the_moment_of_the_commit(store: EventStore) -> None:
    user = store.user()
    job = store.submitted(user)
    store.accounts.execute(user, Upgrade("p"))
    with pytest.raises(GuardFailed):
        store.jobs.execute(job.job_id, Start("e", "b"), guards=[PlanIs(user, Plan.FREE, 1)])
    assert store.job_table.get(user, job.job_id) == job
    assert len(store.log.read(f"job/{job.job_id}")) == 1
    after = store.jobs.execute(job.job_id, Start("e", "b"), guards=[PlanIs(user, Plan.PREMIUM, 2)])
    assert after.status is JobStatus.RUNNING


def test_a_plan_that_was_changed_and_changed_back_fails_the_guard(store: EventStore) -> None:
    user = store.user()
    job = store.submitted(user)
    store.accounts.execute(user, Upgrade("p"))
    store.accounts.execute(user, Downgrade("r"))
    with pytest.raises(GuardFailed):
        store.jobs.execute(job.job_id, Start("e", "b"), guards=[PlanIs(user, Plan.FREE, 1)])
    store.jobs.execute(job.job_id, Start("e", "b"), guards=[PlanIs(user, Plan.FREE, 3)])


def test_an_existing_version_is_reported_before_a_failed_guard(store: EventStore) -> None:
    # It may be our own commit whose answer was lost, and the plan may have changed since then.
    user = store.user()
    job = store.submitted(user)
    store.accounts.execute(user, Upgrade("p"))
    event = store.log.read(f"job/{job.job_id}")[0].model_copy(update={"id": new_id()})
    with pytest.raises(Conflict):
        store.log.append([event], job_row(job), [PlanIs(user, Plan.FREE, 1)])


def test_the_outbox_holds_an_event_until_it_is_published(store: EventStore) -> None:
    cut_off = Repository(
        ACCOUNT, WriteContext(store.log, Unreachable(), utc_now, new_id, "/gas/test")
    )
    user = new_id()
    cut_off.execute(user, Register(user))
    soon = datetime.now(UTC) + timedelta(seconds=5)

    def waiting() -> list[str]:
        return [entry.stream for entry in store.log.unpublished(soon, 1000)]

    assert f"account/{user}" in waiting()
    assert store.log.unpublished(datetime.now(UTC) - timedelta(minutes=1), 1000) == []
    event = store.log.read(f"account/{user}")[0]
    assert [entry.text for entry in store.log.stored(event.subject)] == [event.to_json()]
    for _ in range(2):
        store.log.mark_published(event.subject, 1)
    assert f"account/{user}" not in waiting()
    for _ in range(2):
        store.log.mark_unpublished(event.subject, 1)
    assert waiting().count(f"account/{user}") == 1
    store.log.mark_published(event.subject, 1)
    store.log.mark_unpublished("account/nobody", 1)
    assert not {"account/nobody", f"account/{user}"} & set(waiting())


def test_many_events_leave_the_outbox_in_one_request(store: EventStore) -> None:
    streams = [f"account/{store.user()}" for _ in range(4)]
    for stream in streams:
        store.log.mark_unpublished(stream, 1)
    gone, kept = [(stream, 1) for stream in streams[:3]], streams[3]
    for _ in range(2):
        store.log.mark_all_published([*gone, ("account/nobody", 1)])
    soon = datetime.now(UTC) + timedelta(seconds=5)
    waiting = {entry.stream for entry in store.log.unpublished(soon, 1000)}
    assert waiting & {*streams, "account/nobody"} == {kept}
    store.log.mark_all_published([(kept, 1)])
    assert store.log.stored("account/nobody") == []
    assert [event.subject for stream in streams for event in store.log.read(stream)] == streams


class Unreachable:
    """A bus that is down."""

    def publish(self, event: Event) -> None:
        raise ConnectionClosedError(endpoint_url="http://topic")


def test_every_event_is_listed(store: EventStore) -> None:
    user = store.user()
    job = store.submitted(user)
    store.jobs.execute(job.job_id, Start("e", "b"))
    found: list[StoredEvent] = []
    for number in range(3):
        after: str | None = None
        while True:
            page = store.log.event_page(Segment(number, 3), after)
            found += page.items
            after = page.after
            if after is None:
                break
    assert [e for e in found if e.stream == f"account/{user}"] == store.log.stored(
        f"account/{user}"
    )
    stored = store.log.stored(f"job/{job.job_id}")
    assert len(stored) == 2
    assert [entry for entry in found if entry.stream == f"job/{job.job_id}"] == stored


def test_streams_that_have_begun_are_known(store: EventStore) -> None:
    jobs = [store.submitted(store.user()).job_id for _ in range(3)]
    streams = [f"job/{job_id}" for job_id in jobs]
    assert store.log.begun([*streams, "job/none"]) == set(streams)
    assert store.log.begun([]) == set()


def test_all_events_of_a_job_are_read_as_they_were_written(store: EventStore) -> None:
    user = store.user()
    job = store.submitted(user)
    for command in (*until_restoring(), RESTORE):
        job = store.jobs.execute(job.job_id, command)
        assert store.jobs.load(job.job_id) == job
        assert store.job_table.get(user, job.job_id) == job
