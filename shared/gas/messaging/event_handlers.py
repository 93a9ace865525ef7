"""Message handlers for queues whose messages are events; see ``fan_out`` for queues with both."""

from __future__ import annotations

from collections.abc import Callable

from gas.events import CATALOGUE, Event, JobBody
from gas.messaging.delivery import POSTPONED, MessageHandler
from gas.observability import logs, tracing


def event_handler(handle: Callable[[Event], None]) -> MessageHandler:
    """A message handler that parses the event, and adds its ids to log lines and to the trace.

    It raises InvalidEvent or UnknownEventType where the message cannot be parsed.
    """

    def handle_body(body: str) -> None:
        event = CATALOGUE.parse(body)
        job_id = event.data.job_id if isinstance(event.data, JobBody) else None
        with tracing.handling(event, job_id, POSTPONED), logs.event_context(event):
            handle(event)

    return handle_body
