from datetime import UTC, datetime
from functools import partial

import pytest

from gas.domain.account import Upgrade
from gas.events import Event, InvalidEvent
from gas.memory.queue import MemoryQueue
from gas.messaging.delivery import ConsumerPolicy, MessageDelivery, ignore_given_up
from gas.messaging.fan_out import FanOut, fan_out_handler
from tests.support.world import World

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def cause() -> Event:
    """An event of a new account."""
    world = World()
    world.accounts.execute(world.register(), Upgrade("p"))
    return world.last_event()


def test_each_job_gets_its_own_message_with_the_cause() -> None:
    queue = MemoryQueue(lambda: NOW, delay_seconds=300)
    event = cause()
    handled: list[tuple[str, str | None]] = []
    assert FanOut(queue).send(event, "user-1", (f"job-{n}" for n in range(23))) == 23
    delivery = MessageDelivery(
        queue,
        fan_out_handler(lambda about, job_id: handled.append((about.id, job_id))),
        ignore_given_up,
        ConsumerPolicy(),
        lambda: NOW,
    )
    while messages := queue.receive(10, 0, 30):
        assert {message.group for message in messages} == {"user-1"}
        for message in messages:
            delivery.deliver(message)
    assert handled == [(event.id, f"job-{n}") for n in range(23)]
    assert not queue.depth()


def test_an_event_is_handled_without_a_job_id() -> None:
    job_ids: list[str | None] = []
    fan_out_handler(lambda _, job_id: job_ids.append(job_id))(cause().to_json())
    assert job_ids == [None]


@pytest.mark.parametrize("body", ['{"errand":', '{"errand":"j"}', '{"errand":"j","cause":{}}'])
def test_a_malformed_fan_out_message_is_refused(body: str) -> None:
    with pytest.raises(InvalidEvent):
        fan_out_handler(partial(lambda *_: None))(body)
