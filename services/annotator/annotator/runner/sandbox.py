"""Shuts a process in: no network, no new privileges, bounded numbers of processes and files.

Uses the standard library only, and must run before any other module that starts threads: the
kernel moves only a process of one thread to another network. What a kernel does not grant is
reported, never an error: containers commonly refuse namespaces.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from annotator.runner import syscall_filter

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_CAPABILITY_VERSION_3 = 0x20080522
_MOST_CAPABILITIES = 64
_MORE_PROCESSES = 512
"""Processes and threads that may come to those that the user has already."""
_MOST_FILES = 512
_NAMESPACE, _FILTER = "network namespace", "no internet sockets"

# What a child may know of our environment. Nothing of AWS is in it, nor any setting of ours.
_ALLOWED = frozenset(
    {
        *("PATH", "PYTHONPATH", "PYTHONHASHSEED", "PYTHONWARNINGS", "VIRTUAL_ENV"),
        *("LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "JAVA_HOME"),
    }
)


# Parts and servers are processes of their own, one for each core: threads of OpenBLAS and polars
# would only take turns. polars' allocator keeps memory that is free for ten seconds, pieces over
# 8 MiB too: to give it back after 0.2 s saves 30 MB of all processes of a large job, and costs 6 %
# of the CPU time.
# glibc's would ask the kernel for every column anew, and clear its pages. Arrow keeps its own: on
# glibc's, bytes of a Parquet file that nobody reads hold what was in memory before.
_KEPT_BYTES = 64 << 20
_LIBRARIES = {
    "MALLOC_MMAP_THRESHOLD_": str(_KEPT_BYTES // 2),
    "MALLOC_TRIM_THRESHOLD_": str(_KEPT_BYTES),
    "OPENBLAS_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:10000,muzzy_decay_ms:0,oversize_threshold:0",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """One measure: whether the kernel granted it, and if not, why."""

    measure: str
    is_granted: bool
    why: str = ""


def environment(folder: Path, of: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a child that works in ``folder``; ``of`` is ours if None."""
    given = os.environ if of is None else of
    kept = {name: value for name, value in given.items() if name in _ALLOWED}
    return kept | _LIBRARIES | {"HOME": str(folder), "TMPDIR": str(folder)}


def enter() -> list[Grant]:
    """Shut this process in; every measure that was tried, in order."""
    measures: tuple[tuple[str, Callable[[], None]], ...] = (
        (_NAMESPACE, _leave_network),
        ("no new privileges", _no_new_privileges),
        ("no capabilities", _drop_capabilities),
        (_FILTER, syscall_filter.forbid_internet_sockets),
        ("limit of processes", _limit_processes),
        ("limit of open files", _limit_files),
    )
    return [_tried(measure, take) for measure, take in measures]


def probe(folder: Path) -> list[Grant]:
    """What a child of this process is granted, found by trying it in one. Raises OSError."""
    found = subprocess.run(
        [sys.executable, "-P", "-m", "annotator.runner.sandbox"],
        env=environment(folder),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    try:
        return [Grant(**grant) for grant in json.loads(found.stdout)]
    except (ValueError, TypeError):
        text = found.stderr.decode("utf-8", "replace").strip()[-200:]
        raise OSError(f"the trial ended with status {found.returncode}: {text}") from None


def is_off_network(grants: Iterable[Grant]) -> bool:
    """Whether one of the measures granted keeps the process from the network: either suffices."""
    return any(grant.is_granted for grant in grants if grant.measure in {_NAMESPACE, _FILTER})


def hide_from_children() -> None:
    """Keep children of the same user from reading our environment and memory under /proc."""
    with contextlib.suppress(OSError, AttributeError):
        _prctl(_PR_SET_DUMPABLE, 0)


def end_with_parent() -> None:
    """Have the kernel end this process when the one that started it ends, where it can."""
    with contextlib.suppress(OSError, AttributeError):
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _tried(measure: str, take: Callable[[], None]) -> Grant:
    if sys.platform != "linux":
        return Grant(measure, is_granted=False, why="only on Linux")
    try:
        take()
    except (OSError, ValueError, AttributeError) as error:
        return Grant(measure, is_granted=False, why=str(error))
    return Grant(measure, is_granted=True)


def _leave_network() -> None:
    user, group = os.getuid(), os.getgid()
    _checked(_libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNET))
    # Without these maps the kernel would create no file for us: it could not say whose it is.
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _no_new_privileges() -> None:
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _drop_capabilities() -> None:
    """Also those that came with the namespace."""
    for number in range(_MOST_CAPABILITIES):
        # A process without capabilities has no right to drop them, and no need.
        with contextlib.suppress(OSError):
            _prctl(_PR_CAPBSET_DROP, number)
    head = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    none = (ctypes.c_uint32 * 6)()
    _checked(_libc().capset(ctypes.byref(head), ctypes.byref(none)))


def _limit_processes() -> None:
    most = _tasks_of(os.getuid()) + _MORE_PROCESSES
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def _tasks_of(user: int) -> int:
    """How many processes and threads the user has: the kernel counts all of them."""
    count = 0
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and process.stat().st_uid == user:
                count += sum(1 for _ in (process / "task").iterdir())
    return count


def _limit_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(_MOST_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _prctl(option: int, value: int) -> None:
    _checked(_libc().prctl(option, *(ctypes.c_ulong(n) for n in (value, 0, 0, 0))))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(status: int) -> None:
    if status:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    print(json.dumps([asdict(grant) for grant in enter()]))
