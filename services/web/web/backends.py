"""How long and how many requests may wait for AWS and for the login provider.

Without a bound a back end that hangs would take every thread of the server, and with them the pages
that do not need it. A request that may not wait is answered at once, with 503.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.hooks import BaseEventHooks

from gas.aws.clients import Patience

_AWS_PLACES = 12  # half the threads for pages
_PROVIDER_PLACES = 4
# Healthy calls end within some ms, so a place is soon free, unless all of them hang.
_WAIT_SECONDS = 0.25
_HANGING_SECONDS = 1.0


def patience(seconds: float) -> Patience:
    """A person is waiting, so a call of the web server gives up earlier than one of a worker."""
    return Patience(connect_seconds=1, read_seconds=seconds, attempts=2)


class BackendBusy(BotoCoreError):
    """Too many requests wait for this back end, or this one has waited for too long."""

    fmt = "not called: {reason}"


class Bulkhead:
    """At most ``places`` threads at once; others wait a moment, and are refused while all hang."""

    def __init__(self, places: int) -> None:
        self._free = threading.Semaphore(places)
        self._last_entered = 0.0

    def enter(self) -> None:
        """Take a place. Raises BackendBusy if there is none."""
        if not self._free.acquire(blocking=False):
            hanging = time.monotonic() - self._last_entered > _HANGING_SECONDS
            if hanging or not self._free.acquire(timeout=_WAIT_SECONDS):
                raise BackendBusy(reason="too many requests are waiting for it")
        self._last_entered = time.monotonic()

    def leave(self) -> None:
        """Give the place back."""
        self._free.release()

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for the block. Raises BackendBusy."""
        self.enter()
        try:
            yield
        finally:
            self.leave()


@dataclass(slots=True)
class _Budget:
    spent_seconds: float = 0.0


_budget: ContextVar[_Budget | None] = ContextVar("budget", default=None)


def begin_request() -> None:
    """Begin to count how long this request waits for AWS."""
    _budget.set(_Budget())


class AwsBulkhead:
    """Lets a bounded number of threads wait for AWS, each request for a bounded time.

    Botocore calls both hooks around every attempt, in the thread that makes it. Threads that serve
    no request have no budget, but need a place as well. A request that has waited for
    ``budget_seconds`` in all its calls begins no further one.
    """

    def __init__(self, budget_seconds: float, places: int = _AWS_PLACES) -> None:
        self._budget_seconds = budget_seconds
        self._bulkhead = Bulkhead(places)
        self._held = threading.local()

    def register(self, events: BaseEventHooks) -> None:
        """Guard all clients that are made from these hooks from now on."""
        events.register("before-send.*.*", self.before_attempt)
        events.register("response-received.*.*", self.after_attempt)
        # The only one of the two if the answer breaks off after its header.
        events.register("after-call-error.*.*", self.after_attempt)

    def before_attempt(self, **_: Any) -> None:
        """Take a place. Raises BackendBusy."""
        budget = _budget.get()
        if budget and budget.spent_seconds > self._budget_seconds:
            raise BackendBusy(reason="this request has waited for too long")
        if self._since is None:
            self._bulkhead.enter()
        self._held.since = time.monotonic()

    def after_attempt(self, **_: Any) -> None:
        """Give the place back, and count the time."""
        since = self._since
        if since is None:
            return
        self._held.since = None
        self._bulkhead.leave()
        if budget := _budget.get():
            budget.spent_seconds += time.monotonic() - since

    @property
    def _since(self) -> float | None:
        """When this thread's attempt began; None if it makes none."""
        since: float | None = getattr(self._held, "since", None)
        return since


provider_bulkhead = Bulkhead(_PROVIDER_PLACES)
"""Of the requests that wait for the login provider."""
