"""The OpenTelemetry SDK and exporter. Imported only where a collector is set: it costs memory."""

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

from gas.observability.tracing.recorder import next_ids

# Of one request to the collector; a slow collector must not delay the end of a process.
_TIMEOUT_SECONDS = 5


class JobIds(RandomIdGenerator):
    """Random ids, except for the root span of a job's trace: its ids follow from the job's id."""

    def generate_trace_id(self) -> int:
        given = next_ids.get()
        return given.trace_id if given else super().generate_trace_id()

    def generate_span_id(self) -> int:
        given = next_ids.get()
        return given.span_id if given else super().generate_span_id()


def recording_to(processor: SpanProcessor, service: str) -> TracerProvider:
    """A provider whose spans go to ``processor``."""
    resource = Resource.create({"service.name": f"gas-{service}"})
    provider = TracerProvider(id_generator=JobIds(), resource=resource)
    provider.add_span_processor(processor)
    return provider


def exporting(service: str) -> TracerProvider:
    """A provider that sends spans in batches to the collector in OTEL_EXPORTER_OTLP_ENDPOINT."""
    return recording_to(BatchSpanProcessor(OTLPSpanExporter(timeout=_TIMEOUT_SECONDS)), service)
