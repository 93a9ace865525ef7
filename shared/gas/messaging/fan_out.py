"""Fan-out: one event about many jobs becomes one message for each job, with attempts of its own.

Without it, a message that takes hours would start again from its first job each time its process
dies, and would go to the dead-letter queue after the fifth. A crash while sending makes some
messages twice, which does no harm: handlers expect duplicates.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable

from gas.events import CATALOGUE, Event, InvalidEvent, JobBody
from gas.messaging.delivery import POSTPONED, MessageHandler
from gas.messaging.queue import MAX_BATCH, Queue
from gas.observability import logs, tracing

# The wire format is {"errand": job_id, "cause": event}. The key keeps its old name: messages that
# an earlier version sent may still be in a queue. It comes first, so that a prefix tells the two
# kinds of message apart; an event in CloudEvents JSON never begins like this.
_JOB_ID_KEY = "errand"
_PREFIX = f'{{"{_JOB_ID_KEY}":'

JobEventHandler = Callable[[Event, str | None], None]
"""Handles an event for one job, by the job's id; None where the event was not fanned out."""


class FanOut:
    """Sends fan-out messages to the queue from which the event came."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(self, cause: Event, user_id: str, job_ids: Iterable[str]) -> int:
        """Send one message for each of the user's jobs; returns how many. Raises BatchRefused."""
        cause_json = cause.to_json()
        remaining = iter(job_ids)
        sent = 0
        # In batches: the ids of a user with very many jobs are never in memory all at once.
        while batch := list(itertools.islice(remaining, MAX_BATCH)):
            self._queue.send_all(
                [_fan_out_message(cause_json, job_id) for job_id in batch], user_id
            )
            sent += len(batch)
        return sent


def _fan_out_message(cause_json: str, job_id: str) -> str:
    return f'{_PREFIX}{json.dumps(job_id)},"cause":{cause_json}}}'


def fan_out_handler(handle: JobEventHandler) -> MessageHandler:
    """A message handler that accepts events and fan-out messages. It may raise InvalidEvent."""

    def handle_body(body: str) -> None:
        fan_out_job_id, event = _read(body)
        job_id = event.data.job_id if isinstance(event.data, JobBody) else fan_out_job_id
        with tracing.handling(event, job_id, POSTPONED), logs.event_context(event):
            handle(event, fan_out_job_id)

    return handle_body


def _read(body: str) -> tuple[str | None, Event]:
    if not body.startswith(_PREFIX):
        return None, CATALOGUE.parse(body)
    try:
        message = json.loads(body)
        return str(message[_JOB_ID_KEY]), CATALOGUE.parse(json.dumps(message["cause"]))
    except (ValueError, KeyError) as error:
        raise InvalidEvent(f"not a fan-out message: {error}") from None
