"""Ends a connection on which nothing happens, wherever its reader waits."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

from annotator.closing import Closing


class Watchdog(Closing):
    """Shuts a socket down unless it is fed every so many seconds.

    A time-out of the socket is of one read: a peer that sends a byte from time to time, in the
    handshake of TLS, in headers or behind the body, would keep its reader for ever.
    ``has_ended_it``: whether it did.
    """

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        # A handle of its own: TLS takes the socket over.
        self._connection = connection.dup()
        self.has_ended_it = False
        self._seconds = seconds
        self._ended = threading.Event()
        self._until = time.monotonic() + seconds
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Watch no longer."""
        self._ended.set()
        self._thread.join()
        self._connection.close()

    def feed(self) -> None:
        """Something happened: wait anew."""
        self._until = time.monotonic() + self._seconds

    def _watch(self) -> None:
        while not self._ended.wait(max(0.0, self._until - time.monotonic())):
            if time.monotonic() >= self._until:
                self.has_ended_it = True
                with contextlib.suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)
                return
