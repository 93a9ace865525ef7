"""Processes for jobs: one for each, some of them started before their job comes.

To start a process and import what it needs takes 0.4 s, most of what a small job takes. A spare one
has done so, is shut in, and waits for its task. No process ever serves two jobs.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from annotator.runner import sandbox
from annotator.runner.protocol import Wishes

_LEAVE_SECONDS = 0.5
_MODULE = "annotator.child"


class Child:
    """A process that waits for its task on a socket, and speaks on its standard output."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        # Until it has its task, which names a folder of its own.
        elsewhere = Path(tempfile.gettempdir())
        with theirs:
            self.process = subprocess.Popen(
                # -P: what lies in a folder, such as an upload, is never imported.
                [sys.executable, "-P", "-m", _MODULE],
                stdin=theirs.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=elsewhere,
                env=sandbox.environment(elsewhere),
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        """False once it has ended."""
        return self.process.poll() is None

    def give(self, task: Wishes, connector: socket.socket | None) -> None:
        """Hand over the task and, if there is one, the way to a warm engine."""
        text = task.model_dump_json().encode()
        descriptors = [connector.fileno()] if connector else []
        # A child that ended already told why on its standard error.
        with self._socket, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            socket.send_fds(self._socket, [bytes([len(descriptors)])], descriptors)
            self._socket.sendall(text)

    def end(self) -> None:
        """End it, and all that it began."""
        self._socket.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=_LEAVE_SECONDS)  # after its last word it leaves by itself
        # Also the programs that it began: they are in its session.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()


def receive(parse: Callable[[bytes], Wishes]) -> tuple[Wishes, socket.socket | None]:
    """In the child: the task that comes on standard input, and the way to a warm engine.

    ``parse`` reads its text. Waits for it. Raises EOFError if the parent has ended. The child moves
    to the task's folder.
    """
    with socket.socket(fileno=os.dup(0)) as parent:
        head, descriptors, _, _ = socket.recv_fds(parent, 1, 1)
        if not head:
            raise EOFError
        with parent.makefile("rb") as stream:
            task = parse(stream.read())
    os.chdir(task.folder)
    os.environ.update(sandbox.environment(Path(task.folder)))
    tempfile.tempdir = task.folder
    return task, socket.socket(fileno=descriptors[0]) if descriptors else None


class Children(Protocol):
    """Where processes come from."""

    def one(self) -> contextlib.AbstractContextManager[Child]:
        """A process for one job; it has ended when the context ends."""


class NewChildren:
    """Each is started when it is needed."""

    @contextlib.contextmanager
    def one(self) -> Iterator[Child]:
        """A new one."""
        child = Child()
        try:
            yield child
        finally:
            child.end()


class SpareChildren:
    """Up to ``most`` wait for jobs; others are started after a job has ended, not beside it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._waiting: list[Child] = []
        self._is_stopped = False

    @contextlib.contextmanager
    def one(self) -> Iterator[Child]:
        """One that waits, or a new one."""
        child = self._taken() or Child()
        try:
            yield child
        finally:
            child.end()
            threading.Thread(target=self.fill, daemon=True).start()

    def fill(self) -> None:
        """Start what is missing."""
        with self._lock:
            while not self._is_stopped and len(self._waiting) < self._most:
                self._waiting.append(Child())

    def stop(self) -> None:
        """End those that wait; no more are started."""
        with self._lock:
            self._is_stopped = True
            waiting, self._waiting = self._waiting, []
        for child in waiting:
            child.end()

    def _taken(self) -> Child | None:
        while True:
            with self._lock:
                child = self._waiting.pop(0) if self._waiting else None
            if child is None or child.is_running:
                return child
            child.end()
