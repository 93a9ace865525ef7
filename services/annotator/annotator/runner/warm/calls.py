"""How a job's process asks for an answer: one byte stream a request, handed over as a descriptor.

A request is the number of its alleles and one end of a new pair of sockets. So a request that goes
wrong is known by its own end, and requests of several jobs and parts take turns.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct

_ROWS = struct.Struct("<I")
_MOST_ROWS = (1 << 32) - 1
BASE_SECONDS, SECONDS_PER_ROW, MOST_SECONDS = 10.0, 0.002, 120.0


def time_limit(rows: int, base_seconds: float = BASE_SECONDS) -> float:
    """How many seconds a request of so many alleles may take: many times what it needs."""
    return min(base_seconds + rows * SECONDS_PER_ROW, MOST_SECONDS)


def call(connector: socket.socket, rows: int) -> socket.socket:
    """Begin a request; returns our end of its stream. Raises OSError if the engine is gone."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            socket.send_fds(connector, [_ROWS.pack(min(rows, _MOST_ROWS))], [theirs.fileno()])
        except OSError:
            ours.close()
            raise
    return ours


def take(connector: socket.socket) -> tuple[int, socket.socket] | None:
    """The next request: its alleles and its stream. None if there will be no more."""
    try:
        text, descriptors, _, _ = socket.recv_fds(connector, _ROWS.size, 1)
    except OSError:
        return None
    if len(text) == _ROWS.size and len(descriptors) == 1:
        with contextlib.suppress(OSError):  # what came may be no socket
            return _ROWS.unpack(text)[0], socket.socket(fileno=descriptors[0])
    for descriptor in descriptors:
        os.close(descriptor)
    return None
