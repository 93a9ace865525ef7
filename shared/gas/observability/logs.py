"""Structured logging: one JSON object a line on standard output, with the ids of the story."""

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
    """Send every log line of the process, also those of libraries, through structlog as JSON."""
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
    for chatty in ("botocore", "boto3", "urllib3", "s3transfer"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


@contextmanager
def event_context(event: Event) -> Iterator[None]:
    """Bind the ids of ``event`` to every line logged inside the block."""
    with structlog.contextvars.bound_contextvars(
        event_id=event.id,
        event_type=event.type,
        subject=event.subject,
        correlation_id=event.correlationid,
        causation_id=event.causationid,
    ):
        yield


def _with_origin(service: str, _: Any, __: str, line: EventDict) -> EventDict:
    # Not bound as a context variable: threads begin with none.
    return {"service": service, **tracing.log_ids(), **line}
