"""Structured logging: one JSON object a line on standard output, with the ids of the story."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from gas.events import Event


def configure(service: str, level: str) -> None:
    """Send every log line of the process, also those of libraries, through structlog as JSON."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("botocore", "boto3", "urllib3", "s3transfer"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service=service)


@contextmanager
def story(event: Event) -> Iterator[None]:
    """Bind the ids of ``event`` to every line logged inside the block."""
    with structlog.contextvars.bound_contextvars(
        event_id=event.id,
        event_type=event.type,
        subject=event.subject,
        correlation_id=event.correlationid,
        **({"traceparent": event.traceparent} if event.traceparent else {}),
    ):
        yield
