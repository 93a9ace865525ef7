"""What befalls one AWS call of a process, by hooks of botocore; counted over all its processes.

The counters lie in memory that forked processes share, so a service that dies does not take them.
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
    """What happens at the chosen call."""

    DIES_BEFORE = "the process dies just before the call"
    DIES_AFTER = "the process dies just after the call"
    ANSWER_LOST = "the effect happens, the caller gets a connection error"
    SENT_TWICE = "the effect happens, the answer is lost, and the SDK sends the call again"


class NotForked(BaseException):
    """The planned call came in a process that may not die: it was expected later."""


class Counters:
    """Numbers that outlive the process that counts them."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 24)
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self._memory[:24] = struct.pack("qqq", 0, 0, 0)

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return int(struct.unpack_from("q", self._memory, 0)[0])

    def count(self) -> int:
        """One more call; gives its number, from 1."""
        number = self.calls + 1
        struct.pack_into("q", self._memory, 0, number)
        return number

    @property
    def has_struck(self) -> bool:
        """True once the fault has happened."""
        return bool(struct.unpack_from("q", self._memory, 8)[0])

    @property
    def has_struck_mail(self) -> bool:
        """True if the fault fell between sending a mail and recording that it was sent."""
        return bool(struct.unpack_from("q", self._memory, 16)[0])

    def strike(self, *, at_a_mail: bool) -> None:
        """The fault happens now."""
        struct.pack_into("qq", self._memory, 8, 1, at_a_mail)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which call is struck, counted from 1 (0: none), and how.

    Before ``forked_from`` calls were made no process is forked, as none of them is to die.
    """

    call: int = 0
    fault: Fault = Fault.DIES_BEFORE
    forked_from: int = 0


class Saboteur:
    """Counts calls while it is awake, and strikes the planned one.

    ``interlude`` runs once, just before the first call of the named operation.
    """

    def __init__(self) -> None:
        self.counters = Counters()
        self.plan = Plan()
        self.is_awake = False
        self.is_early = False
        self.begins: list[int] = []  # the calls made before each process of this story
        self.interlude: tuple[str, Callable[[], None]] | None = None
        self._here = threading.local()
        self._lock = threading.Lock()
        self._last = ""
        self._home = os.getpid()

    @property
    def may_kill(self) -> bool:
        """True if the next process may be the one that is to die at the planned call."""
        is_fatal = self.plan.fault in {Fault.DIES_BEFORE, Fault.DIES_AFTER}
        is_near = self.counters.calls >= self.plan.forked_from
        return bool(self.plan.call) and is_fatal and is_near and not self.counters.has_struck

    @contextlib.contextmanager
    def watching(self, awake: bool) -> Iterator[None]:
        """Count and strike meanwhile, if ``awake``, as in a process that has just begun."""
        if awake and not self.is_awake:  # not one within another
            self.begins.append(self.counters.calls)
        before = self._last, self.is_awake
        self._last, self.is_awake = "", awake
        self._here.is_chosen = False
        try:
            yield
        finally:
            self._last, self.is_awake = before

    def hook_into(self, events: Any) -> None:
        """Watch every client that is made from now on with those events."""
        events.register("before-send", self._before)
        events.register("response-received", self._after)

    def _before(self, event_name: str, request: Any, **_: Any) -> None:
        if not self.is_awake:
            return
        operation = event_name.rsplit(".", 1)[-1]
        if self.interlude and self.interlude[0] == operation:
            _, act = self.interlude
            self.interlude = None
            act()
        before, self._last = self._last, operation
        with self._lock:
            number = self.counters.count()
        is_chosen = number == self.plan.call and not self.counters.has_struck
        self._here.is_chosen = is_chosen
        if not is_chosen:
            return
        self.counters.strike(at_a_mail="SendRawEmail" in {operation, before})
        if self.plan.fault is Fault.DIES_BEFORE:
            self._die()
        if self.plan.fault is Fault.SENT_TWICE:
            URLLib3Session(timeout=20).send(request)
            raise ConnectionClosedError(endpoint_url=request.url)

    def _after(self, **_: Any) -> None:
        if not self.is_awake or not getattr(self._here, "is_chosen", False):
            return
        self._here.is_chosen = False
        if self.plan.fault is Fault.DIES_AFTER:
            self._die()
        if self.plan.fault is Fault.ANSWER_LOST:
            raise ConnectionClosedError(endpoint_url="the answer was lost")

    def _die(self) -> None:
        if os.getpid() == self._home:
            self.is_early = True  # a thread's exception may be seen by nobody
            raise NotForked
        os._exit(DIED)


class NoWaiting:
    """Stands in for the module ``time`` where the SDK pauses between two tries."""

    def sleep(self, seconds: float) -> None:
        """Do not."""


def never_pause() -> None:
    """Let the SDK try again at once; for processes of this test alone."""
    botocore.endpoint.time = NoWaiting()  # type: ignore[attr-defined]
