"""What the system is told of the server's connections, read from its own end of one."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from pathlib import Path

from flask import Flask

from tests.support.served import served


def server_sends_at_once(client: socket.socket) -> bool:
    """Whether the other end of the connection, which is in this process, has TCP_NODELAY."""
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile, or nobody is at its other end
            if not stat.S_ISSOCK(entry.stat().st_mode):
                continue
            with socket.socket(fileno=os.dup(int(entry.name))) as end:
                if end.family == socket.AF_INET and end.getpeername() == client.getsockname():
                    return end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
    raise AssertionError("the server has no such connection")


def test_the_content_of_an_answer_does_not_wait_until_its_head_is_acknowledged() -> None:
    with (
        served(Flask("site")) as running,
        running.connect(running.head("GET", "/")) as client,
    ):
        assert client.recv(4096)  # so it has been accepted
        assert server_sends_at_once(client)
