"""The C library's allocator: what it keeps of memory that is free."""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8


def bound_arenas(most: int = 2) -> bool:
    """Let all threads share so many arenas; whether the C library knows of such (glibc does).

    Else each of many threads gets one, and what DuckDB freed in one is of no use to the next:
    twenty people who filter a table took 110 MB more.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(mallopt and mallopt(_M_ARENA_MAX, most))
