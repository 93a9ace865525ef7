"""Switches traces on where a collector is named."""

import os

from gas.observability.tracing.recorder import use

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


def configure(service: str) -> bool:
    """Send the spans of this process to the collector, if one is named; returns whether it is."""
    if not os.environ.get(ENDPOINT):
        return False
    # The SDK costs a thread and memory, so it is loaded only where traces are on.
    from gas.observability.tracing.export import exporting

    use(exporting(service))
    return True
