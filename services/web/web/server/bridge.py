"""The ASGI application that serves the WSGI one.

The event loop reads requests and writes answers, so a slow client costs a connection and no thread.
Threads run the application only while it works: from a whole request to the first 2 MiB of the
answer, and then for one part of a download at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from web.exchange import ADMITTED, ADMITTING, CALLER, DEPARTURE, MAX_BODY_BYTES, REFUSAL, Departure
from web.live.hub import Hub
from web.live.watch import WATCH, Watch
from web.problems import Problem, busy, too_large, too_slow
from web.server.answer import Answer, answer_to
from web.server.compression import compress
from web.server.environ import Environ, Scope, environ_of, has_body
from web.server.lanes import Lane, LaneFull, Lanes
from web.server.limits import Limits
from web.server.sending import Receive, Send, send_frames, send_refusal, send_stream, send_whole

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

logger = structlog.get_logger()


class _ClientGone(Exception):
    """Nobody waits for the answer any more."""


class _Refused(Exception):
    """The body is not read; the answer says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class _Exchange:
    """One request: its scope, and the context that all its threads share.

    ``admission`` is the environment in which the application was asked to admit the body.
    """

    scope: Scope
    lane: Lane
    context: Context
    admission: Environ = field(default_factory=dict)


class Bridge:
    """Serves ``app`` within the limits; one for each server. ``hub`` has the pages that follow."""

    def __init__(
        self, app: WSGIApplication, limits: Limits, lanes: Lanes, hub: Hub | None = None
    ) -> None:
        self._app = app
        self._hub = hub
        self._limits = limits
        self._lanes = lanes
        self._streams = asyncio.Semaphore(limits.streams)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        exchange = _Exchange(scope, self._lanes.of(scope["path"]), copy_context())
        try:
            with contextlib.suppress(_ClientGone):
                await self._serve(exchange, receive, send)
        except asyncio.CancelledError:
            logger.warning("cut off by the stop", path=scope["path"])

    async def _serve(self, exchange: _Exchange, receive: Receive, send: Send) -> None:
        try:
            body = await self._body(exchange, receive)
        except _Refused as refused:
            await send_refusal(refused.answer, receive, send)
            return
        departure = Departure()
        asked = exchange.admission
        watch = asyncio.create_task(_watch(receive, departure))
        try:
            environ = {**environ_of(exchange.scope, body), DEPARTURE: departure}
            environ |= {CALLER: asked[CALLER]} if CALLER in asked else {}
            answer = await self._answer(exchange, environ)
            if WATCH in environ:
                await self._follow(environ, answer, send, departure)
            else:
                await self._send(exchange, answer, send, departure)
        finally:
            watch.cancel()

    async def _body(self, exchange: _Exchange, receive: Receive) -> bytes:
        """The body, read after the application has admitted the request. Raises _Refused."""
        if not has_body(exchange.scope):
            await receive()
            return b""
        environ = exchange.admission
        environ |= {**environ_of(exchange.scope), ADMITTING: True}
        answer = await self._answer(exchange, environ)
        if ADMITTED not in environ:
            raise _Refused(answer)
        try:
            async with asyncio.timeout(self._limits.body):
                return await _read(receive)
        except TimeoutError:
            raise _Refused(self._refuse(environ, too_slow())) from None
        except OverflowError:
            raise _Refused(self._refuse(environ, too_large())) from None

    async def _answer(self, exchange: _Exchange, environ: Environ) -> Answer:
        size, seconds = self._limits.buffer_bytes, self._limits.fill

        def work() -> Answer:
            if DEPARTURE in environ and environ[DEPARTURE].has_happened:
                raise _ClientGone  # while it waited for this thread
            answer = answer_to(self._app, environ, size, seconds)
            compress(answer, environ)
            return answer

        try:
            return await exchange.lane.run(exchange.context, work)
        except LaneFull:
            logger.warning("no thread is free", lane=exchange.lane.name)
            return self._refuse(environ, busy())

    def _refuse(self, environ: Environ, problem: Problem) -> Answer:
        """The problem as the application writes it; done at once, in no thread."""
        return answer_to(self._app, {**environ, REFUSAL: problem}, self._limits.buffer_bytes, 1)

    async def _send(
        self, exchange: _Exchange, answer: Answer, send: Send, departure: Departure
    ) -> None:
        if answer.rest is None:
            await send_whole(answer, send)
            return
        try:
            if not answer.is_generated:  # nothing works for a file, so it needs no place
                await self._stream(exchange, answer, send, departure)
            elif self._streams.locked():
                logger.warning("too many downloads", path=exchange.scope["path"])
                await send_whole(self._refuse(environ_of(exchange.scope), busy()), send)
            else:
                async with self._streams:
                    await self._stream(exchange, answer, send, departure)
        finally:
            # Not in the lane: that may be full, and what the answer holds must be given back.
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, exchange.context.run, answer.close)

    async def _follow(
        self, environ: Environ, answer: Answer, send: Send, departure: Departure
    ) -> None:
        watch: Watch = environ[WATCH]
        if self._hub is None or not self._hub.open(watch):
            logger.warning("too many open pages", pages=self._hub.count if self._hub else 0)
            await send_whole(self._refuse(environ, busy()), send)
            return
        try:
            await send_frames(answer, watch, send, departure, self._limits)
        finally:
            self._hub.close(watch)

    async def _stream(
        self, exchange: _Exchange, answer: Answer, send: Send, departure: Departure
    ) -> None:
        lane, context = self._lanes.streams, exchange.context
        await send_stream(answer, send, departure, lambda work: lane.run(context, work))


async def _read(receive: Receive) -> bytes:
    """The whole body. Raises OverflowError if it is too large, _ClientGone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientGone
        body += message["body"]
        if len(body) > MAX_BODY_BYTES:
            raise OverflowError
        if not message["more_body"]:
            return bytes(body)


async def _watch(receive: Receive, departure: Departure) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    departure.happen()
