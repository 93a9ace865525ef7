"""The processes that descend from the one that measures, and what they take."""

from __future__ import annotations

import contextlib
import os
import resource
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_USED = slice(11, 15)  # of what stands behind the name in stat: utime, stime, cutime, cstime


def descendants(pid: int) -> list[int]:
    """The ids of its children, whichever thread started them, and theirs."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, thread.read_text().split())
    return found + [grandchild for child in found for grandchild in descendants(child)]


def cpu_seconds() -> float:
    """What all descendants took of all cores so far, those that have ended too."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime + sum(map(_of_running, descendants(os.getpid())))


def is_running(pid: int, module: str) -> bool:
    """True if the process runs that module of Python."""
    with contextlib.suppress(OSError):
        return module.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return False


def _of_running(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[_USED])) / _TICKS
    return 0.0
