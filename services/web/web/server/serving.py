"""One server: its socket, its lanes, its health port, and how it stops."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import socket
import sys
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, cast

import uvicorn

from web.live.hub import Hub
from web.server.bridge import Bridge
from web.server.health import Health, serve_health
from web.server.lanes import Lanes
from web.server.limits import Limits
from web.server.protocol import TimedProtocol, timed

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from uvicorn._types import ASGIApplication

# The kernel's part of what a client has not read; it would else grow to 4 MB for each.
_SEND_BUFFER_BYTES = 256 << 10
# A header, mostly the address with its question. Beyond it uvicorn answers 400.
_MAX_HEADER_BYTES = 128 << 10
_BACKLOG = 1024
# Python's 5 ms let a thread that computes keep the event loop waiting at each of its turns: with
# four of them a page took 420 ms instead of 55.
_SWITCH_SECONDS = 0.001
_MAX_CONNECTIONS = 4000


class HttpServer:
    """Serves ``app`` on ``listener`` and its health on a port of the same host."""

    def __init__(
        self,
        app: WSGIApplication,
        listener: socket.socket,
        health_port: int,
        limits: Limits,
        hub: Hub | None = None,
    ) -> None:
        self._listener = listener
        self._lanes = Lanes(limits)
        self._hub = hub
        self._bridge = Bridge(app, limits, self._lanes, hub)
        self._limits = limits
        self._health = Health(self._lanes)
        self._health_server: ThreadingHTTPServer = serve_health(
            self._health, listener.getsockname()[0], health_port
        )
        self.health_port: int = self._health_server.server_address[1]
        self._server = uvicorn.Server(self._config())
        if hub:
            hub.is_stopping = lambda: self._server.should_exit

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            cast("ASGIApplication", self._bridge),
            http=timed(self._limits),
            ws="none",
            lifespan="off",
            loop="asyncio",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the application reads them, as many as there are proxies
            timeout_keep_alive=self._limits.keep_alive,
            timeout_graceful_shutdown=self._limits.stop,
            h11_max_incomplete_event_size=_MAX_HEADER_BYTES,
            limit_concurrency=_MAX_CONNECTIONS,
            backlog=_BACKLOG,
            callback_notify=self._beat,
            timeout_notify=1,
        )

    async def _beat(self) -> None:
        self._health.beat()

    def run(self) -> None:
        """Serve until SIGTERM or ``stop``; requests that run then have ``limits.stop`` to end."""
        try:
            asyncio.run(self._server.serve(sockets=[self._listener]))
        finally:
            self._health_server.shutdown()
            self._health_server.server_close()
            for lane in self._lanes.all():
                lane.stop()
            if self._hub:
                self._hub.stop()

    def stop(self) -> None:
        """End ``run``, from another thread."""
        self._server.should_exit = True

    @property
    def clients(self) -> set[int]:
        """The port of every client that is connected."""
        connections = list(self._server.server_state.connections)
        return {
            one.client[1] for one in connections if isinstance(one, TimedProtocol) and one.client
        }

    @property
    def is_idle(self) -> bool:
        """True if no thread of the application is at work."""
        return not any(lane.running for lane in self._lanes.all())


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError, for example if the port is in use."""
    listener = socket.create_server((host, port), backlog=_BACKLOG)
    # Connections inherit both.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    # asyncio does so only where the protocol's number is given, which `create_server` leaves at 0;
    # else the content of each answer waits up to 40 ms until the client has acknowledged its head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def serve(app: WSGIApplication, host: str, port: int, health_port: int, hub: Hub) -> None:
    """Serve until SIGTERM; ends the process if a thread does not."""
    _allow_connections()
    sys.setswitchinterval(_SWITCH_SECONDS)
    # uvicorn raises the signal once more when it has stopped; that must not end the process early.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server = HttpServer(app, listen(host, port), health_port, Limits(), hub)
    server.run()
    if not server.is_idle:
        os._exit(0)  # the interpreter would wait for the thread


def _allow_connections() -> None:
    """Raise the limit of open files, often 1,024, to what the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
