"""The web server on a real socket, and clients that behave badly."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import requests
from flask import Flask

from local.ports import HOST
from web.addresses import PublicAddress
from web.live.hub import Hub
from web.ports import Ports
from web.server.limits import Limits
from web.server.serving import HttpServer, listen
from web.settings import WebSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_START_SECONDS = 10.0


class Served:
    """A server that runs in a thread of the test; ``url`` is its public address."""

    def __init__(self, server: HttpServer, port: int, hub: Hub | None = None) -> None:
        self.hub = hub
        self.server = server
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self.health = f"http://{HOST}:{server.health_port}/healthz"

    def connect(self, text: str = "", receive_buffer: int | None = None) -> socket.socket:
        """A client that has sent so much and waits; the reader of a small buffer reads slowly."""
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(40)
        client.connect((HOST, self.port))
        client.sendall(text.encode())
        return client

    def head(self, method: str, path: str, *headers: str) -> str:
        """The header of a request, complete."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{self.port}", *headers]
        return "\r\n".join(lines) + "\r\n\r\n"

    def timed(self, path: str, **more: str) -> tuple[requests.Response, float]:
        """A GET on a new connection, and how many seconds its answer took; no redirect."""
        began = time.monotonic()
        answer = requests.get(self.url + path, headers=more, timeout=30, allow_redirects=False)
        return answer, time.monotonic() - began


@contextlib.contextmanager
def served(app: Flask, limits: Limits | None = None) -> Iterator[Served]:
    """Serve the application as ``python -m web`` does, on free ports."""
    listener = listen(HOST, 0)
    port = listener.getsockname()[1]
    settings = WebSettings(public_url=f"http://{HOST}:{port}")
    guarded: WSGIApplication = PublicAddress(app.wsgi_app, settings)
    wired: Ports | None = app.extensions.get("gas")
    hub = Hub(wired.live, tick_seconds=0.05) if wired else None
    server = HttpServer(guarded, listener, 0, limits or Limits(stop=2), hub)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: _answers(server.health_port), _START_SECONDS)
        yield Served(server, port, hub)
    finally:
        server.stop()
        thread.join(20)
        assert not thread.is_alive(), "the server did not stop"


@contextlib.contextmanager
def hanging() -> Iterator[str]:
    """The address of a back end that accepts and never answers."""
    with socket.create_server((HOST, 0), backlog=256) as listener:
        yield f"http://{HOST}:{listener.getsockname()[1]}"


def until(condition: Callable[[], bool], seconds: float) -> float:
    """Wait until it holds; how many seconds that took. Raises AssertionError if it takes longer."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - began


def answer_of(client: socket.socket) -> tuple[int, str]:
    """The status and the text of the answer, read until the server closes the connection."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(1 << 16):
            received += part
    return int(received.split(b" ", 2)[1]), received.decode()


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://{HOST}:{port}/healthz", timeout=2).ok
    except requests.RequestException:
        return False
