"""One request for what several threads ask, now or soon."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ConnectionClosedError

from gas.aws.gathering import Deferred, Gathered


class Call:
    """A call that waits at a gate and records its batches; odd items fail."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = threading.Event()
        self.began = threading.Event()

    def __call__(self, items: Sequence[int]) -> list[BaseException | None]:
        self.batches.append(list(items))
        self.began.set()
        assert self.gate.wait(10)
        return [ValueError(str(item)) if item % 2 else None for item in items]


def test_who_comes_alone_is_called_at_once_and_alone() -> None:
    call, pauses = Call(), list[float]()
    call.gate.set()
    gathered = Gathered(call, most=10, linger_seconds=1, sleep=pauses.append)
    gathered.submit(2)
    gathered.submit(4)
    assert call.batches == [[2], [4]]
    assert pauses == []


def test_who_comes_during_a_call_shares_the_next_ones_and_gets_an_own_error() -> None:
    call, pauses = Call(), list[float]()
    gathered = Gathered(call, most=10, linger_seconds=1, sleep=pauses.append)
    with ThreadPoolExecutor(20) as pool:
        first = pool.submit(gathered.submit, 0)
        assert call.began.wait(10)
        others = {item: pool.submit(gathered.submit, item) for item in range(1, 16)}
        deadline = time.monotonic() + 10
        while len(gathered._waiting) < len(others) and time.monotonic() < deadline:
            time.sleep(0.001)
        call.gate.set()
        assert first.result(10) is None
        for item, future in others.items():
            if item % 2:
                with pytest.raises(ValueError, match=str(item)):
                    future.result(10)
            else:
                assert future.result(10) is None
    assert [len(batch) for batch in call.batches] == [1, 10, 5]
    assert pauses == [1], "after a shared call the next one waits for more"


def test_nobody_waits_for_a_call_that_failed_as_a_whole() -> None:
    calls = 0

    def call(items: Sequence[int]) -> list[BaseException | None]:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ConnectionClosedError(endpoint_url="http://sns")
        return [None] * len(items)

    gathered = Gathered(call, most=10, linger_seconds=0)
    with pytest.raises(ConnectionClosedError):
        gathered.submit(1)
    gathered.submit(2)
    assert calls == 2


def test_many_threads_lose_and_repeat_nothing() -> None:
    done: list[int] = []

    def call(items: Sequence[int]) -> list[BaseException | None]:
        done.extend(items)
        return [None] * len(items)

    gathered = Gathered(call, most=10, linger_seconds=0.0001)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(gathered.submit, range(2_000)))
    assert sorted(done) == list(range(2_000))


def test_what_is_deferred_is_done_together_and_in_time() -> None:
    batches: list[list[int]] = []
    deferred: Deferred[int] = Deferred(
        lambda items: batches.append(list(items)), most=3, seconds=30
    )
    for item in range(7):
        deferred.add(item)
    assert batches == [[0, 1, 2], [3, 4, 5]], "a full batch does not wait"
    deferred.flush()
    assert batches[2:] == [[6]]
    soon: Deferred[int] = Deferred(lambda items: batches.append(list(items)), most=3, seconds=0.01)
    soon.add(9)
    deadline = time.monotonic() + 10
    while len(batches) < 4 and time.monotonic() < deadline:
        time.sleep(0.005)
    assert batches[3:] == [[9]]


def test_what_fails_is_not_done_and_does_not_stop_the_next() -> None:
    calls: list[list[int]] = []

    def call(items: Sequence[int]) -> None:
        calls.append(list(items))
        if 0 in items:
            raise ConnectionClosedError(endpoint_url="http://sqs")

    deferred: Deferred[int] = Deferred(call, most=2, seconds=30)
    for item in range(4):
        deferred.add(item)
    assert calls == [[0, 1], [2, 3]]
