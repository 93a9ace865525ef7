"""Faults at one AWS call, injected by hooks of botocore; calls are counted over all processes.

The counters are in memory that forked processes share, so that they outlive a process that dies.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import botocore.endpoint
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

DIED = 86


class Fault(Enum):
    """What happens at the planned call."""

    DIES_BEFORE = "the process dies just before the call"
    DIES_AFTER = "the process dies just after the call"
    ANSWER_LOST = "the effect happens, the caller gets a connection error"
    SENT_TWICE = "the effect happens, the answer is lost, and the SDK sends the call again"


class NotForked(BaseException):
    """The planned call came in the test's own process, which may not die: it came too early."""


class Counters:
    """Numbers in shared memory: three 64-bit integers."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 24)
        self.clear()

    def clear(self) -> None:
        """Set all to 0."""
        self._memory[:24] = struct.pack("qqq", 0, 0, 0)

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return int(struct.unpack_from("q", self._memory, 0)[0])

    def count(self) -> int:
        """Count one more call; returns its number, 1-based."""
        number = self.calls + 1
        struct.pack_into("q", self._memory, 0, number)
        return number

    @property
    def is_injected(self) -> bool:
        """True once the fault was injected."""
        return bool(struct.unpack_from("q", self._memory, 8)[0])

    @property
    def is_injected_at_mail(self) -> bool:
        """True if the fault fell between sending a mail and recording that it was sent."""
        return bool(struct.unpack_from("q", self._memory, 16)[0])

    def record_fault(self, *, at_mail: bool) -> None:
        """Record that the fault happens now."""
        struct.pack_into("qq", self._memory, 8, 1, at_mail)


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Which call fails, 1-based (0: none), and how.

    Until ``forked_from`` calls were made no process is forked, as none of them is to die.
    """

    call: int = 0
    fault: Fault = Fault.DIES_BEFORE
    forked_from: int = 0


class FaultInjector:
    """Counts calls while it is active, and injects the fault at the planned one.

    ``before_call`` is an operation and what runs once, just before its first call.
    """

    def __init__(self) -> None:
        self.counters = Counters()
        self.plan = FaultPlan()
        self.is_active = False
        self.is_early = False
        self.process_starts: list[int] = []  # the calls made before each process of this story
        self.before_call: tuple[str, Callable[[], None]] | None = None
        self._thread = threading.local()
        self._lock = threading.Lock()
        self._last = ""
        self._parent = os.getpid()

    @property
    def may_kill(self) -> bool:
        """True if the next process may be the one that is to die at the planned call."""
        is_fatal = self.plan.fault in {Fault.DIES_BEFORE, Fault.DIES_AFTER}
        is_near = self.counters.calls >= self.plan.forked_from
        return bool(self.plan.call) and is_fatal and is_near and not self.counters.is_injected

    @contextlib.contextmanager
    def watching(self, active: bool) -> Iterator[None]:
        """Count calls and inject faults meanwhile, if ``active``, as in a new process."""
        if active and not self.is_active:  # a nested run is not a process of its own
            self.process_starts.append(self.counters.calls)
        before = self._last, self.is_active
        self._last, self.is_active = "", active
        self._thread.is_chosen = False
        try:
            yield
        finally:
            self._last, self.is_active = before

    def hook_into(self, events: Any) -> None:
        """Hook into every client that is made from now on with those events."""
        events.register("before-send", self._before)
        events.register("response-received", self._after)

    def _before(self, event_name: str, request: Any, **_: Any) -> None:
        if not self.is_active:
            return
        operation = event_name.rsplit(".", 1)[-1]
        if self.before_call and self.before_call[0] == operation:
            act = self.before_call[1]
            self.before_call = None
            act()
        before, self._last = self._last, operation
        with self._lock:
            number = self.counters.count()
        is_chosen = number == self.plan.call and not self.counters.is_injected
        self._thread.is_chosen = is_chosen
        if not is_chosen:
            return
        self.counters.record_fault(at_mail="SendRawEmail" in {operation, before})
        if self.plan.fault is Fault.DIES_BEFORE:
            self._die()
        if self.plan.fault is Fault.SENT_TWICE:
            URLLib3Session(timeout=20).send(request)
            raise ConnectionClosedError(endpoint_url=request.url)

    def _after(self, **_: Any) -> None:
        if not self.is_active or not getattr(self._thread, "is_chosen", False):
            return
        self._thread.is_chosen = False
        if self.plan.fault is Fault.DIES_AFTER:
            self._die()
        if self.plan.fault is Fault.ANSWER_LOST:
            raise ConnectionClosedError(endpoint_url="the answer was lost")

    def _die(self) -> None:
        if os.getpid() == self._parent:
            self.is_early = True  # an exception in a thread of the pool could be lost
            raise NotForked
        os._exit(DIED)


class NoSleep:
    """Replaces the module ``time`` where the SDK pauses between two tries."""

    def sleep(self, seconds: float) -> None:
        """Return at once."""


def never_pause() -> None:
    """Let the SDK try again without a pause; only for the processes of these tests."""
    botocore.endpoint.time = NoSleep()  # type: ignore[attr-defined]
