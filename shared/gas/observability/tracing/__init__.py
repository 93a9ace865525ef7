"""Traces by OpenTelemetry: ``setup`` turns them on, ``spans`` makes, ``export`` sends spans."""

from gas.observability.tracing.recorder import provider, use
from gas.observability.tracing.setup import ENDPOINT, configure
from gas.observability.tracing.spans import (
    delivered,
    handling,
    log_ids,
    noticed,
    root_of,
    span,
    traceparent,
    writing,
)

__all__ = [
    "ENDPOINT",
    "configure",
    "delivered",
    "handling",
    "log_ids",
    "noticed",
    "provider",
    "root_of",
    "span",
    "traceparent",
    "use",
    "writing",
]
