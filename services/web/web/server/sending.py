"""Sends answers: whole ones, downloads part by part, and refusals of a body that is still coming.

Each ``send`` waits until the client has taken what was sent before; ``protocol`` cuts one that does
not, and then ``send`` returns.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from web.exchange import Departure
from web.live.watch import Watch
from web.server.answer import Answer, next_part, pieces
from web.server.limits import Limits

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
InThread = Callable[[Callable[[], bytes | None]], Awaitable[bytes | None]]

_CLOSE = (b"connection", b"close")
# A client that still sends would miss the answer if we closed at once: TCP then resets.
_LINGER_SECONDS = 2.0


async def send_whole(answer: Answer, send: Send) -> None:
    """Send an answer that is complete."""
    await _start(answer, send)
    for part in answer.parts:
        await _part(part, send)
    await _end(send)


async def send_stream(
    answer: Answer, send: Send, departure: Departure, in_thread: InThread
) -> None:
    """Send what is made of an answer, then make and send its further parts, one at a time.

    It ends as soon as the client is gone.
    """
    rest = answer.rest or iter(())
    await _start(answer, send)
    made, answer.parts = answer.parts, []
    for part in made:
        await _part(part, send)
    while not departure.has_happened:
        following = await in_thread(lambda: next_part(rest))
        if following is None:
            await _end(send)
            return
        await _part(following, send)


async def send_frames(
    answer: Answer, watch: Watch, send: Send, departure: Departure, limits: Limits
) -> None:
    """Send the frames of an open page as they come, until it is gone or its time is over."""
    answer.headers = [pair for pair in answer.headers if pair[0] != b"content-length"]
    answer.headers.append((b"x-accel-buffering", b"no"))
    await _start(answer, send)
    for part in answer.parts:
        await _part(part, send)
    loop = asyncio.get_running_loop()
    end = time.monotonic() + limits.follow

    def leave() -> None:
        loop.call_soon_threadsafe(watch.end)

    with departure.stops(leave):
        while not departure.has_happened and time.monotonic() < end:
            frame = await watch.next_frame(limits.quiet)
            if frame is None:
                break
            await send({"type": "http.response.body", "body": frame, "more_body": True})
    await _end(send)


async def send_refusal(answer: Answer, receive: Receive, send: Send) -> None:
    """Send an answer to a request whose body is not read, and close the connection."""
    answer.headers.append(_CLOSE)
    await _start(answer, send)
    for part in answer.parts:
        await _part(part, send)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            await _discard(receive)
    await _end(send)


async def _discard(receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect" or not message["more_body"]:
            return


async def _start(answer: Answer, send: Send) -> None:
    start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
    await send(start)


async def _part(part: bytes, send: Send) -> None:
    for piece in pieces(part):
        await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _end(send: Send) -> None:
    await send({"type": "http.response.body", "body": b"", "more_body": False})
