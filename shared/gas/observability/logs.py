"""Structured logging: one JSON object on each line of standard output.

Each line has the service, and where known the ids of the event, its correlation and the trace.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import structlog
from structlog.typing import EventDict

from gas.events import Event
from gas.observability import tracing
from gas.observability.metrics import Emf
from gas.settings import Settings


def configure(service: str, settings: Settings) -> None:
    """Log as JSON from now on, lines of libraries included. Call once, when the process starts."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        partial(_with_origin, service),
        Emf(settings.metrics == "emf"),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelName(settings.log_level)
        ),
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
    root.setLevel(settings.log_level)
    # At INFO these log every request.
    for library in ("botocore", "boto3", "urllib3", "s3transfer"):
        logging.getLogger(library).setLevel(logging.WARNING)


@contextmanager
def event_context(event: Event) -> Iterator[None]:
    """Add the ids of ``event`` to every line logged inside the block, by this thread."""
    with structlog.contextvars.bound_contextvars(
        event_id=event.id,
        event_type=event.type,
        subject=event.subject,
        correlation_id=event.correlationid,
        causation_id=event.causationid,
    ):
        yield


def _with_origin(service: str, _: Any, __: str, line: EventDict) -> EventDict:
    # Not a context variable: a new thread starts without any.
    return {"service": service, **tracing.log_ids(), **line}
