"""Messages between a job's process and a server: a head in JSON, then frames as Arrow IPC streams.

Nothing is read beyond a bound, and nothing that is read is executed: each side takes what the other
sends for untrusted.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import polars as pl

_SIZE = struct.Struct("<I")
_MOST_HEAD_BYTES = 1 << 16
_MOST_FRAMES = 8


class Garbled(Exception):
    """What arrived is not a message, or it ended too early."""


def send(to: socket.socket, head: dict[str, Any], frames: Sequence[pl.DataFrame] = ()) -> None:
    """Send one message. Raises OSError."""
    parts = []
    for frame in frames:
        stream = BytesIO()
        frame.write_ipc_stream(stream)
        parts.append(stream.getbuffer())
    text = json.dumps({**head, "frames": [len(part) for part in parts]}).encode()
    to.sendall(_SIZE.pack(len(text)) + text)
    for part in parts:
        to.sendall(part)


def receive(source: socket.socket, most_bytes: int) -> tuple[dict[str, Any], list[pl.DataFrame]]:
    """One message, of at most ``most_bytes``. Raises Garbled, OSError."""
    (length,) = _SIZE.unpack(_exactly(source, _SIZE.size))
    if length > _MOST_HEAD_BYTES:
        raise Garbled("the head is too long")
    try:
        head = json.loads(_exactly(source, length))
        sizes = head.pop("frames")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Garbled("the head cannot be read") from None
    _check(sizes, most_bytes)
    return head, [_frame(_exactly(source, size)) for size in sizes]


def _check(sizes: Any, most_bytes: int) -> None:
    is_list = isinstance(sizes, list) and len(sizes) <= _MOST_FRAMES
    if not is_list or not all(type(size) is int and size >= 0 for size in sizes):
        raise Garbled("the sizes of the frames cannot be read")
    if sum(sizes) > most_bytes:
        raise Garbled(f"the message has more than {most_bytes:,} bytes")


def _frame(text: bytearray) -> pl.DataFrame:
    try:
        return pl.read_ipc_stream(BytesIO(text))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        reason = str(error).splitlines()[:1] or ["it cannot be read"]
        raise Garbled(f"a frame is not Arrow IPC: {reason[0][:200]}") from None


def _exactly(source: socket.socket, count: int) -> bytearray:
    read = bytearray(count)
    view, at = memoryview(read), 0
    while at < count:
        got = source.recv_into(view[at:])
        if not got:
            raise Garbled("it ended too early")
        at += got
    return read
