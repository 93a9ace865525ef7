"""A server on loopback that answers each path as a test says, byte by byte if it must."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

Answer = bytes | Callable[[socket.socket], None]


class FileServer:
    """``answers``: the raw answer to a path, or what is done with its connection.

    ``asked`` has the requests, each as it came.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def dial(self, address: str, port: int, seconds: float) -> socket.socket:
        """A connection to this server, whatever public address was wanted."""
        return socket.create_connection(("127.0.0.1", self.port), seconds)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), self._secured(connection) as connection:
            request = b""
            while b"\r\n\r\n" not in request:
                piece = connection.recv(65_536)
                if not piece:
                    return
                request += piece
            self.asked.append(request.decode("latin-1"))
            path = self.asked[-1].split(" ", 2)[1]
            answer = self.answers.get(path, ok(b"", status="404 Not Found"))
            if callable(answer):
                answer(connection)
            else:
                connection.sendall(answer)

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # ends the wait for the next connection
        self._listener.close()


def ok(content: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An answer with that body, and its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + content


def to(location: str) -> bytes:
    """An answer that redirects."""
    return ok(b"", f"Location: {location}", status="302 Found")


@contextlib.contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[FileServer]:
    """A server, of https where it has a context of TLS."""
    server = FileServer(tls)
    try:
        yield server
    finally:
        server.stop()
