"""One warm engine as the worker holds it: started, offered to jobs, ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections import deque
from pathlib import Path
from typing import IO

import structlog

from annotator.bundle import Bundle
from annotator.consequences.engine import DatabaseUnusable
from annotator.runner import sandbox

logger = structlog.get_logger()

_START_SECONDS = 120
_LEAVE_SECONDS = 2
_MOST_LINE_BYTES = 1_000
_LINES_KEPT = 20
_LINES_LOGGED = 100
_MOST_WORD_BYTES = 1 << 16


class CannotStart(Exception):
    """The process ended or said nothing; the message has its last words."""


class WarmProcess:
    """A loader and its servers for ``bundle``. Raises DatabaseUnusable, CannotStart.

    ``module`` is the program: tests have one whose engine fails as they wish.
    """

    def __init__(
        self,
        bundle: Bundle,
        servers: int,
        seconds: float,
        module: str = "annotator.runner.warm",
    ) -> None:
        self.bundle = bundle
        self._folder = tempfile.TemporaryDirectory(prefix="gas-warm-")
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", module),
                    *(str(bundle.folder.parent.absolute()), bundle.folder.name),
                    *(str(servers), str(seconds), str(theirs.fileno())),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self._folder.name,
                env=sandbox.environment(Path(self._folder.name)),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._last_lines: deque[str] = deque(maxlen=_LINES_KEPT)
        assert self._process.stdout
        reader = threading.Thread(target=self._drain, args=(self._process.stdout,), daemon=True)
        reader.start()
        try:
            self._wait_until_ready(reader)
        except BaseException:
            self.end()
            raise

    @property
    def is_running(self) -> bool:
        """False once the loader has ended; its servers end with it."""
        return self._process.poll() is None

    @property
    def process(self) -> int:
        """The loader's process id."""
        return self._process.pid

    def connector(self) -> socket.socket:
        """A job's socket to the loader; the loader forgets it when all copies are closed.

        Raises OSError if the loader has ended.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [b"+"], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours

    def memory_bytes(self) -> int:
        """What the loader and its servers use together; pages that they share count once."""
        return sum(_proportional(process) for process in [self.process, *self.servers()])

    def servers(self) -> list[int]:
        """The process ids of the servers."""
        path = Path(f"/proc/{self.process}/task/{self.process}/children")
        with contextlib.suppress(OSError):
            return [int(word) for word in path.read_text().split()]
        return []

    def end(self) -> None:
        """End the loader and its servers."""
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_LEAVE_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._folder.cleanup()

    def _wait_until_ready(self, reader: threading.Thread) -> None:
        self._control.settimeout(_START_SECONDS)
        text = b""
        with contextlib.suppress(OSError):
            while not text.endswith(b"\n") and len(text) < _MOST_WORD_BYTES:
                got = self._control.recv(4096)
                if not got:
                    break
                text += got
        self._control.settimeout(None)
        try:
            word = json.loads(text)
        except ValueError:
            reader.join(1)
            last = " / ".join(self._last_lines) or "it said nothing"
            raise CannotStart(f"the warm engine of {self.bundle.version}: {last}") from None
        if "unusable" in word:
            raise DatabaseUnusable(f"{self.bundle.version}: {word['unusable']}")

    def _drain(self, stream: IO[bytes]) -> None:
        """Read all that the processes print, so that they never wait; log the first of it."""
        logged = 0
        with stream:
            while line := stream.readline(_MOST_LINE_BYTES):
                text = line.decode("utf-8", "replace").strip()
                self._last_lines.append(text)
                if text and logged < _LINES_LOGGED:
                    logged += 1
                    logger.warning("warm engine", bundle=self.bundle.version, said=text)


def _proportional(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    sizes = [line.split() for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:"))]
    return sum(int(words[1]) for words in sizes) << 10
