"""Whether this process may fork a copy that goes on to use polars or mehari.

Both keep pools of threads from their first use on. A copy has the pools' memory and not their
threads, so its first use waits for ever: better to fail at once.
"""

from __future__ import annotations

from pathlib import Path

_POOLS = ("polars-", "rayon", "tokio", "async-executor")
_HARMLESS = "polars-ooc"  # begun by the import, and nothing waits for it


class NotForkable(Exception):
    """The process has threads that a copy of it would wait for for ever."""


def must_be_forkable() -> None:
    """Raises NotForkable; only Linux can tell."""
    tasks = Path("/proc/self/task")
    if not tasks.exists():
        return
    for task in tasks.iterdir():
        name = (task / "comm").read_text("utf-8").strip()
        if name.startswith(_POOLS) and not name.startswith(_HARMLESS):
            raise NotForkable(f"a process that must fork has begun threads of a pool ({name})")
