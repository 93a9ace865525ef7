"""What a worker process does around its handlers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gas.aws.clients import Aws
from gas.eventstore.outbox_relay import OutboxRelay
from gas.memory.queue import MemoryQueue
from gas.messaging.consumer import Consumer
from gas.messaging.delivery import ConsumerPolicy
from gas.messaging.queue import Message
from gas.runtime.background import WatchedThreads
from gas.runtime.repositories import utc_now, write_context_for
from gas.runtime.worker import ConsumerSpec, Stopping, Worker
from gas.settings import WorkerSettings


def test_a_second_signal_in_the_midst_of_the_first_does_not_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stopping = Stopping()
    notify_all = threading.Condition.notify_all
    in_handler = threading.local()

    def interrupted(condition: threading.Condition) -> None:
        # Here the event's lock is held, as when a signal arrives just now.
        if getattr(in_handler, "first", False):
            in_handler.first = False
            stopping.set()
        notify_all(condition)

    def handler() -> None:
        in_handler.first = True
        stopping.set()

    monkeypatch.setattr(threading.Condition, "notify_all", interrupted)
    thread = threading.Thread(target=handler, daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
    assert stopping.is_set()
    assert stopping.is_overdue(0)


def wait(stop: threading.Event) -> None:
    stop.wait(20)


def fail(stop: threading.Event) -> None:
    raise LookupError("a fault that no loop expects")


@contextmanager
def a_death() -> Iterator[threading.Event]:
    """Set once a thread has died of an exception, which is not printed."""
    ended = threading.Event()

    def died(args: object) -> None:
        ended.set()

    hook, threading.excepthook = threading.excepthook, died
    try:
        yield ended
    finally:
        threading.excepthook = hook


def test_a_thread_that_died_makes_the_process_unhealthy() -> None:
    stopping = threading.Event()
    threads = WatchedThreads(stopping)
    threads.start("relay", wait)
    assert threads.are_alive()
    with a_death() as ended:
        threads.start("other", fail)
        assert ended.wait(20)
    assert not threads.are_alive()
    stopping.set()


@pytest.mark.parametrize("dead", ["relay", "beside", "none"])
def test_a_worker_watches_its_relay_and_what_runs_beside(
    dead: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    health, stopping = tmp_path / "alive", Stopping()
    settings = WorkerSettings(health_file=str(health))
    found: list[bool] = []

    class Idle(MemoryQueue):
        name = "annotator"

        def receive(self, limit: int, wait_seconds: int, visibility_seconds: int) -> list[Message]:
            found.append(health.exists())
            stopping.set()
            return []

    with a_death() as ended:

        def queue_after_the_death(*_: object) -> Idle:
            assert dead == "none" or ended.wait(20)
            return Idle(utc_now)

        monkeypatch.setattr(Worker, "_wait_for_queue", queue_after_the_death)
        if dead == "relay":
            monkeypatch.setattr(OutboxRelay, "run", lambda _, stop: fail(stop))
        aws = Aws(settings)
        context = write_context_for("annotator", settings, aws)
        worker = Worker("annotator", settings, aws, context, stopping)
        spec = ConsumerSpec("annotator", lambda body: None, 1)
        assert worker.run(spec, beside=[fail if dead == "beside" else wait]) == 0
    assert found == [dead == "none"]


def test_threads_that_end_when_the_process_stops_are_no_fault() -> None:
    stopping = threading.Event()
    stopping.set()
    threads = WatchedThreads(stopping)
    with threads.watched("annotator"):
        pass
    assert threads.are_alive()


def test_the_health_file_is_not_touched_once_a_thread_is_dead(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    policy = ConsumerPolicy(health_file=file, is_healthy=lambda: False)
    stop = threading.Event()
    stop.set()
    Consumer(MemoryQueue(utc_now), lambda body: None, policy).run(stop)
    assert not file.exists()


class BrokenQueue(MemoryQueue):
    """A queue whose answer nobody foresaw."""

    def receive(self, limit: int, wait_seconds: int, visibility_seconds: int) -> list[Message]:
        raise LookupError("no such field")


def test_the_heartbeat_does_not_hide_that_the_consumer_is_dead(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    policy = ConsumerPolicy(health_file=file, visibility_seconds=0)
    with pytest.raises(LookupError):
        Consumer(BrokenQueue(utc_now), lambda body: None, policy).run(threading.Event())
    for thread in threading.enumerate():
        if thread.name == "heartbeat":
            thread.join(20)
            assert not thread.is_alive()
