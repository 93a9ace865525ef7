"""One request for what several threads ask: just now (``Gathered``), or soon (``Deferred``).

SNS, SQS and DynamoDB take many items in one request. Nothing here knows which.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

from gas.aws.errors import AwsError

logger = structlog.get_logger()

Item = TypeVar("Item")


@dataclass(slots=True)
class _Waiting(Generic[Item]):
    item: Item
    woken: threading.Event = field(default_factory=threading.Event)
    is_done: bool = False
    error: BaseException | None = None


class Gathered(Generic[Item]):
    """Calls ``call`` with the items of all threads that submit at the same moment.

    ``call`` gets up to ``most`` items, and returns for each what went wrong, or None. While one
    call is under way items gather for the next one. A thread that is alone never waits; after a
    call with several items the next one waits ``linger_seconds`` for more of them.
    """

    def __init__(
        self,
        call: Callable[[Sequence[Item]], Sequence[BaseException | None]],
        *,
        most: int,
        linger_seconds: float,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._call = call
        self._most = most
        self._linger_seconds = linger_seconds
        self._sleep = sleep
        self._lock = threading.Lock()
        self._waiting: list[_Waiting[Item]] = []
        self._is_led = False
        self._are_many = False

    def submit(self, item: Item) -> None:
        """Returns once a call has done the item. Raises what went wrong with it."""
        own = _Waiting(item)
        with self._lock:
            self._waiting.append(own)
            leads = not self._is_led
            self._is_led = True
        if not leads:
            own.woken.wait()  # bounded by the time-outs of the call
        if not own.is_done:
            self._lead()
        if own.error:
            raise own.error

    def _lead(self) -> None:
        """Make one call, of which the thread's own item is the first, then let the next lead."""
        if self._are_many:
            self._sleep(self._linger_seconds)
        with self._lock:
            batch = self._waiting[: self._most]
            del self._waiting[: self._most]
        self._are_many = len(batch) > 1
        errors: Sequence[BaseException | None] = []
        try:
            errors = self._call([waiting.item for waiting in batch])
        except BaseException as fault:  # nobody may wait for a leader that has gone
            errors = [fault] * len(batch)
        with self._lock:
            follower = self._waiting[0] if self._waiting else None
            self._is_led = follower is not None
        for waiting, error in zip(batch, errors, strict=True):
            waiting.error, waiting.is_done = error, True
            waiting.woken.set()
        if follower:
            follower.woken.set()


class Deferred(Generic[Item]):
    """Calls ``call`` with what was added, ``most`` items at once or after ``seconds``.

    For what may be lost: when the process dies, or ``call`` raises an AwsError, it was not done.
    """

    def __init__(
        self, call: Callable[[Sequence[Item]], object], *, most: int, seconds: float
    ) -> None:
        self._call = call
        self._most = most
        self._seconds = seconds
        self._lock = threading.Lock()
        self._items: list[Item] = []
        self._timer: threading.Timer | None = None

    def add(self, item: Item) -> None:
        """Have the item done soon; the thread that fills a batch calls itself."""
        with self._lock:
            self._items.append(item)
            is_full = len(self._items) >= self._most
            if self._timer is None and not is_full:
                self._timer = threading.Timer(self._seconds, self.flush)
                self._timer.daemon = True
                self._timer.start()
        if is_full:
            self.flush()

    def flush(self) -> None:
        """Do now what was added until now."""
        with self._lock:
            items, self._items = self._items, []
            if self._timer:
                self._timer.cancel()
            self._timer = None
        for begin in range(0, len(items), self._most):
            try:
                self._call(items[begin : begin + self._most])
            except AwsError as error:
                logger.warning("not done, as it may be", count=len(items), error=str(error))
