"""One message about many jobs becomes one for each, and each has attempts of its own.

A message that stands for hours of work would be handled anew from its beginning after each death of
its process, and would be buried after the fifth. What is sent twice by a death in the middle does
no harm: handlers expect duplicates.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable

from gas.events import CATALOGUE, Event, InvalidEvent, JobBody
from gas.messaging.delivery import POSTPONED, MessageHandler
from gas.messaging.queue import MAX_BATCH, Queue
from gas.observability import logs, tracing

JobEventHandler = Callable[[Event, str | None], None]


class FanOut:
    """Sends errands to the queue from which their cause came."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(self, cause: Event, user_id: str, job_ids: Iterable[str]) -> int:
        """Have the cause handled for each of the user's jobs by itself; gives their number."""
        text = cause.to_json()
        left = iter(job_ids)
        sent = 0
        while batch := list(itertools.islice(left, MAX_BATCH)):
            self._queue.send_all([_fan_out_message(text, job_id) for job_id in batch], user_id)
            sent += len(batch)
        return sent


def _fan_out_message(cause: str, job_id: str) -> str:
    return f'{{"errand":{json.dumps(job_id)},"cause":{cause}}}'


def fan_out_handler(handle: JobEventHandler) -> MessageHandler:
    """A message handler that takes events, and errands with their cause and the job's id."""

    def handle_body(body: str) -> None:
        fan_out_job_id, event = _read(body)
        about = event.data.job_id if isinstance(event.data, JobBody) else fan_out_job_id
        with tracing.handling(event, about, POSTPONED), logs.event_context(event):
            handle(event, fan_out_job_id)

    return handle_body


def _read(body: str) -> tuple[str | None, Event]:
    if not body.startswith('{"errand":'):
        return None, CATALOGUE.parse(body)
    try:
        fan_out_job_id = json.loads(body)
        return str(fan_out_job_id["errand"]), CATALOGUE.parse(json.dumps(fan_out_job_id["cause"]))
    except (ValueError, KeyError) as error:
        raise InvalidEvent(f"not an errand: {error}") from None
