"""What operators' pages read: recent events, stored bytes, leases, counts of queues, letters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from gas.aws.clients import Aws
from gas.dead_letter_administration import Act, DeadLetterAdministration
from gas.domain.job_rules import Start
from gas.events import new_id
from gas.eventstore.projections import folded
from gas.eventstore.recent import DynamoRecentEvents, RecentEvents
from gas.eventstore.repository import LETTER, Repository, WriteContext
from gas.memory.log import MemoryEventLog
from gas.memory.operation import MemoryQueueCounter, MemoryRecentEvents, MemoryStoredTable
from gas.memory.queue import MemoryQueue
from gas.messaging.dead_letters import DeadLetters
from gas.messaging.queue import Message, Queue, SqsQueue
from gas.messaging.queue_counts import QueueCounter, SqsQueueCounter
from gas.runtime.repositories import utc_now
from gas.settings import Settings
from gas.tables.stored import DynamoStoredTable, StoredTable
from tests.contract.event_store import EventStore, NoBus

SOON = timedelta(seconds=5)


def database(store: EventStore) -> MemoryEventLog:
    assert isinstance(store.log, MemoryEventLog)
    return store.log


def recent_of(store: EventStore, settings: Settings | None) -> RecentEvents:
    if settings is None:
        return MemoryRecentEvents(database(store)._db)
    return DynamoRecentEvents(Aws(settings).dynamodb(), settings.prefix)


def stored_of(store: EventStore, settings: Settings | None) -> StoredTable:
    if settings is None:
        return MemoryStoredTable(database(store)._db)
    return DynamoStoredTable(Aws(settings).dynamodb(), settings.prefix)


def test_the_newest_events_come_first_with_their_types(
    store: EventStore, settings: Settings | None
) -> None:
    job = store.submitted(store.user())
    store.jobs.execute(job.job_id, Start("e", "b"))
    recent = recent_of(store, settings)
    found = recent.newest(utc_now() + SOON, 6, 2)
    assert [event.type for event in found] == ["gas.job.started.v1", "gas.job.submitted.v1"]
    assert len(recent.newest(utc_now() + SOON, 6, 1)) == 1
    assert recent.newest(utc_now() - timedelta(hours=40), 6, 10) == []
    assert found[0].at <= utc_now() + SOON


def test_what_is_stored_is_summed_over_all_users(
    store: EventStore, settings: Settings | None
) -> None:
    stored = stored_of(store, settings)
    before = stored.total(utc_now() - SOON)
    jobs = [store.submitted(store.user()) for _ in range(3)]
    after = stored.total(utc_now() - SOON)
    assert after.bytes - before.bytes == sum(job.input.size_bytes for job in jobs) > 0
    assert after.jobs - before.jobs == 3
    assert after.new_jobs >= 3
    assert after.is_all
    assert stored.total(utc_now() + timedelta(days=1)).new_jobs == 0


def queues_of(settings: Settings | None) -> tuple[Queue, Queue, QueueCounter]:
    """The queue of the restorer, its dead letters, and what counts both."""
    if settings is None:
        queue, dead = MemoryQueue(utc_now), MemoryQueue(utc_now)
        return queue, dead, MemoryQueueCounter({"restorer": queue, "restorer-dlq": dead})
    sqs = Aws(settings).sqs()
    names = (settings.named(name) for name in ("restorer", "restorer-dlq"))
    queue_, dead_ = (SqsQueue(sqs, name) for name in names)
    return queue_, dead_, SqsQueueCounter(sqs, settings.prefix)


def test_queues_are_counted_by_what_waits_is_handled_and_delayed(
    settings: Settings | None,
) -> None:
    queue, _, counter = queues_of(settings)
    for _ in range(2):
        queue.send("now")
    queue.send("later", 60)
    (taken,) = queue.receive(1, 1, 30)
    counts = counter.count("restorer")
    assert (counts.visible, counts.in_flight, counts.delayed) == (1, 1, 1)
    assert counts.total == 3
    queue.delete(taken)


def test_letters_are_looked_at_without_hiding_them_and_each_act_is_in_the_log(
    store: EventStore, settings: Settings | None
) -> None:
    queue, dead, _ = queues_of(settings)
    letters = DeadLetters(dead, lambda letter: queue.send(letter.body))
    for number in range(3):
        dead.send(f"letter {number}")
    context = WriteContext(store.log, NoBus(), utc_now, new_id, "/gas/test")
    administration = DeadLetterAdministration(
        lambda _: letters, Repository(LETTER, context), store.jobs, context, store.uploads
    )
    seen = administration.look("restorer", 10)
    assert sorted(letter.body for letter in administration.look("restorer", 10)) == sorted(
        letter.body for letter in seen
    )
    act = Act("operator-1", "a test")
    assert administration.discard("restorer", seen[0].id, act) == 1
    assert administration.discard("restorer", seen[0].id, act) == 0
    assert administration.redrive("restorer", seen[1].id, act) == 1
    assert [letter.id for letter in administration.look("restorer", 10)] == [seen[2].id]
    for letter, kind in zip(seen, ("discarded", "redriven"), strict=False):
        (event,) = store.log.read(f"letter/{letter.id}")
        assert event.type == f"gas.letter.{kind}.v1"
        assert folded(store.log, f"letter/{letter.id}") is None
    administration.discard("restorer", seen[2].id, act)


def _letters(dead: Queue, send_back: Callable[[Message], None], _: str) -> DeadLetters:
    return DeadLetters(dead, send_back)


def test_an_act_that_was_cut_short_is_repeated_without_a_second_event(store: EventStore) -> None:
    dead = MemoryQueue(utc_now)
    sent: list[str] = []

    def dies(_: Message) -> None:
        raise ConnectionError

    context = WriteContext(store.log, NoBus(), utc_now, new_id, "/gas/test")
    repository = Repository(LETTER, context)
    letter_id = f"{dead.put_letter('x', 'r')}-{new_id()}"
    dead._messages = {letter_id: dead._messages.popitem()[1]}
    for send_back in (dies, lambda letter: sent.append(letter.body)):
        administration = DeadLetterAdministration(
            partial(_letters, dead, send_back), repository, store.jobs, context, store.uploads
        )
        dead.make_visible()
        try:
            administration.redrive("restorer", letter_id, Act("operator-1", "a test"))
        except ConnectionError:
            assert dead.depth() == 1
    assert sent == ["x"]
    assert dead.depth() == 0
    assert len(store.log.read(f"letter/{letter_id}")) == 1
