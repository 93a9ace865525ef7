"""Keeps what native code writes to standard error out of ours, and bounded."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

MOST_BYTES = 16_384
"""Of one call's output that is kept for a diagnosis."""


class Captured:
    """What was written: the begin of it, and how many lines there were."""

    def __init__(self) -> None:
        self.begin = ""
        self.lines = 0


@contextmanager
def captured_stderr() -> Iterator[Captured]:
    """Send the process's standard error to a file that is gone with the block.

    A file and not a pipe: native code may write while it holds the interpreter's lock, and a pipe
    that nobody reads would fill and stop it for ever. Not for use by two threads at a time.
    """
    found = Captured()
    sys.stderr.flush()
    ours = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield found
        finally:
            os.dup2(ours, 2)
            os.close(ours)
            file.seek(0)
            found.begin = file.read(MOST_BYTES).decode("utf-8", "replace")
            file.seek(0)
            found.lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 16), b""))
