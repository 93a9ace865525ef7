"""Threads of the server share the allocator's arenas."""

from __future__ import annotations

import platform
import re
import subprocess
import sys

import pytest

ARENAS = """
import ctypes, sys, threading
from web.allocator import bound_arenas
if sys.argv[1] == "bound":
    assert bound_arenas(2)
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
started = threading.Barrier(12)

def allocate():
    started.wait()
    libc.malloc(ctypes.c_size_t(60_000))
    started.wait()

threads = [threading.Thread(target=allocate) for _ in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.malloc_stats()
"""


def arenas(how: str) -> int:
    """How many arenas twelve threads of a new process have used."""
    command = [sys.executable, "-c", ARENAS, how]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return len(re.findall(r"^Arena \d+", done.stderr, re.MULTILINE))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_threads_share_arenas() -> None:
    assert arenas("bound") <= 2 < arenas("unbound")
