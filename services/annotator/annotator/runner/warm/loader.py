"""The process that loads: keeps servers running and hands each request to one that is idle.

Its memory is shared by all servers, so that a second server costs little and a new one is ready at
once. It must not use polars or annotate itself: a fork has no copy of their threads.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from annotator.processes.forking import must_be_forkable
from annotator.runner import sandbox
from annotator.runner.warm import calls, wire
from annotator.runner.warm.server import READY, UNUSABLE

Serve = Callable[[socket.socket], None]

_START_SECONDS = 60.0
_MOST_FAILED_STARTS = 3
_MOST_WORDS = 1_000
_CRASH = "a crash"
_DYING_SECONDS, _LOOK_SECONDS = 1.0, 0.005
"""A process that crashes closes its sockets a little before it has ended."""


class Unusable(Exception):
    """The bundle is at fault; the message says what to do."""


class ServersFail(Exception):
    """Servers end before they are ready, for no reason that they could tell."""


@dataclass
class Server:
    """A server process; ``deadline`` (monotonic seconds) is when it is ended if it does not answer.

    ``stream`` is that of the request that it works on, None if it is idle.
    """

    process: int
    words: socket.socket
    deadline: float
    is_ready: bool = False
    stream: socket.socket | None = None

    @property
    def is_idle(self) -> bool:
        """True if it can be given a request."""
        return self.is_ready and self.stream is None


class Loader:
    """``control`` is the worker's socket: it brings connectors of jobs, and its end is ours."""

    def __init__(
        self, control: socket.socket, servers: int, serve: Serve, base_seconds: float
    ) -> None:
        self._control = control
        self._count = servers
        self._serve = serve
        self._base_seconds = base_seconds
        self._servers: list[Server] = []
        self._connectors: list[socket.socket] = []
        self._failed_starts = 0

    def start(self) -> None:
        """Start all servers and wait until they are ready. Raises Unusable, ServersFail."""
        gc.collect()
        gc.freeze()  # what is never looked at again stays shared with the servers
        self._servers = [self._forked() for _ in range(self._count)]
        while not all(server.is_ready for server in self._servers):
            self._turn()

    def run(self) -> None:
        """Hand over requests until the worker has ended. Raises Unusable, ServersFail."""
        while self._turn():
            pass

    def stop(self) -> None:
        """End all servers."""
        for server in self._servers:
            self._end(server)

    def _turn(self) -> bool:
        """Wait for something to happen, and see to it; False once the worker is gone."""
        is_any_idle = any(server.is_idle for server in self._servers)
        wanted = [self._control, *(server.words for server in self._servers)]
        if is_any_idle:
            wanted += self._connectors
        readable, _, _ = select.select(wanted, [], [], self._seconds_left())
        for server in list(self._servers):
            if server.words in readable:
                self._hear(server)
        for server in list(self._servers):
            if not server.is_idle and time.monotonic() >= server.deadline:
                self._replace(server, "an answer took too long")
        for connector in [one for one in self._connectors if one in readable]:
            self._hand_over(connector)
        return self._control not in readable or self._welcome()

    def _seconds_left(self) -> float | None:
        busy = [server.deadline for server in self._servers if not server.is_idle]
        return max(0.0, min(busy) - time.monotonic()) if busy else None

    def _welcome(self) -> bool:
        _, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
        self._connectors += [socket.socket(fileno=descriptor) for descriptor in descriptors]
        return bool(descriptors)

    def _hand_over(self, connector: socket.socket) -> None:
        idle = next((server for server in self._servers if server.is_idle), None)
        if idle is None:
            return
        self._connectors.remove(connector)
        request = calls.take(connector)
        if request is None:
            connector.close()
            return
        self._connectors.append(connector)  # the last now: jobs take turns
        rows, idle.stream = request
        idle.deadline = time.monotonic() + calls.time_limit(rows, self._base_seconds)
        try:
            socket.send_fds(idle.words, [b"?"], [idle.stream.fileno()])
        except OSError:
            self._replace(idle, _CRASH, _DYING_SECONDS)

    def _hear(self, server: Server) -> None:
        try:
            word = server.words.recv(_MOST_WORDS)
        except OSError:
            word = b""
        if not word:
            self._replace(server, _CRASH, _DYING_SECONDS)
        elif word.startswith(UNUSABLE):
            raise Unusable(word[1:].decode("utf-8", "replace"))
        elif word.startswith(READY):
            server.is_ready, self._failed_starts = True, 0
        elif server.stream is not None:
            server.stream.close()
            server.stream = None

    def _replace(self, server: Server, reason: str, patience_seconds: float = 0) -> None:
        """Start another server in the place of one; whoever waits for it learns the reason."""
        how = f"{reason}, {self._end(server, patience_seconds)}"
        _tell(server, how)
        if not server.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= _MOST_FAILED_STARTS:
                raise ServersFail(f"a server of the engine cannot start: {how}")
        print(f"a server of the engine was replaced: {how}", flush=True)
        self._servers[self._servers.index(server)] = self._forked()

    def _end(self, server: Server, patience_seconds: float = 0) -> str:
        """Kill it if it has not ended by then; returns how it ended."""
        server.words.close()
        until = time.monotonic() + patience_seconds
        while True:
            process, status = os.waitpid(server.process, os.WNOHANG)
            if process:
                code = os.waitstatus_to_exitcode(status)
                return f"signal {-code}" if code < 0 else f"exit status {code}"
            if time.monotonic() >= until:
                break
            time.sleep(_LOOK_SECONDS)
        os.kill(server.process, signal.SIGKILL)
        os.waitpid(server.process, 0)
        return "it was killed"

    def _forked(self) -> Server:
        must_be_forkable()
        ours, theirs = socket.socketpair()
        process = os.fork()
        if process:
            theirs.close()
            return Server(process, ours, time.monotonic() + _START_SECONDS)
        status = 1
        try:
            sandbox.end_with_parent()
            ours.close()
            self._forget()
            self._serve(theirs)
            status = 0
        finally:
            os._exit(status)

    def _forget(self) -> None:
        """Close in a server what is the loader's, so that each socket ends with its holder."""
        for held in (self._control, *self._connectors, *(one.words for one in self._servers)):
            held.close()
        for server in self._servers:
            if server.stream is not None:
                server.stream.close()


def _tell(server: Server, reason: str) -> None:
    """Answer in the place of a server that never will."""
    if server.stream is None:
        return
    with server.stream as stream, contextlib.suppress(OSError):
        stream.setblocking(False)
        wire.send(stream, {"status": "failed", "reason": f"the engine stopped: {reason}"})
