"""Messages that cannot be handled, from the consumer to the dead-letter queue and back."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable

import pytest

from gas.domain.job import JobStatus
from gas.domain.job_rules import Fail
from gas.events import FailureCode
from gas.messaging.consumer import Consumer
from gas.messaging.dead_letters import DeadLetters, reopen
from gas.messaging.delivery import ConsumerPolicy, GivenUpHandler, ignore_given_up
from gas.messaging.event_handlers import event_handler
from gas.messaging.queue import SqsQueue
from tests.integration.deployed import DeployedGas, eventually

QUICK = ConsumerPolicy(concurrency=2, poll_seconds=1, visibility_seconds=10, retry_seconds=0.1)

pytestmark = pytest.mark.integration


def consume_until(
    queue: SqsQueue,
    handle: Callable[[str], None],
    condition: Callable[[], object],
    give_up: GivenUpHandler = ignore_given_up,
) -> None:
    """Run a consumer until the condition holds, 20 s at most."""
    stop = threading.Event()
    thread = threading.Thread(target=Consumer(queue, handle, QUICK, give_up).run, args=(stop,))
    thread.start()
    try:
        eventually(condition)
    finally:
        stop.set()
        thread.join(20)


def test_a_message_that_is_no_event_goes_to_the_dead_letter_queue_with_the_reason(
    deployed: DeployedGas,
) -> None:
    queue = deployed.queue("restorer")
    letters = DeadLetters.of(deployed.aws.sqs(), queue.name)
    queue.send("not an event")
    handle = event_handler(lambda event: None)
    consume_until(queue, handle, lambda: letters.count() == 1)
    (letter,) = letters.peek(10)
    assert letter.body == "not an event"
    assert "not a JSON object" in (letter.reason or "")


def test_an_event_of_an_unknown_version_becomes_a_dead_letter_that_can_be_redriven(
    deployed: DeployedGas,
) -> None:
    deployed.submitted()
    (event,) = deployed.drain("annotator")
    queue = deployed.queue("notifier")
    letters = DeadLetters.of(deployed.aws.sqs(), queue.name)
    queue.send(json.dumps({**event, "type": "gas.job.submitted.v9"}))
    handled: list[str] = []
    handle = event_handler(lambda event: handled.append(event.id))
    consume_until(queue, handle, lambda: letters.count() == 1)
    assert handled == []
    (letter,) = letters.peek(10)
    assert "UnknownEventType" in (letter.reason or "")
    time.sleep(6)  # peeking hides a letter for 5 s
    assert letters.redrive("another", lambda _: None) == 0
    assert letters.redrive(letter.id, lambda _: None) == 1
    assert letters.count() == 0
    (back,) = deployed.drain("notifier")
    assert back["type"] == "gas.job.submitted.v9"


def test_redriving_the_message_of_a_failed_job_reopens_the_job(
    deployed: DeployedGas,
) -> None:
    _, job_id = deployed.submitted()
    queue = deployed.queue("annotator")
    letters = DeadLetters.of(deployed.aws.sqs(), queue.name)

    def give_up(body: str, reason: str) -> None:
        deployed.jobs.execute(job_id, Fail(FailureCode.INTERNAL, "sorry"))

    def handle(body: str) -> None:
        raise OSError("no disk")

    consume_until(queue, handle, lambda: letters.count() == 1, give_up)
    assert letters.redrive(None, lambda message: reopen(message, deployed.jobs)) == 1
    job = deployed.jobs.load(job_id)
    assert job
    assert job.status is JobStatus.SUBMITTED
    assert [event["type"] for event in deployed.drain("annotator")] == ["gas.job.submitted.v1"]


def test_a_dead_letter_can_be_discarded(deployed: DeployedGas) -> None:
    letters = DeadLetters.of(deployed.aws.sqs(), deployed.queue("restorer").name)
    letters.discard(None)
    dead = SqsQueue(deployed.aws.sqs(), deployed.settings.named("restorer-dlq"))
    for body in ("one", "two", "three"):
        dead.send(body)
    first = next(letters.peek(1))
    time.sleep(6)
    assert letters.discard(first.id) == 1
    assert letters.count() == 2
    assert letters.discard(None) == 2
    assert letters.count() == 0
