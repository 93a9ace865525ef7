"""``/healthz`` on a port and thread of its own: it answers while the server hangs, and says so."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

from web.server.lanes import Lanes

_BEAT_SECONDS = 1.0
# The loop does nothing that takes long, so it is hung after so many missed beats.
_SILENT_SECONDS = 10.0


class Health:
    """Whether the event loop turns and no lane of threads hangs."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._last_beat = time.monotonic()

    def beat(self) -> None:
        """The event loop calls this at least once in a second."""
        self._last_beat = time.monotonic()

    def fault(self) -> str | None:
        """What hangs; None if nothing does."""
        if time.monotonic() - self._last_beat > _SILENT_SECONDS:
            return "the event loop hangs"
        return next((f"all {one.name} hang" for one in self._lanes.all() if one.is_hung()), None)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind without asking DNS for this machine's name, which may take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]


def serve_health(health: Health, host: str, port: int) -> ThreadingHTTPServer:
    """Answer ``GET /healthz`` with 200, or 503 and the fault, from now on; port 0 is any.

    It asks no other service: the platform replaces a process that fails this check, and that would
    not help while the database is down. Any ``Host`` will do: a load balancer sends an address.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = 5  # seconds, for a whole request

        def do_GET(self) -> None:
            fault = health.fault()
            status = 404 if self.path != "/healthz" else 503 if fault else 200
            text = f"{fault or 'ok'}\n".encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Log nothing: a check comes every few seconds."""

    server = _Server((host, port), Handler)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
