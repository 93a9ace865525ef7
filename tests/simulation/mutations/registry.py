"""The registry of mutations: each replaces functions by wrong versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

Patches = list[tuple[Any, str, Any]]
MUTATIONS: dict[str, Callable[[], Patches]] = {}


def mutation(make: Callable[[], Patches]) -> Callable[[], Patches]:
    """Register a mutation under its function's name."""
    MUTATIONS[make.__name__.replace("_", " ")] = make
    return make


@contextmanager
def applied(name: str) -> Iterator[None]:
    """Run with that mutation in place."""
    with ExitStack() as stack:
        for target, attribute, replacement in MUTATIONS[name]():
            stack.enter_context(patch.object(target, attribute, replacement))
        yield
