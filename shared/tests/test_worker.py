"""What a worker process does around its handlers."""

import threading

import pytest

from gas.runtime.worker import Stopping


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
