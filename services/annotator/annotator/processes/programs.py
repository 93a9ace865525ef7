"""Starts the programs of a pipeline: bcftools as a copy of this process, others by their command.

A copy has pysam and its libraries in memory already: a new interpreter for each of six stages took
a quarter of a second of CPU time, and more memory.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Protocol

from annotator.processes import stage, stages

_ENVIRONMENT = {"LC_ALL": "C"}
_FORK = get_context("fork")


class Program(Protocol):
    """A program that runs; as much of ``subprocess.Popen`` as a pipeline needs."""

    @property
    def returncode(self) -> int | None:
        """Its exit status; None before its end, negative after a signal."""

    def poll(self) -> int | None:
        """See whether it has ended: its exit status."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired."""

    def kill(self) -> None:
        """End it at once."""


@dataclass(frozen=True, slots=True)
class Streams:
    """File descriptors that a program reads, writes and complains to, and where it runs."""

    stdin: int
    stdout: int
    stderr: int
    folder: Path


def start(command: Sequence[str], streams: Streams) -> Program:
    """Start one; it has copies of the streams."""
    words = stages.words(command)
    if words:
        process = _FORK.Process(target=_run, args=(words, streams))
        process.start()
        return _Copy(process)
    return subprocess.Popen(
        command,
        stdin=streams.stdin,
        stdout=streams.stdout,
        stderr=streams.stderr,
        cwd=streams.folder,
        env={**os.environ, **_ENVIRONMENT},
    )


def _run(words: Sequence[str], streams: Streams) -> None:
    for stream, number in ((streams.stdin, 0), (streams.stdout, 1), (streams.stderr, 2)):
        os.dup2(stream, number)
    # Also the other ends of the pipes, so that each ends when its writer does.
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.chdir(streams.folder)
    os.environ.update(_ENVIRONMENT)
    stage.run(words)


class _Copy:
    """A forked process."""

    def __init__(self, process: ForkProcess) -> None:
        self._process = process

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()
