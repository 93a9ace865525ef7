"""uvicorn's connection with the time-outs that it lacks."""

from __future__ import annotations

import asyncio
from typing import cast

from uvicorn.protocols.http.h11_impl import H11Protocol

from web.server.limits import Limits


class TimedProtocol(H11Protocol):
    """Cuts a client that sends no whole header in time, or leaves an answer unread."""

    limits = Limits()
    _header_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        # No byte may wait in our buffer unnoticed: `pause_writing` is then called for the first.
        transport.set_write_buffer_limits(high=0)
        super().connection_made(transport)
        self._expect_header()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._expect_header()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_header_timer()
        self._stop_stall_timer()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._stall_timer is None:
            self._stall_timer = self.loop.call_later(self.limits.stall, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop_stall_timer()
        super().resume_writing()

    def _expect_header(self) -> None:
        """Start the timer with the first byte of a header, and stop it after the last one."""
        is_busy = self.cycle is not None and not self.cycle.response_complete
        if is_busy or self.timeout_keep_alive_task is not None:
            self._stop_header_timer()
        elif self._header_timer is None:
            self._header_timer = self.loop.call_later(self.limits.header, self.transport.abort)

    def _stop_header_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _stop_stall_timer(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None


def timed(limits: Limits) -> type[asyncio.Protocol]:
    """The class of connections with these limits."""
    made = type("LimitedProtocol", (TimedProtocol,), {"limits": limits})
    return cast("type[asyncio.Protocol]", made)
