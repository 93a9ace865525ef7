"""A small collector of traces (OTLP over HTTP), for development and tests.

``python -m local.traces serve`` collects the spans of services that run with
``OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318``; ``python -m local.traces show JOB_ID`` prints
the trace of a job as a tree. Production has a real collector.
"""

from __future__ import annotations

import argparse
import gzip
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from local.ports import HOST

PORT = 4318
_MAX_TRACES = 10_000
_MAX_BODY_BYTES = 16 << 20
_NANOSECONDS = 1e9


@dataclass(frozen=True, slots=True)
class Span:
    """One span of a trace; times are in seconds since 1970."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    service: str
    began: float
    ended: float
    failed: bool
    links: list[str] = field(default_factory=list)


class Traces:
    """The latest traces, in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spans: OrderedDict[str, list[Span]] = OrderedDict()

    def take(self, request: ExportTraceServiceRequest) -> None:
        """Add the spans of one export."""
        with self._lock:
            for span in _spans(request):
                self._spans.setdefault(span.trace_id, []).append(span)
            while len(self._spans) > _MAX_TRACES:
                self._spans.popitem(last=False)

    def of(self, trace_id: str) -> list[Span]:
        """The spans of a trace, ordered by start time."""
        with self._lock:
            return sorted(self._spans.get(trace_id, []), key=lambda span: span.began)


def serve(port: int = PORT) -> ThreadingHTTPServer:
    """Start a collector on ``port`` (0 is any free one); ``shutdown()`` ends its thread."""
    traces = Traces()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            if self.path != "/v1/traces" or size > _MAX_BODY_BYTES:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            body = self.rfile.read(size)
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            traces.take(ExportTraceServiceRequest.FromString(body))
            answer = ExportTraceServiceResponse().SerializeToString()
            self._answer(answer, "application/x-protobuf")

        def do_GET(self) -> None:
            found = traces.of(self.path.rsplit("/", 1)[-1])
            self._answer(json.dumps([asdict(span) for span in found]).encode(), "application/json")

        def _answer(self, body: bytes, content_type: str) -> None:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing: there is one request a second."""

    server = ThreadingHTTPServer((HOST, port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def fetch(url: str, job_id: str) -> list[Span]:
    """The trace of a job, from the collector at ``url``. Raises requests.RequestException."""
    answer = requests.get(f"{url}/traces/{UUID(job_id).hex}", timeout=10)
    answer.raise_for_status()
    return [Span(**span) for span in answer.json()]


def tree(spans: Sequence[Span]) -> list[str]:
    """A line for each span below its parent: start, duration, service and name."""
    if not spans:
        return []
    known = {span.span_id for span in spans}
    first = spans[0].began
    lines: list[str] = []

    def add(span: Span, depth: int) -> None:
        took = (span.ended - span.began) * 1000
        mark = "  FAILED" if span.failed else ""
        lines.append(
            f"{span.began - first:9.3f} s {took:9.1f} ms  {span.service:<14}"
            f"{'  ' * depth}{span.name}{mark}"
        )
        for child in spans:
            if child.parent_id == span.span_id:
                add(child, depth + 1)

    for span in spans:
        if span.parent_id not in known:
            add(span, 0)
    return lines


def _spans(request: ExportTraceServiceRequest) -> list[Span]:
    return [
        Span(
            trace_id=span.trace_id.hex(),
            span_id=span.span_id.hex(),
            parent_id=span.parent_span_id.hex(),
            name=span.name,
            service=next(
                attribute.value.string_value
                for attribute in group.resource.attributes
                if attribute.key == "service.name"
            ),
            began=span.start_time_unix_nano / _NANOSECONDS,
            ended=span.end_time_unix_nano / _NANOSECONDS,
            failed=span.status.code == span.status.STATUS_CODE_ERROR,
            links=[link.trace_id.hex() for link in span.links],
        )
        for group in request.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]


def main() -> int:
    """Collect until Ctrl-C, or print one trace; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m local.traces", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve").add_argument("--port", type=int, default=PORT)
    show = commands.add_parser("show")
    show.add_argument("job_id")
    show.add_argument("--url", default=f"http://{HOST}:{PORT}")
    arguments = parser.parse_args()
    if arguments.command == "serve":
        serve(arguments.port)
        threading.Event().wait()
    try:
        lines = tree(fetch(arguments.url, arguments.job_id))
    except (requests.RequestException, ValueError) as error:
        print(f"no trace: {error}. Is the collector running, and is that a job's id?")
        return 1
    print("\n".join(lines) or "no spans of that job: do the services run with the collector?")
    return 0 if lines else 1


if __name__ == "__main__":
    raise SystemExit(main())
