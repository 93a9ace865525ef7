"""Programs joined by pipes, within limits, that end together."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from annotator.closing import Closing
from annotator.processes.programs import Program, Streams, start

_MOST_COMPLAINT = 2_000
_LEAVE_SECONDS = 10
_PIPE_BYTES = 1 << 20


class EngineFailed(Exception):
    """A program of the engine ended without a result and without blaming the input."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What each program may use."""

    address_space_bytes: int
    cpu_seconds: int
    file_bytes: int

    def apply(self) -> None:
        """Limit this process."""
        resource.setrlimit(resource.RLIMIT_AS, (self.address_space_bytes,) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (self.cpu_seconds, self.cpu_seconds + 5))
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.file_bytes,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Pipeline(Closing):
    """``stdin`` of the first program and ``stdout`` of the last."""

    def __init__(self, commands: Sequence[Sequence[str]], folder: Path) -> None:
        self._folder = folder
        self._complaints = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 — closed at exit
        self._programs: list[Program] = []
        source, entry = os.pipe()
        self.stdin = os.fdopen(entry, "wb")
        for command in commands:
            read, write = os.pipe()
            streams = Streams(source, write, self._complaints.fileno(), folder)
            self._programs.append(start(command, streams))
            os.close(source)  # the program has its own copies
            os.close(write)
            source = read
        self.stdout = os.fdopen(source, "rb")

    def close(self) -> None:
        """End all programs."""
        for program in self._programs:
            if program.poll() is None:
                program.kill()
            program.wait()
        for stream in (self.stdin, self.stdout):
            if not stream.closed:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        self._complaints.close()

    def read(self) -> bytes:
        """What the last program has said by now; waits for something, empty at its end."""
        return os.read(self.stdout.fileno(), _PIPE_BYTES)

    def check(self) -> None:
        """Wait for the end of all programs. Raises EngineFailed if one did not end well."""
        for program in self._programs:
            try:
                program.wait(_LEAVE_SECONDS)
            except subprocess.TimeoutExpired:
                raise self.failed("a program of the engine does not end") from None
        bad = [program for program in self._programs if program.returncode]
        if bad:
            raise self.failed(f"exit status {bad[0].returncode}")

    def failed(self, reason: str) -> EngineFailed:
        """An exception with what the programs complained of."""
        self._complaints.seek(0, os.SEEK_END)
        self._complaints.seek(max(0, self._complaints.tell() - _MOST_COMPLAINT))
        text = self._complaints.read().decode("utf-8", "replace").strip()
        return EngineFailed(f"{reason}: {text}")
