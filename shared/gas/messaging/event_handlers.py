"""Message handlers for queues whose messages are events."""

from __future__ import annotations

from collections.abc import Callable

from gas.events import CATALOGUE, Event, JobBody
from gas.messaging.delivery import POSTPONED, MessageHandler
from gas.observability import logs, tracing


def event_handler(handle: Callable[[Event], None]) -> MessageHandler:
    """A message handler that parses the event and binds its ids to the log lines and the trace."""

    def handle_body(body: str) -> None:
        event = CATALOGUE.parse(body)
        job_id = event.data.job_id if isinstance(event.data, JobBody) else None
        with tracing.handling(event, job_id, POSTPONED), logs.event_context(event):
            handle(event)

    return handle_body
