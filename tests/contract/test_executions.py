"""The state machine that spreads parts: in memory, and the real template on the emulator."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gas.aws.clients import Aws
from gas.events import new_id
from gas.memory.executions import MemoryExecutions
from gas.memory.files import MemoryFiles
from gas.memory.queue import MemoryQueue
from gas.messaging.executions import Executions, Scatter, StepFunctions, execution_name, items_of
from gas.messaging.queue import Message, Queue, SqsQueue
from gas.runtime.repositories import utc_now
from gas.settings import Settings

_TRIES = 100  # of receives: the emulator sends in its own time

exact = pytest.mark.skipif(
    "GAS_TEST_AWS_URL" in os.environ,
    reason="NOT TESTED: LocalStack 4.14 goes on with what was refused, answered or stopped",
)


class Spread:
    """An installation's executions, the queue they send to, and how to store parts."""

    def __init__(
        self, executions: Executions, queue: Queue, bucket: str, store: Callable[[str, bytes], Any]
    ) -> None:
        self.executions = executions
        self.queue = queue
        self.store = store
        self.bucket = bucket

    def start(self, parts: int = 3, split: int = 3) -> Scatter:
        scatter = Scatter("user-1", new_id(), split, self.bucket, f"user-1/{new_id()}/items.json")
        self.store(scatter.items_key, items_of(parts).encode())
        self.executions.start(scatter)
        return scatter

    def take(self, scatter: Scatter, most: int) -> list[dict[str, Any]]:
        """The messages of that job, ``most`` of them; they are deleted."""
        found: list[dict[str, Any]] = []
        for _ in range(_TRIES):
            for message in self.queue.receive(10, 1, 30):
                self.queue.delete(message)
                self._keep(message, scatter, found)
            if len(found) >= most:
                return found
        raise AssertionError(f"only {len(found)} of {most} messages came")

    @staticmethod
    def _keep(message: Message, scatter: Scatter, found: list[dict[str, Any]]) -> None:
        body = json.loads(message.body)
        if body["job_id"] == scatter.job_id:
            assert message.group in {scatter.user_id, None}
            found.append(body)

    def has_ended(self, scatter: Scatter) -> bool:
        for _ in range(_TRIES):
            if not self.executions.is_running(scatter.name):
                return True
            self.queue.receive(1, 1, 1)  # waits
        return False


@pytest.fixture
def spread(settings: Settings | None) -> Iterator[Spread]:
    if settings is None:
        files, queue = MemoryFiles("parts", utc_now), MemoryQueue(utc_now)
        yield Spread(MemoryExecutions(queue, {"parts": files}), queue, "parts", files.write)
        return
    aws = Aws(settings)
    s3, bucket = aws.s3(), settings.bucket("parts")
    yield Spread(
        StepFunctions(aws.states(), settings.machine_arn("scatter")),
        SqsQueue(aws.sqs(), settings.named("annotator-parts")),
        bucket,
        lambda key, body: s3.put_object(Bucket=bucket, Key=key, Body=body),
    )


def test_every_part_is_sent_with_a_token_and_the_join_after_the_last_answer(spread: Spread) -> None:
    scatter = spread.start(parts=3)
    parts = spread.take(scatter, 3)
    tokens = {part.pop("token") for part in parts}
    assert len(tokens) == 3
    ids = {"user_id": "user-1", "job_id": scatter.job_id, "split": 3}
    assert sorted(parts, key=lambda part: part["number"]) == [
        {"kind": "part", **ids, "number": number} for number in range(3)
    ]
    for token in tokens:
        assert spread.executions.beat(token)
        spread.executions.answer(token)
    (join,) = spread.take(scatter, 1)
    token = join.pop("token")
    assert join == {"kind": "join", **ids}
    assert spread.executions.is_running(scatter.name)
    spread.executions.answer(token)
    assert spread.has_ended(scatter)


def test_an_execution_is_started_once(spread: Spread) -> None:
    scatter = spread.start(parts=1)
    spread.executions.start(scatter)
    (part,) = spread.take(scatter, 1)
    spread.executions.answer(part["token"])
    (join,) = spread.take(scatter, 1)
    assert join["kind"] == "join"
    spread.executions.answer(join["token"])
    assert spread.has_ended(scatter)
    spread.executions.start(scatter)  # also when it has ended
    assert not spread.executions.is_running(scatter.name)


@exact
def test_a_part_that_is_refused_ends_the_execution(spread: Spread) -> None:
    scatter = spread.start(parts=1)
    (part,) = spread.take(scatter, 1)
    spread.executions.refuse(part["token"], "Job.Over", "the job was cancelled")
    assert spread.has_ended(scatter)
    assert not spread.executions.beat(part["token"])


@exact
def test_a_token_that_is_over_is_answered_without_an_effect(spread: Spread) -> None:
    scatter = spread.start(parts=1)
    (part,) = spread.take(scatter, 1)
    spread.executions.answer(part["token"])
    (join,) = spread.take(scatter, 1)
    assert not spread.executions.beat(part["token"])
    spread.executions.answer(part["token"])
    spread.executions.refuse(part["token"], "Job.Over", "late")
    assert spread.executions.is_running(scatter.name)
    spread.executions.answer(join["token"])
    assert spread.has_ended(scatter)


@exact
def test_an_execution_that_is_stopped_runs_no_more_and_can_be_stopped_again(spread: Spread) -> None:
    scatter = spread.start(parts=1)
    (part,) = spread.take(scatter, 1)
    for _ in range(2):
        spread.executions.stop(scatter.name, "cancelled")
        assert not spread.executions.is_running(scatter.name)
    spread.executions.refuse(part["token"], "Job.Over", "stopped")  # so that no thread waits on


def test_an_execution_that_never_was_does_not_run(spread: Spread) -> None:
    name = execution_name(new_id(), 3)
    assert not spread.executions.is_running(name)
    spread.executions.stop(name, "nothing to stop")
