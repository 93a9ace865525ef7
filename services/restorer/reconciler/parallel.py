"""Calls in several threads, for the sweeps over all files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Protocol, TypeVar

_THREADS = 16
_PAGE = 256  # what is held in memory at once
Given = TypeVar("Given")
Result = TypeVar("Result")


class InParallel(Protocol):
    """Calls a function with each item; the results are in the order of the items."""

    def __call__(
        self, call: Callable[[Given], Result], items: Iterable[Given]
    ) -> Iterator[Result]: ...


def one_after_another(call: Callable[[Given], Result], items: Iterable[Given]) -> Iterator[Result]:
    """No parallelism: for tests that must replay exactly."""
    return map(call, items)


def in_threads(call: Callable[[Given], Result], items: Iterable[Given]) -> Iterator[Result]:
    """Up to 16 calls at a time, page by page."""
    rest = iter(items)
    with ThreadPoolExecutor(_THREADS) as pool:
        while page := list(islice(rest, _PAGE)):
            yield from pool.map(call, page)
