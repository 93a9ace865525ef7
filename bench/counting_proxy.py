"""An HTTP proxy in front of the emulator that counts AWS requests by who makes them, and of what.

What a process does without work is counted separately: an SQS receive without messages, the query
of the outbox relay, and the sign that a worker is there.
"""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from local.ports import HOST

_HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive"}
_TIMEOUT_SECONDS = 60
_S3 = {
    ("PUT", "x-amz-copy-source"): "CopyObject",
    ("PUT", ""): "PutObject",
    ("GET", ""): "GetObject",
    ("HEAD", ""): "HeadObject",
    ("DELETE", ""): "DeleteObject",
    ("POST", "delete"): "DeleteObjects",
    ("POST", "restore"): "RestoreObject",
    ("POST", ""): "PostObject (the user's upload)",
}

# In the query of the outbox relay, and in the row of a sign of a worker.
_IDLE = (b'"IndexName": "unpublished"', b'"consumer": {"S": "workers"}')


class Request(NamedTuple):
    """A kind of request: ``service`` is who makes it, ``target`` the table, queue or bucket."""

    service: str
    operation: str
    target: str


class Counts:
    """The requests through the proxy by kind: ``requests`` of work, and ``idle`` ones."""

    def __init__(self) -> None:
        self.requests: Counter[Request] = Counter()
        self.idle: Counter[Request] = Counter()
        self._lock = threading.Lock()

    def add(self, request: Request, *, is_idle: bool) -> None:
        """Count one request."""
        with self._lock:
            (self.idle if is_idle else self.requests)[request] += 1


def operation_of(method: str, path: str, headers: dict[str, str], body: bytes) -> str:
    """The operation of a request, such as ``sqs.ReceiveMessage``.

    Each AWS protocol has it in another place: JSON services in a header, SNS and SES in the form,
    S3 in method and query.
    """
    target = headers.get("x-amz-target", "")
    if target:
        service, _, name = target.partition(".")
        return f"{service.removeprefix('Amazon').split('_')[0].lower()}.{name}"
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        action = parse_qs(body.decode("utf-8", "replace")).get("Action", ["?"])[0]
        return f"ses.{action}" if "Email" in action else f"sns.{action}"
    query = urlsplit(path).query
    marks = ["x-amz-copy-source"] if "x-amz-copy-source" in headers else []
    marks += [name for name in ("delete", "restore") if query.split("=")[0] == name]
    return f"s3.{_S3.get((method, marks[0] if marks else ''), method)}"


def service_of(headers: dict[str, str]) -> str:
    """The service that made a request, by the name in its User-Agent; ``user`` for browsers."""
    found = re.search(r"app/gas-(\w+)", headers.get("user-agent", ""))
    return found[1] if found else "user"


def target_of(path: str, headers: dict[str, str], body: bytes) -> str:
    """The tables, the queue or the bucket of a request, without the installation's prefix."""
    if "x-amz-target" in headers:
        found = set(re.findall(r'"TableName": ?"\w+?-([\w-]+)"', body.decode("utf-8", "replace")))
        queue = str(json.loads(body or b"{}").get("QueueUrl", "")).rpartition("/")[2]
        return " + ".join(sorted(found)) or queue.partition("-")[2]
    bucket = urlsplit(path).path.split("/")[1]
    return bucket.split("-")[1] if "-" in bucket else ""


@contextmanager
def counting(port: int, upstream_port: int) -> Iterator[Counts]:
    """Listen on ``port`` and forward everything to ``upstream_port`` until the block ends."""
    counts = Counts()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else the content of an answer waits until the client has acknowledged its head.
        disable_nagle_algorithm = True

        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            upstream = http.client.HTTPConnection(HOST, upstream_port, timeout=_TIMEOUT_SECONDS)
            upstream.request(self.command, self.path, body, dict(self.headers.items()))
            answer = upstream.getresponse()
            content = answer.read()
            upstream.close()
            headers = {name.lower(): value for name, value in self.headers.items()}
            operation = operation_of(self.command, self.path, headers, body)
            request = Request(service_of(headers), operation, target_of(self.path, headers, body))
            is_empty = operation == "sqs.ReceiveMessage" and b"MessageId" not in content
            counts.add(request, is_idle=is_empty or any(mark in body for mark in _IDLE))
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP_BY_HOP | {"content-length"}:
                    self.send_header(name, value)
            length = answer.getheader("Content-Length") if self.command == "HEAD" else None
            self.send_header("Content-Length", length or str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _forward

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer((HOST, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield counts
    finally:
        server.shutdown()
        server.server_close()
