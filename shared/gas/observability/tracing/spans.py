"""Traces by OpenTelemetry: the life of a job is one trace, and its id is the job's.

A job's id is a UUIDv7: its 32 digits are the trace id, its last 16 the id of the root span, that is
the submission. So whoever knows the job finds its trace, and whoever works on it, even for a notice
of cold storage that knows nothing of traces, adds to it without a look-up. Events carry the W3C
context of the span that appended them (``traceparent``).

Off unless OTEL_EXPORTER_OTLP_ENDPOINT names a collector.
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

_delivery: ContextVar[Attributes | None] = ContextVar("delivery", default=None)


def traceparent() -> str | None:
    """The W3C context of the current span, or None where nothing is traced."""
    if recorder.provider() is None:
        return None
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get("traceparent")


def log_ids() -> dict[str, str]:
    """What ties a log line to the current span."""
    current = trace.get_current_span().get_span_context()
    if not current.is_valid:
        return {}
    return {"trace_id": f"{current.trace_id:032x}", "span_id": f"{current.span_id:016x}"}


@contextmanager
def delivered(queue: str, message_id: str, receives: int) -> Iterator[None]:
    """Say of the spans of ``handling`` inside the block which delivery of a message they handle."""
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
    """A span of a consumer for ``event``; in the trace of the job ``job_id`` where one is named.

    An exception of the ``expected`` types says how it went on, not that it went wrong.
    """
    attributes = {"gas.event.id": event.id, "gas.event.type": event.type, **(_delivery.get() or {})}
    if job_id:
        attributes["gas.job.id"] = job_id
    name, place = f"process {event.type}", _within(job_id, _context_of(event.traceparent))
    with _span(name, SpanKind.CONSUMER, attributes, place, expected):
        yield


@contextmanager
def noticed(job_id: str, name: str, expected: Expected = ()) -> Iterator[None]:
    """A span of a consumer for a message that has no trace: the job's own it is then."""
    attributes = {"gas.job.id": job_id, **(_delivery.get() or {})}
    with _span(name, SpanKind.CONSUMER, attributes, _within(job_id, _nowhere()), expected):
        yield


@contextmanager
def writing(stream: str, name: str, *, begins: bool, expected: Expected = ()) -> Iterator[None]:
    """A span for a command to ``stream``, in the trace of the job whose stream it is.

    Where the job ``begins``, the span is the root of its trace.
    """
    job_id = stream.removeprefix("job/") if stream.startswith("job/") else None
    current = trace.set_span_in_context(trace.get_current_span())
    place = _within(job_id, current)
    if begins and job_id:
        links = _links(trace.get_current_span().get_span_context())
        place = _Place(_nowhere(), links, root_of(job_id))
    with _span(name, SpanKind.PRODUCER, {"gas.stream": stream}, place, expected):
        yield


@contextmanager
def span(name: str, **attributes: str | int | float) -> Iterator[None]:
    """A step of what is being done."""
    with _span(name, SpanKind.INTERNAL, attributes, _Place()):
        yield


def root_of(job_id: str) -> SpanContext | None:
    """The root span of a job's trace; None if the id is no UUID, as in tests."""
    try:
        number = UUID(job_id).int
    except ValueError:
        return None
    last = number & ((1 << _SPAN_BITS) - 1)
    return SpanContext(number, last, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a span belongs: its parent (None is the current span), its links, ids not random."""

    parent: Context | None = None
    links: Sequence[Link] = ()
    ids: SpanContext | None = None


def _within(job_id: str | None, parent: Context) -> _Place:
    """Under ``parent`` if that is in the job's trace, else under its root, linked to ``parent``."""
    root = root_of(job_id) if job_id and recorder.provider() else None
    known = trace.get_current_span(parent).get_span_context()
    if root is None or known.trace_id == root.trace_id:
        return _Place(parent)
    under_root = trace.set_span_in_context(trace.NonRecordingSpan(root))
    return _Place(under_root, _links(known))


def _context_of(traceparent: str | None) -> Context:
    return _W3C.extract({"traceparent": traceparent} if traceparent else {}, _nowhere())


def _nowhere() -> Context:
    """A place outside every trace."""
    return trace.set_span_in_context(trace.INVALID_SPAN)


def _links(to: SpanContext) -> Sequence[Link]:
    return (Link(to),) if to.is_valid else ()


@contextmanager
def _span(
    name: str,
    kind: SpanKind,
    attributes: Attributes,
    place: _Place,
    expected: Expected = (),
) -> Iterator[None]:
    provider = recorder.provider()
    if provider is None:
        yield
        return
    token = recorder.next_ids.set(place.ids)
    try:
        started = provider.get_tracer("gas").start_span(
            name, place.parent, kind, attributes, place.links
        )
    finally:
        recorder.next_ids.reset(token)
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
