"""A TCP proxy that tests can cut, and that can hold back what clients send."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from local.ports import HOST

_CHUNK_BYTES = 1 << 16


class Wire:
    """Forwards connections to ``target``, a port of this machine, which is set after the start."""

    def __init__(self) -> None:
        self.target = 0
        self._changed = threading.Condition()
        self._is_cut = False
        self._allowed: int | None = None
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._listener = socket.create_server((HOST, 0))

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"http://{HOST}:{self._listener.getsockname()[1]}"

    def hold_after(self, sent_bytes: int) -> None:
        """Let each connection send so many bytes in its life, and then wait."""
        with self._changed:
            self._allowed = sent_bytes
            self._changed.notify_all()

    def release(self) -> None:
        """Hold nothing back any more."""
        with self._changed:
            self._allowed = None
            self._changed.notify_all()

    def cut(self) -> None:
        """Break all connections, and every one that is made from now on."""
        with self._changed:
            self._is_cut = True
            for pair in self._pairs:
                _close(*pair)
            self._changed.notify_all()

    def mend(self) -> None:
        """Forward again."""
        with self._changed:
            self._is_cut = False

    def serve(self) -> None:
        """Accept connections until ``close``."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def close(self) -> None:
        """End the service and all connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _forward(self, client: socket.socket) -> None:
        if self._is_cut:
            client.close()
            return
        try:
            server = socket.create_connection((HOST, self.target), timeout=10)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        pair = (client, server)
        with self._changed:
            self._pairs.add(pair)
        back = threading.Thread(target=self._pump, args=(server, client), daemon=True)
        back.start()
        self._pump(client, server, is_held=True)
        back.join()
        with self._changed:
            self._pairs.discard(pair)
        client.close()
        server.close()

    def _pump(self, source: socket.socket, sink: socket.socket, *, is_held: bool = False) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while chunk := source.recv(_CHUNK_BYTES):
                passed += len(chunk)
                if is_held:
                    self._wait(passed)
                sink.sendall(chunk)
        _close(source, sink)

    def _wait(self, passed: int) -> None:
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_cut or self._allowed is None or passed <= self._allowed
            )


def _close(*sockets: socket.socket) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def running_wire() -> Iterator[Wire]:
    """A wire that runs until the block ends."""
    wire = Wire()
    thread = threading.Thread(target=wire.serve, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.close()
        thread.join(10)
