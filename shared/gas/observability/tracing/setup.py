"""Turns traces on where OTEL_EXPORTER_OTLP_ENDPOINT is set to the URL of a collector."""

import os

from gas.observability.tracing.recorder import use

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


def configure(service: str) -> bool:
    """Send the spans of this process to the collector; returns False if none is set."""
    if not os.environ.get(ENDPOINT):
        return False
    # The SDK costs a thread and memory, so it is imported only where traces are on.
    from gas.observability.tracing.export import exporting

    use(exporting(service))
    return True
