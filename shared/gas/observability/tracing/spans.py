"""Spans: everything that happens to a job is one trace, and the trace id is the job's id.

A job's id is a UUIDv7. Its 32 hexadecimal digits are the trace id, the last 16 are the id of the
root span (the submission). So the trace of a job is found by the job's id, and every process can
add spans to it without a lookup, even for a message that carries no trace context, such as a
restore notice of S3. Events carry the W3C context of the span that appended them (``traceparent``).

Nothing is recorded unless OTEL_EXPORTER_OTLP_ENDPOINT is set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from opentelemetry import trace
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gas.events import Event
from gas.observability.tracing import recorder

if TYPE_CHECKING:
    from opentelemetry.context import Context

_SPAN_BITS = 64
_W3C = TraceContextTextMapPropagator()

Attributes = Mapping[str, str | int | float]
Expected = tuple[type[Exception], ...]
"""Exceptions that are outcomes, not errors: a span has them as the attribute ``gas.outcome``."""

_delivery: ContextVar[Attributes | None] = ContextVar("delivery", default=None)


def traceparent() -> str | None:
    """The W3C ``traceparent`` of the current span, or None where nothing is recorded."""
    if recorder.provider() is None:
        return None
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get("traceparent")


def log_ids() -> dict[str, str]:
    """Log fields with the hexadecimal ids of the current trace and span; empty outside of spans."""
    current = trace.get_current_span().get_span_context()
    if not current.is_valid:
        return {}
    return {"trace_id": f"{current.trace_id:032x}", "span_id": f"{current.span_id:016x}"}


@contextmanager
def delivered(queue: str, message_id: str, receives: int) -> Iterator[None]:
    """Add attributes of a delivered message to the spans of ``handling`` and ``noticed`` inside."""
    token = _delivery.set(
        {
            "messaging.system": "aws_sqs",
            "messaging.destination.name": queue,
            "messaging.message.id": message_id,
            "gas.receives": receives,
        }
    )
    try:
        yield
    finally:
        _delivery.reset(token)


@contextmanager
def handling(event: Event, job_id: str | None, expected: Expected = ()) -> Iterator[None]:
    """A span of a consumer that handles ``event``; in the trace of ``job_id``, if given."""
    attributes = {"gas.event.id": event.id, "gas.event.type": event.type, **(_delivery.get() or {})}
    if job_id:
        attributes["gas.job.id"] = job_id
    name = f"process {event.type}"
    position = _in_trace_of(job_id, _context_of(event.traceparent))
    with _span(name, SpanKind.CONSUMER, attributes, position, expected):
        yield


@contextmanager
def noticed(job_id: str, name: str, expected: Expected = ()) -> Iterator[None]:
    """A span of a consumer for a message without trace context; in the trace of ``job_id``."""
    attributes = {"gas.job.id": job_id, **(_delivery.get() or {})}
    with _span(name, SpanKind.CONSUMER, attributes, _in_trace_of(job_id, _no_trace()), expected):
        yield


@contextmanager
def writing(stream: str, name: str, *, begins: bool, expected: Expected = ()) -> Iterator[None]:
    """A span for a command to ``stream``; in the trace of the job, if it is the stream of a job.

    If the stream ``begins`` with this command, the span is the root of the job's trace.
    """
    job_id = stream.removeprefix("job/") if stream.startswith("job/") else None
    current = trace.set_span_in_context(trace.get_current_span())
    position = _in_trace_of(job_id, current)
    if begins and job_id:
        # The request that submits the job has a trace of its own: it is linked, not the parent.
        links = _links(trace.get_current_span().get_span_context())
        position = _Position(_no_trace(), links, root_of(job_id))
    with _span(name, SpanKind.PRODUCER, {"gas.stream": stream}, position, expected):
        yield


@contextmanager
def span(name: str, **attributes: str | int | float) -> Iterator[None]:
    """A span for one step, below the current span."""
    with _span(name, SpanKind.INTERNAL, attributes, _Position()):
        yield


def root_of(job_id: str) -> SpanContext | None:
    """The context of the root span of a job's trace; None if the id is not a UUID (in tests)."""
    try:
        number = UUID(job_id).int
    except ValueError:
        return None
    span_id = number & ((1 << _SPAN_BITS) - 1)
    return SpanContext(number, span_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))


@dataclass(frozen=True, slots=True)
class _Position:
    """Where a new span goes: parent (None: the current span), links, and its ids if not random."""

    parent: Context | None = None
    links: Sequence[Link] = ()
    ids: SpanContext | None = None


def _in_trace_of(job_id: str | None, parent: Context) -> _Position:
    """Below ``parent`` if it is in the job's trace, else below its root, with a link to ``parent``.

    The link keeps the connection to another trace: one upgrade leads to the restores of many jobs.
    """
    root = root_of(job_id) if job_id and recorder.provider() else None
    parent_span = trace.get_current_span(parent).get_span_context()
    if root is None or parent_span.trace_id == root.trace_id:
        return _Position(parent)
    below_root = trace.set_span_in_context(trace.NonRecordingSpan(root))
    return _Position(below_root, _links(parent_span))


def _context_of(traceparent: str | None) -> Context:
    return _W3C.extract({"traceparent": traceparent} if traceparent else {}, _no_trace())


def _no_trace() -> Context:
    """A context without a span; ``None`` would mean the current one."""
    return trace.set_span_in_context(trace.INVALID_SPAN)


def _links(to: SpanContext) -> Sequence[Link]:
    return (Link(to),) if to.is_valid else ()


@contextmanager
def _span(
    name: str,
    kind: SpanKind,
    attributes: Attributes,
    position: _Position,
    expected: Expected = (),
) -> Iterator[None]:
    provider = recorder.provider()
    if provider is None:
        yield
        return
    token = recorder.next_ids.set(position.ids)
    try:
        started = provider.get_tracer("gas").start_span(
            name, position.parent, kind, attributes, position.links
        )
    finally:
        recorder.next_ids.reset(token)
    # Exceptions are recorded below: OpenTelemetry would mark expected ones as errors too.
    with trace.use_span(
        started, end_on_exit=True, record_exception=False, set_status_on_exception=False
    ):
        try:
            yield
        except expected as outcome:
            started.set_attribute("gas.outcome", type(outcome).__name__)
            raise
        except Exception as error:
            started.record_exception(error)
            started.set_status(trace.StatusCode.ERROR, f"{type(error).__name__}: {error}")
            raise
